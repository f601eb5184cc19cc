"""One program that is kept running."""

import asyncio
import contextlib
import os
import signal
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

Tell = Callable[[str, str], None]
"""Takes the name of a program and one line about it or from it."""

TAIL_LINES = 20
_RELAY_END_S = 1.0


@dataclass(frozen=True, slots=True)
class Program:
    """What to run. `healthy` returns once it serves."""

    name: str
    argv: tuple[str, ...]
    healthy: Callable[[], Awaitable[None]]
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """Delays before restarts: they double from `first_s` to `most_s`, and begin anew after `stable_s` of running."""

    first_s: float = 0.5
    most_s: float = 30.0
    stable_s: float = 60.0

    def delay_s(self, failures: int) -> float:
        """Seconds to wait after `failures` (at least 1) in a row."""
        return min(self.most_s, self.first_s * 2.0 ** (failures - 1))


class ProgramFailed(Exception):
    """A program ended before it ever served."""

    def __init__(self, name: str, code: int, tail: list[str]) -> None:
        super().__init__(f"{name} did not start ({_how(code)})")
        self.code = code
        self.tail = tail


class Child:
    """Runs `program`; tells `told` what happens to it and `said` what it prints."""

    def __init__(self, program: Program, told: Tell, said: Tell, policy: RestartPolicy) -> None:
        self.program = program
        self.ready = asyncio.Event()
        self._told = told
        self._said = said
        self._policy = policy
        self._tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Keep the program running until `stop`. Raises ProgramFailed when it ends before it has served once."""
        loop = asyncio.get_running_loop()
        failures = 0
        while not self._stopping.is_set():
            started = loop.time()
            code = await self._run_once()
            if self._stopping.is_set():
                return
            if not self.ready.is_set():
                raise ProgramFailed(self.program.name, code, list(self._tail))
            failures = 1 if loop.time() - started > self._policy.stable_s else failures + 1
            delay = self._policy.delay_s(failures)
            self._told(self.program.name, f"{_how(code)}; starting it again in {delay:.1f} s")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), delay)

    async def stop(self, grace_s: float) -> bool:
        """End the program: SIGTERM, and SIGKILL when it is still there after `grace_s`. False when that was needed."""
        self._stopping.set()
        process = self._process
        if process is None:
            return True
        _signal(process, signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), grace_s)
        except TimeoutError:
            self._told(self.program.name, f"did not stop within {grace_s:.0f} s and is killed")
            self.kill()
            await process.wait()
            return False
        return True

    def kill(self) -> None:
        """End the program at once."""
        self._stopping.set()
        if self._process is not None:
            _signal(self._process, signal.SIGKILL)

    async def _run_once(self) -> int:
        """Start the program and wait for its end; returns its exit status, negative for a signal."""
        # A session of its own keeps the terminal's Ctrl-C away: `stop` decides who goes first.
        self._process = process = await asyncio.create_subprocess_exec(
            *self.program.argv,
            env={**os.environ, **self.program.env},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        if self._stopping.is_set():
            # `stop` came while it was being started: it has begun nothing yet, and nobody counts its grace.
            _signal(process, signal.SIGKILL)
        relay = asyncio.create_task(self._relay(process))
        watch = asyncio.create_task(self._watch_health())
        try:
            code = await process.wait()
            # A grandchild may hold the pipe open, so the last lines get a moment and no more.
            await asyncio.wait([relay], timeout=_RELAY_END_S)
            return code
        finally:
            self._process = None
            for task in (relay, watch):
                task.cancel()
            await asyncio.gather(relay, watch, return_exceptions=True)

    async def _watch_health(self) -> None:
        await self.program.healthy()
        if self.ready.is_set():
            self._told(self.program.name, "is back")
        self.ready.set()

    async def _relay(self, process: asyncio.subprocess.Process) -> None:
        """Pass lines on. The pipe is always drained, so that a talkative program never blocks on it."""
        assert process.stdout is not None  # noqa: S101 - it was asked for above
        pending = b""
        while block := await process.stdout.read(64 * 1024):
            *lines, pending = (pending + block).split(b"\n")
            pending = pending[-64 * 1024 :]
            for line in lines:
                self._hear(line)
        if pending:
            self._hear(pending)

    def _hear(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip()
        self._tail.append(text)
        self._said(self.program.name, text)


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)


def _how(code: int) -> str:
    """How a process ended, for people."""
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
