"""Programs run together: they start, come back after a crash, and stop in order. Here they are small scripts."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from likeness_client.processes.child import Program, ProgramFailed, RestartPolicy
from likeness_client.processes.supervisor import Supervisor
from likeness_common.errors import Unavailable
from tests.waiting import until

pytestmark = pytest.mark.unit

POLICY = RestartPolicy(first_s=0.01, most_s=0.05)
START_S = 120.0
"""Long, for a machine that is busy with other tests; nothing waits for it to pass."""
SERVE = """
import os, pathlib, signal, sys, time
folder, name, patience = pathlib.Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
def log(what):
    with (folder / "log").open("a") as file:
        file.write(f"{name} {what}\\n")
def stop(number, frame):
    log("told")
    time.sleep(patience)
    log("gone")
    os._exit(0)
signal.signal(signal.SIGTERM, stop)
print(f"{name} speaks", flush=True)
(folder / f"{name}.pid").write_text(str(os.getpid()))
log(f"up {os.getpid()}")
while True:
    time.sleep(0.02)
"""

FAIL_AFTER_FRONT = """
import pathlib, sys, time
log = pathlib.Path(sys.argv[1]) / "log"
while not (log.exists() and "front up" in log.read_text()):
    time.sleep(0.02)
print("no such setting")
raise SystemExit(7)
"""


class Stage:
    """A folder that programs leave their traces in, and what was told about them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: list[str] = []
        self.said: list[str] = []

    def program(self, name: str, script: str = SERVE, patience: float = 0.0) -> Program:
        argv = (sys.executable, "-c", script, str(self.folder), name, str(patience))

        async def healthy() -> None:
            await until(lambda: any(alive(int(entry.split()[-1])) for entry in self.log(f"{name} up")))

        return Program(name, argv, healthy)

    def supervisor(self, *programs: Program) -> Supervisor:
        return Supervisor(
            programs,
            lambda name, line: self.told.append(f"{name} {line}"),
            lambda name, line: self.said.append(f"{name}: {line}"),
            POLICY,
        )

    def log(self, line: str = "") -> list[str]:
        path = self.folder / "log"
        return [entry for entry in path.read_text().splitlines() if line in entry] if path.exists() else []

    def processes(self) -> list[psutil.Process]:
        """What of this stage still runs, whether it came as far as leaving a trace or not."""
        return [one for one in psutil.process_iter(["cmdline"]) if str(self.folder) in (one.info["cmdline"] or ())]

    def pid(self, name: str) -> int:
        return int((self.folder / f"{name}.pid").read_text())


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


@asynccontextmanager
async def running(supervisor: Supervisor, grace_s: float = 10.0) -> AsyncIterator["asyncio.Task[None]"]:
    """Run until ready; stops at the end."""
    ready = asyncio.Event()
    task = asyncio.create_task(supervisor.run(ready.set, START_S, grace_s))
    await asyncio.wait([task, asyncio.create_task(ready.wait())], return_when=asyncio.FIRST_COMPLETED)
    try:
        if not task.done():
            yield task
    finally:
        supervisor.stop()
        await task


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_the_last_program_is_stopped_before_the_others(stage: Stage) -> None:
    programs = [stage.program("one"), stage.program("two"), stage.program("front", patience=0.2)]
    supervisor = stage.supervisor(*programs)
    async with running(supervisor):
        pids = [stage.pid(name) for name in ("one", "two", "front")]
        assert all(alive(pid) for pid in pids)
    assert supervisor.orderly
    assert not any(alive(pid) for pid in pids)
    ending = [entry for entry in stage.log() if "up" not in entry]
    assert ending[:2] == ["front told", "front gone"]
    assert sorted(ending[2:]) == ["one gone", "one told", "two gone", "two told"]
    assert sorted(stage.said) == ["front: front speaks", "one: one speaks", "two: two speaks"]


async def test_a_killed_program_comes_back(stage: Stage) -> None:
    async with running(stage.supervisor(stage.program("one"), stage.program("front"))):
        first = stage.pid("one")
        os.kill(first, signal.SIGKILL)
        await until(lambda: "one is back" in stage.told)
        assert stage.pid("one") != first
        assert len(stage.log("front up")) == 1
    assert stage.told[0] == "one was killed by SIGKILL; starting it again in 0.0 s"
    assert not alive(stage.pid("one"))


async def test_a_program_that_cannot_start_ends_all_and_its_words_are_kept(stage: Stage) -> None:
    broken = stage.program("one", FAIL_AFTER_FRONT)
    with pytest.raises(ProgramFailed, match=r"one did not start \(ended with status 7\)") as caught:
        await stage.supervisor(broken, stage.program("front")).run(lambda: None, START_S, 10.0)
    assert caught.value.tail == ["no such setting"]
    assert len(stage.log("front gone")) == 1


async def test_a_program_that_never_serves_is_named(stage: Stage) -> None:
    async def never() -> None:
        await asyncio.Event().wait()

    mute = Program("one", stage.program("one").argv, never)
    with pytest.raises(Unavailable, match="one did not begin to serve within 1 s"):
        await stage.supervisor(mute, stage.program("front")).run(lambda: None, 1.0, 10.0)
    assert not stage.processes()


async def test_a_stop_amid_the_start_leaves_nothing(stage: Stage) -> None:
    supervisor = stage.supervisor(stage.program("one"), stage.program("front", patience=3600.0))
    task = asyncio.create_task(supervisor.run(lambda: None, START_S, 3600.0))
    await asyncio.sleep(0)
    supervisor.stop()
    await task
    assert not stage.processes()


async def test_a_program_that_ignores_sigterm_is_killed_after_its_grace(stage: Stage) -> None:
    stubborn = stage.program("front", patience=3600.0)
    supervisor = stage.supervisor(stage.program("one"), stubborn)
    async with running(supervisor, grace_s=0.2):
        pass
    assert not supervisor.orderly
    assert not alive(stage.pid("front"))
    assert any("is killed" in line for line in stage.told)
    assert stage.log("one gone")


async def test_stopping_twice_kills_at_once(stage: Stage) -> None:
    supervisor = stage.supervisor(stage.program("one"), stage.program("front", patience=3600.0))
    async with running(supervisor, grace_s=3600.0):
        supervisor.stop()
        await until(lambda: stage.log("front told"))
        supervisor.stop()
    assert not alive(stage.pid("front"))
    assert not alive(stage.pid("one"))


async def test_a_program_may_talk_a_lot(stage: Stage) -> None:
    talk = SERVE.replace("while True", "print('x' * 3_000_000); print('end', flush=True)\nwhile True")
    async with running(stage.supervisor(stage.program("one", talk), stage.program("front"))):
        await until(lambda: "one: end" in stage.said)
    assert max(len(line) for line in stage.said) < 1_000_000


def test_delays_between_restarts_double_up_to_a_limit() -> None:
    policy = RestartPolicy(first_s=0.5, most_s=3.0)
    assert [policy.delay_s(failures) for failures in range(1, 5)] == [0.5, 1.0, 2.0, 3.0]
