"""What is kept of ended renders, and what an earlier process left behind."""

import asyncio
import logging
import shutil
from dataclasses import replace
from pathlib import Path

from likeness_common.errors import Internal, LikenessError, Reason
from likeness_gateway.model import Failure, RenderRecord, RenderState
from likeness_gateway.renders.ending import now_us, server_stopping
from likeness_gateway.renders.limits import Limits
from likeness_gateway.renders.store import RenderStore
from likeness_gateway.traces import TraceStore
from likeness_gateway.worker import Worker

MAX_TAKEN_UP = 3
"""A render that has seen the process crash so often may well be why."""

log = logging.getLogger(__name__)


class Housekeeping:
    """Removes renders that are too old or too many, with their files and traces."""

    def __init__(self, store: RenderStore, traces: TraceStore, directory: Path, disk: Worker, limits: Limits) -> None:
        self._store = store
        self._traces = traces
        self._directory = directory
        self._disk = disk
        self._limits = limits

    async def take_over(self) -> list[RenderRecord]:
        """Clear up after an earlier process and return the detached renders that it did not finish.

        Renders that were not detached have lost their caller with that process: they have failed, as have those that
        several processes crashed with.
        """
        unfinished = await self._store.unfinished()
        left = [record for record in unfinished if record.detached and record.taken_up < MAX_TAKEN_UP]
        failed = [_failed(record) for record in unfinished if record not in left]
        for record in failed:
            await self._store.update(record)
        await self.sweep()
        kept = await self._store.ids() - {record.id for record in failed}
        await self._disk.call(self._remove_all_but, kept)
        return left

    async def sweep_forever(self) -> None:
        """Sweep now and then."""
        while True:
            await asyncio.sleep(self._limits.sweep_every_s)
            try:
                await self.sweep()
            except Exception:
                log.exception("sweeping failed; trying again in %.0f s", self._limits.sweep_every_s)

    async def sweep(self) -> None:
        """Forget the renders that are beyond the limits."""
        limits = self._limits
        ended_before_us = now_us() - int(limits.keep_s * 1e6)
        expired = await self._store.expired(ended_before_us, limits.keep_bytes, limits.keep_records)
        await self._store.delete(expired)
        for render_id in expired:
            await self._disk.call(shutil.rmtree, self._directory / render_id, True)
        await self._traces.forget_strays()

    def _remove_all_but(self, kept: frozenset[str]) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        for path in self._directory.iterdir():
            if path.name not in kept:
                shutil.rmtree(path, ignore_errors=True)


def _failed(record: RenderRecord) -> RenderRecord:
    error: LikenessError = server_stopping("the server was restarted; try again")
    if record.detached:
        message = f"the server ended {MAX_TAKEN_UP + 1} times before the render was done; its log has the details"
        error = Internal(Reason.INTERNAL, message)
    return replace(
        record,
        state=RenderState.FAILED,
        spec=None,
        end_time_us=now_us(),
        segment_count=0,
        byte_count=0,
        failure=Failure.of(error),
    )
