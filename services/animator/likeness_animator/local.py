"""The animator in this process."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from types import MappingProxyType
from typing import Any

from likeness_animator.engine import Engine
from likeness_animator.portrait import PortraitAnalyser, PortraitCache
from likeness_animator.portrait.cache import DEFAULT_BUDGET_BYTES
from likeness_animator.registry import ENGINES, EngineRegistry, Entry
from likeness_animator.session import LocalSession
from likeness_common.errors import InvalidArgument, Reason, ResourceExhausted
from likeness_common.media import Portrait
from likeness_common.stages.animator import AnimationOptions, Animator, EngineInfo
from likeness_common.validation.acting import check_acting
from likeness_common.validation.script import SAMPLE_RATE_RANGE_HZ, check_range
from likeness_common.validation.video import check_video
from likeness_common.weights import WeightStore

DEFAULT_MAX_SESSIONS = 8
MAX_UPLOADS = 8
"""Uploads that may wait; each holds its file."""

ANALYSES_AT_A_TIME = 2
"""Each may hold 850 MB while it decodes 50 megapixels; photos from phones take a third of that."""

MAX_CHECKPOINT_BYTES = 64 * 1024
_RETRY_AFTER_S = 1.0


class LocalAnimator(Animator):
    """Draws with the engines of this distribution, each session on a thread of its own."""

    def __init__(
        self,
        weights: WeightStore,
        *,
        max_sessions: int = DEFAULT_MAX_SESSIONS,
        portrait_cache_bytes: int = DEFAULT_BUDGET_BYTES,
        engines: Mapping[str, Entry] = ENGINES,
        engine_settings: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self._analyser = PortraitAnalyser(weights)
        self._portraits = PortraitCache(self._analyser.analyse, portrait_cache_bytes)
        self._registry = EngineRegistry(weights, engines, engine_settings)
        self._sessions = _Slots(max_sessions, "animations")
        self._uploads = _Slots(MAX_UPLOADS, "uploads")
        # Apart from the loop's own threads, which opening animations must not wait for.
        self._analysts = ThreadPoolExecutor(ANALYSES_AT_A_TIME, thread_name_prefix="portrait")

    async def warm_up(self) -> None:
        """Load the models that analyse portraits. Raises FailedPrecondition while their weights are missing."""
        await asyncio.to_thread(self._analyser.load)

    async def engines(self) -> Sequence[EngineInfo]:
        """See Animator."""
        return await asyncio.to_thread(self._registry.infos)

    async def upload_portrait(self, image: bytes) -> Portrait:
        """See Animator. Raises ResourceExhausted (SERVER_BUSY) beyond the limit of uploads at a time."""
        with self._uploads.taken():
            portrait = await asyncio.get_running_loop().run_in_executor(self._analysts, self._portraits.add, image)
            return portrait.info

    async def get_portrait(self, portrait_id: str) -> Portrait:
        """See Animator."""
        return self._portraits.get(portrait_id).info

    @asynccontextmanager
    async def open(self, portrait_id: str, options: AnimationOptions) -> AsyncIterator[LocalSession]:
        """See Animator.

        Raises InvalidArgument for options out of range, NotFound (PORTRAIT_NOT_FOUND), FailedPrecondition
        (ENGINE_UNAVAILABLE), and ResourceExhausted (SERVER_BUSY) when all sessions are taken.
        """
        engine = await asyncio.to_thread(self._registry.engine, options.engine)
        _check(options, engine)
        portrait = self._portraits.get(portrait_id)
        with self._sessions.taken():
            session = LocalSession(engine, portrait, options)
            try:
                await session.opened()
                yield session
            finally:
                await session.stop()


class _Slots:
    """Counts what runs at a time, up to a limit."""

    def __init__(self, limit: int, what: str) -> None:
        self._limit = limit
        self._what = what
        self._count = 0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold one slot. Raises ResourceExhausted when there is none."""
        if self._count >= self._limit:
            raise ResourceExhausted(
                Reason.SERVER_BUSY,
                f"all {self._limit} {self._what} that the animator runs at a time are taken; try again in a moment",
                retry_after_s=_RETRY_AFTER_S,
            )
        self._count += 1
        try:
            yield
        finally:
            self._count -= 1


def _check(options: AnimationOptions, engine: Engine) -> None:
    check_video(options.video)
    check_acting(options.acting)
    check_range("audio.sample_rate_hz", options.audio.sample_rate_hz, SAMPLE_RATE_RANGE_HZ)
    side = max(options.video.width, options.video.height)
    if side > engine.info.max_side:
        raise InvalidArgument(
            Reason.FIELD_OUT_OF_RANGE,
            f"video has a side of {side} pixels; the engine {engine.info.name!r} draws at most {engine.info.max_side}",
            field="video",
        )
    if len(options.checkpoint) > MAX_CHECKPOINT_BYTES:
        raise InvalidArgument(
            Reason.FIELD_OUT_OF_RANGE,
            f"checkpoint has {len(options.checkpoint)} bytes; those of frames have at most {MAX_CHECKPOINT_BYTES}",
            field="checkpoint",
        )
