"""What is remembered of renders: the interface of the store."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from likeness_gateway.model import RenderRecord


class RequestIdTaken(Exception):
    """Another render has this request id already."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the list of renders: just after the render created then, with that id."""

    create_time_us: int
    id: str


class RenderStore(ABC):
    """Records of renders, by id and by request id."""

    @abstractmethod
    async def insert(self, record: RenderRecord, replacing: str = "") -> None:
        """Add a record. The render `replacing` gives its request id up to it in the same step.

        Raises RequestIdTaken when another render than that one has the request id; of several that try at once, one
        succeeds.
        """

    @abstractmethod
    async def update(self, record: RenderRecord) -> None:
        """Replace the record with this id; does nothing when there is none."""

    @abstractmethod
    async def get(self, render_id: str) -> RenderRecord | None:
        """The record with this id."""

    @abstractmethod
    async def by_request_id(self, request_id: str) -> RenderRecord | None:
        """The render that has this request id."""

    @abstractmethod
    async def page(self, size: int, after: Cursor | None = None) -> Sequence[RenderRecord]:
        """At most `size` records after a place, the newest first, with their recordings left out."""

    @abstractmethod
    async def unfinished(self) -> Sequence[RenderRecord]:
        """Renders that are queued or running, the oldest first."""

    @abstractmethod
    async def expired(self, ended_before_us: int, max_bytes: int, max_records: int) -> Sequence[str]:
        """Ids of ended renders to forget: those that ended earlier, and the oldest beyond either limit."""

    @abstractmethod
    async def delete(self, render_ids: Sequence[str]) -> None:
        """Forget renders."""

    @abstractmethod
    async def ids(self) -> frozenset[str]:
        """Ids of all renders."""
