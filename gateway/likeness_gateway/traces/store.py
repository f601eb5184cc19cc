"""Spans in SQLite."""

import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from pydantic import TypeAdapter

from likeness_gateway.database import Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS spans (
    trace_id TEXT NOT NULL,
    span_id TEXT NOT NULL,
    start_ns INTEGER NOT NULL,
    span TEXT NOT NULL,
    PRIMARY KEY (trace_id, span_id)
) STRICT, WITHOUT ROWID;
"""

MAX_EXPECTED = 4096
"""Traces whose spans are taken; the oldest is given up first. Spans arrive within seconds of a render's end."""

MAX_SPANS_PER_TRACE = 1000


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An instant within a span."""

    name: str
    time_ns: int
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredSpan:
    """A span as it is kept. Ids are lower-case hexadecimal, times nanoseconds since 1970."""

    trace_id: str
    span_id: str
    parent_span_id: str
    name: str
    service: str
    start_ns: int
    end_ns: int
    failed: bool = False
    attributes: dict[str, str] = field(default_factory=dict)
    events: tuple[StoredEvent, ...] = ()


_SPANS = TypeAdapter(StoredSpan)


class TraceStore:
    """Keeps the spans of renders and of nothing else."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._expected: OrderedDict[str, None] = OrderedDict()

    def expect(self, trace_id: str) -> None:
        """Take spans of this trace from now on."""
        self._expected[trace_id] = None
        while len(self._expected) > MAX_EXPECTED:
            self._expected.popitem(last=False)

    def expects(self, trace_id: str) -> bool:
        """Whether spans of this trace are taken. May be called on any thread."""
        return trace_id in self._expected

    async def add(self, spans: Iterable[StoredSpan]) -> None:
        """Keep those spans that belong to a render; a span that is there already is replaced."""
        rows = self._rows(spans)
        if rows:
            await self._database.run(lambda connection: _insert(connection, rows))

    def post(self, take: Callable[[], Iterable[StoredSpan]]) -> None:
        """Keep the spans that `take` returns when its turn comes. May be called on any thread."""
        self._database.post(lambda connection: _insert(connection, self._rows(take())))

    async def read(self, trace_id: str) -> Sequence[StoredSpan]:
        """Spans of a trace, ordered by start."""

        def work(connection: sqlite3.Connection) -> list[tuple[str]]:
            query = "SELECT span FROM spans WHERE trace_id = ? ORDER BY start_ns, span_id"
            return connection.execute(query, (trace_id,)).fetchall()

        return [_SPANS.validate_json(span) for (span,) in await self._database.run(work)]

    async def forget_strays(self) -> None:
        """Remove the spans of traces that belong to no render any more."""
        statement = "DELETE FROM spans WHERE trace_id NOT IN (SELECT trace_id FROM renders)"
        await self._database.run(lambda connection: connection.execute(statement))

    def _rows(self, spans: Iterable[StoredSpan]) -> list[tuple[str, str, int, str]]:
        return [
            (span.trace_id, span.span_id, span.start_ns, _SPANS.dump_json(span).decode())
            for span in spans
            if self.expects(span.trace_id)
        ]


def _insert(connection: sqlite3.Connection, rows: Sequence[tuple[str, str, int, str]]) -> None:
    statement = (
        "INSERT OR REPLACE INTO spans SELECT ?1, ?2, ?3, ?4 WHERE (SELECT COUNT(*) FROM spans WHERE trace_id = ?1) < ?5"
    )
    connection.executemany(statement, [(*row, MAX_SPANS_PER_TRACE) for row in rows])
