"""Analysed portraits by content hash, within a budget of bytes."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future

from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_common.errors import NotFound, Reason
from likeness_common.media import portrait_id

DEFAULT_BUDGET_BYTES = 256 * 1024 * 1024


class PortraitCache:
    """Keeps the most recently used portraits, from any thread. A photo that several ask for at once is analysed once.

    The newest portrait is kept even when it exceeds the budget alone. Sessions hold what they use, so a portrait that
    is dropped here stays alive for them.
    """

    def __init__(self, analyse: Callable[[bytes], AnalysedPortrait], budget_bytes: int = DEFAULT_BUDGET_BYTES) -> None:
        self._analyse = analyse
        self._budget = budget_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, AnalysedPortrait] = OrderedDict()
        self._running: dict[str, Future[AnalysedPortrait]] = {}

    def get(self, identifier: str) -> AnalysedPortrait:
        """The portrait with this content hash. Raises NotFound when it has to be uploaded first."""
        with self._lock:
            if identifier not in self._kept:
                raise NotFound(
                    Reason.PORTRAIT_NOT_FOUND,
                    f"The portrait {identifier[:80]!r} is not here. Upload the photo and use the id that comes back.",
                    field="portrait_id",
                )
            self._kept.move_to_end(identifier)
            return self._kept[identifier]

    def add(self, image: bytes) -> AnalysedPortrait:
        """The portrait of an image file, analysed unless it is here. Blocks; raises what the analysis raises."""
        identifier = portrait_id(image)
        with self._lock:
            if identifier in self._kept:
                self._kept.move_to_end(identifier)
                return self._kept[identifier]
            waiting = self._running.get(identifier)
            if waiting is None:
                mine = self._running[identifier] = Future()
        if waiting is not None:
            return waiting.result()
        return self._run(identifier, image, mine)

    def _run(self, identifier: str, image: bytes, future: Future[AnalysedPortrait]) -> AnalysedPortrait:
        try:
            portrait = self._analyse(image)
        except BaseException as error:
            with self._lock:
                del self._running[identifier]
            future.set_exception(error)
            raise
        with self._lock:
            del self._running[identifier]
            self._kept[identifier] = portrait
            self._drop_oldest()
        future.set_result(portrait)
        return portrait

    def _drop_oldest(self) -> None:
        held = sum(_size(portrait) for portrait in self._kept.values())
        while held > self._budget and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            held -= _size(oldest)


def _size(portrait: AnalysedPortrait) -> int:
    matte = portrait.matte.alpha.nbytes if portrait.matte else 0
    return portrait.image.nbytes + portrait.landmarks.nbytes + matte
