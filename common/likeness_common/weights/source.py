"""Sources: how the files of a model reach this machine."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from likeness_common.weights.manifest import WeightFile


@dataclass(frozen=True, slots=True)
class Progress:
    """Bytes fetched so far, of all that will be fetched."""

    done: int
    total: int


ProgressCallback = Callable[[Progress], None]


class Source(ABC):
    """A place that weights come from."""

    @abstractmethod
    def fetch(
        self, files: Sequence[WeightFile], staging: Path, progress: ProgressCallback
    ) -> Generator[Sequence[WeightFile]]:
        """Leave each of `files` in the empty folder `staging` under its name.

        Yields those that have arrived, so that the store can verify them and put them in place before others come.
        Raises Unavailable when the network or the other side fails, FailedPrecondition when something is missing here.
        """
