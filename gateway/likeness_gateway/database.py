"""The gateway's SQLite database."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from likeness_gateway.worker import Worker

T = TypeVar("T")

_VERSION = 1


class Database:
    """One connection on its own thread. Write-ahead logging keeps commits cheap; they survive a killed process."""

    def __init__(self, connection: sqlite3.Connection, worker: Worker) -> None:
        self._connection = connection
        self._worker = worker

    @classmethod
    async def open(cls, path: Path, *schemas: str) -> "Database":
        """Open or create the file at `path`; `schemas` are CREATE ... IF NOT EXISTS statements."""
        worker = Worker("database")
        try:
            connection = await worker.call(_connect, path, "".join(schemas))
        except BaseException:
            await worker.close()
            raise
        return cls(connection, worker)

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in one transaction on the database's thread."""
        return await self._worker.call(self._transact, work)

    def post(self, work: Callable[[sqlite3.Connection], object]) -> None:
        """Run `work` in one transaction soon; a failure is logged. May be called on any thread."""
        self._worker.post(self._transact, work)

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._connection:
            return work(self._connection)

    async def close(self) -> None:
        """Finish what was asked for and close the file."""
        await self._worker.call(self._connection.close)
        await self._worker.close()


def _connect(path: Path, schema: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA secure_delete = ON")  # scripts are forgotten when their renders have ended
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version not in (0, _VERSION):
        connection.close()
        raise RuntimeError(f"{path} has schema version {version}, this gateway knows {_VERSION}; use another data_dir")
    connection.executescript(schema)
    connection.execute(f"PRAGMA user_version = {_VERSION}")
    connection.commit()
    return connection
