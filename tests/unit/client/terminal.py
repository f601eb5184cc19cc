"""Runs `likeness` as a program, in a pipe or on a terminal."""

import asyncio
import contextlib
import os
import pty
import sys
from asyncio.subprocess import DEVNULL, PIPE
from dataclasses import dataclass
from pathlib import Path
from typing import Self

LIKENESS = str(Path(sys.executable).with_name("likeness"))
_LEFT_OUT = ("LIKENESS_", "COLUMNS", "FORCE_COLOR", "NO_COLOR", "TERM")


@dataclass(frozen=True)
class Result:
    """How a run ended and what it printed."""

    code: int
    stdout: bytes
    stderr: str


class Terminal:
    """The far end of a pseudo-terminal; reads until every writer has closed it."""

    def __init__(self) -> None:
        self._near, self.far = pty.openpty()
        self._text = bytearray()
        self._reading: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        self._reading = asyncio.create_task(asyncio.to_thread(self._read))
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            os.close(self.far)

    async def text(self) -> str:
        """Everything that was written, once the program has ended."""
        with contextlib.suppress(OSError):
            os.close(self.far)
        assert self._reading is not None
        await self._reading
        os.close(self._near)
        return self._text.decode()

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            while data := os.read(self._near, 65536):
                self._text.extend(data)


def environment(**extra: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_LEFT_OUT)}
    return {**kept, "TERM": "xterm", "COLUMNS": "100", **extra}


async def start(
    *arguments: str, stdin: int = DEVNULL, stdout: int = PIPE, stderr: int = PIPE, env: dict[str, str] | None = None
) -> asyncio.subprocess.Process:
    """Start with the environment variables of `env` besides the usual ones."""
    return await asyncio.create_subprocess_exec(
        LIKENESS,
        *arguments,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        env=environment(**env or {}),
        start_new_session=True,
    )


async def likeness(*arguments: str, stdin: bytes = b"", env: dict[str, str] | None = None) -> Result:
    """Run in pipes until the end."""
    process = await start(*arguments, stdin=PIPE, env=env)
    stdout, stderr = await process.communicate(stdin)
    assert process.returncode is not None
    return Result(process.returncode, stdout, stderr.decode())
