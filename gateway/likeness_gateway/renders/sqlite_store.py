"""The store of renders in SQLite."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from pydantic import TypeAdapter

from likeness_common.stages.speech import Recording
from likeness_gateway.database import Database
from likeness_gateway.model import RenderRecord
from likeness_gateway.renders.store import Cursor, RenderStore, RequestIdTaken

SCHEMA = """
CREATE TABLE IF NOT EXISTS renders (
    id TEXT PRIMARY KEY,
    request_id TEXT UNIQUE,
    ended INTEGER NOT NULL,
    create_time_us INTEGER NOT NULL,
    end_time_us INTEGER,
    byte_count INTEGER NOT NULL,
    trace_id TEXT NOT NULL,
    record TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS recordings (render_id TEXT PRIMARY KEY, file BLOB NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS renders_by_time ON renders (create_time_us DESC, id DESC);
"""

_RECORDS = TypeAdapter(RenderRecord)

_SELECT = "SELECT record, (SELECT file FROM recordings WHERE render_id = renders.id) FROM renders "
_SELECT_LIGHT = "SELECT record, NULL FROM renders "

_EXPIRED = """
SELECT id FROM (
    SELECT id, end_time_us,
        SUM(byte_count) OVER newest AS bytes,
        COUNT(*) OVER newest AS records
    FROM renders WHERE ended
    WINDOW newest AS (ORDER BY end_time_us DESC, id DESC ROWS UNBOUNDED PRECEDING)
) WHERE end_time_us < ? OR bytes > ? OR records > ?
"""


class SqliteRenderStore(RenderStore):
    """Records as JSON in one table, with what is searched for in columns beside it.

    Recordings lie in a table of their own, as the bytes they are, and only until their renders have ended: they are too
    large to be written again with every change of a record.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def insert(self, record: RenderRecord, replacing: str = "") -> None:
        """See RenderStore."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE renders SET request_id = NULL WHERE id = ?", (replacing,))
            try:
                connection.execute("INSERT INTO renders VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _row(record))
            except sqlite3.IntegrityError as error:
                raise RequestIdTaken from error
            if file := _recording(record):
                connection.execute("INSERT INTO recordings VALUES (?, ?)", (record.id, file))

        await self._database.run(work)

    async def update(self, record: RenderRecord) -> None:
        """See RenderStore."""
        render_id, _, *columns = _row(record)

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE renders SET ended = ?, create_time_us = ?, end_time_us = ?, byte_count = ?, trace_id = ?, "
                "record = ? WHERE id = ?",
                (*columns, render_id),
            )
            if not _recording(record):
                connection.execute("DELETE FROM recordings WHERE render_id = ?", (render_id,))

        await self._database.run(work)

    async def get(self, render_id: str) -> RenderRecord | None:
        """See RenderStore."""
        return await self._one(_SELECT + "WHERE id = ?", render_id)

    async def by_request_id(self, request_id: str) -> RenderRecord | None:
        """See RenderStore."""
        return await self._one(_SELECT + "WHERE request_id = ?", request_id)

    async def page(self, size: int, after: Cursor | None = None) -> Sequence[RenderRecord]:
        """See RenderStore."""
        place = (after.create_time_us, after.id) if after else (2**63 - 1, "~")
        return await self._all(
            _SELECT_LIGHT + "WHERE (create_time_us, id) < (?, ?) ORDER BY create_time_us DESC, id DESC LIMIT ?",
            *place,
            size,
        )

    async def unfinished(self) -> Sequence[RenderRecord]:
        """See RenderStore."""
        return await self._all(_SELECT + "WHERE NOT ended ORDER BY create_time_us, id")

    async def expired(self, ended_before_us: int, max_bytes: int, max_records: int) -> Sequence[str]:
        """See RenderStore."""
        rows = await self._rows(_EXPIRED, ended_before_us, max_bytes, max_records)
        return [str(render_id) for (render_id,) in rows]

    async def delete(self, render_ids: Sequence[str]) -> None:
        """See RenderStore."""
        rows = [(render_id,) for render_id in render_ids]

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany("DELETE FROM renders WHERE id = ?", rows)
            connection.executemany("DELETE FROM recordings WHERE render_id = ?", rows)

        await self._database.run(work)

    async def ids(self) -> frozenset[str]:
        """See RenderStore."""
        return frozenset(str(render_id) for (render_id,) in await self._rows("SELECT id FROM renders"))

    async def _rows(self, query: str, *values: object) -> Sequence[tuple[object, ...]]:
        return await self._database.run(lambda connection: connection.execute(query, values).fetchall())

    async def _all(self, query: str, *values: object) -> Sequence[RenderRecord]:
        return [_read(str(record), file) for record, file in await self._rows(query, *values)]

    async def _one(self, query: str, *values: object) -> RenderRecord | None:
        records = await self._all(query, *values)
        return records[0] if records else None


def _row(record: RenderRecord) -> tuple[object, ...]:
    """Columns of a record in the order of the table."""
    return (
        record.id,
        record.request_id or None,
        record.state.ended,
        record.create_time_us,
        record.end_time_us,
        record.byte_count,
        record.trace_id,
        _RECORDS.dump_json(_with_recording(record, b"")).decode(),
    )


def _read(text: str, file: object) -> RenderRecord:
    return _with_recording(_RECORDS.validate_json(text), file if isinstance(file, bytes) else b"")


def _recording(record: RenderRecord) -> bytes:
    """The recording that a render is yet to play, or nothing."""
    speech = record.spec.speech if record.spec else None
    return speech.file if isinstance(speech, Recording) else b""


def _with_recording(record: RenderRecord, file: bytes) -> RenderRecord:
    """The same record, its recording, if it has one, replaced."""
    if record.spec is None or not isinstance(record.spec.speech, Recording):
        return record
    return replace(record, spec=replace(record.spec, speech=Recording(file)))
