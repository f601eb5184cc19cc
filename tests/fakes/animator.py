"""An animator that draws plain frames."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from likeness_common.errors import NotFound, Reason
from likeness_common.media import AudioChunk, Box, FrameBatch, Mark, Portrait, VideoFormat, portrait_id
from likeness_common.stages.animator import AnimationOptions, AnimationSession, Animator, EngineInfo
from tests.fakes.faults import Faults

LOOKAHEAD_FRAMES = 2
INPUT_LIMIT = 8
BATCH = 3


def engine_info(name: str, unavailable_reason: str = "", **changes: object) -> EngineInfo:
    """An engine with the usual facts."""
    facts: dict[str, object] = {
        "name": name,
        "description": f"The {name} engine.",
        "streaming": True,
        "needs_marks": False,
        "max_side": 1920,
        "memory_mib": 100,
        "expected_rtf": 0.2,
        "lookahead_ms": 80,
        "runners": ("numpy",),
        "weights": (),
        "code_licence": "Apache-2.0",
        "weight_licences": ("Apache-2.0",),
        "unavailable_reason": unavailable_reason,
    }
    return EngineInfo(**{**facts, **changes})  # type: ignore[arg-type]  # the facts above have its types


class FakeAnimator(Animator):
    """Frame i is filled with one byte that depends on i, the seed, the acting and the portrait.

    Faults: `engines`, `upload`, `get`, `open`, `push`, `finish`, `batch` (before each batch of 3), `end`.
    """

    def __init__(self) -> None:
        self.faults = Faults()
        self.infos = [engine_info("mesh")]
        self.portraits: dict[str, Portrait] = {}
        self.notices: tuple[str, ...] = ()
        self.lookahead_frames = LOOKAHEAD_FRAMES
        self.open_sessions = 0

    async def engines(self) -> Sequence[EngineInfo]:
        """See Animator."""
        await self.faults.reach("engines")
        return self.infos

    async def upload_portrait(self, image: bytes) -> Portrait:
        """See Animator."""
        await self.faults.reach("upload")
        name = portrait_id(image)
        self.portraits[name] = Portrait(name, 640, 480, Box(200, 100, 150, 180), 0.0, self.notices)
        return self.portraits[name]

    async def get_portrait(self, portrait_id: str) -> Portrait:
        """See Animator."""
        await self.faults.reach("get")
        if portrait_id not in self.portraits:
            raise NotFound(Reason.PORTRAIT_NOT_FOUND, "upload it first")
        return self.portraits[portrait_id]

    @asynccontextmanager
    async def open(self, portrait_id: str, options: AnimationOptions) -> AsyncIterator["FakeAnimation"]:
        """See Animator."""
        await self.faults.reach("open")
        await self.get_portrait(portrait_id)
        self.open_sessions += 1
        try:
            yield FakeAnimation(self.faults, portrait_id, options, self.lookahead_frames)
        finally:
            self.open_sessions -= 1


class FakeAnimation(AnimationSession):
    """See FakeAnimator."""

    def __init__(self, faults: Faults, portrait: str, options: AnimationOptions, lookahead_frames: int) -> None:
        self.video: VideoFormat = options.video
        self.first_frame = 0
        self._rate = options.audio.sample_rate_hz
        self._faults = faults
        self._lookahead_frames = lookahead_frames
        self._input: asyncio.Queue[int | None] = asyncio.Queue(INPUT_LIMIT)
        self._look = hashlib.sha256(f"{portrait} {options.seed} {options.acting}".encode()).digest()

    async def push(self, event: AudioChunk | Mark) -> None:
        """See AnimationSession."""
        await self._faults.reach("push")
        if isinstance(event, AudioChunk):
            await self._input.put(event.end_sample)

    async def finish(self) -> None:
        """See AnimationSession."""
        await self._faults.reach("finish")
        await self._input.put(None)

    async def frames(self) -> AsyncIterator[FrameBatch]:
        """See AnimationSession."""
        shown = end_sample = 0
        while (heard := await self._input.get()) is not None:
            end_sample = heard
            complete = end_sample * self.video.fps // self._rate - self._lookahead_frames
            while shown + BATCH <= complete:
                yield await self._draw(shown, BATCH)
                shown += BATCH
        total = max(1, self.video.frames_covering(end_sample, self._rate))
        while shown < total:
            count = min(BATCH, total - shown)
            yield await self._draw(shown, count)
            shown += count
        await self._faults.reach("end")
        self.busy_us = total * 1000

    async def _draw(self, first: int, count: int) -> FrameBatch:
        await self._faults.reach("batch")
        size = self.video.frame_bytes
        colours = (self._look[frame % len(self._look)] ^ (frame & 0xFF) for frame in range(first, first + count))
        return FrameBatch(first, count, b"".join(bytes([colour]) * size for colour in colours))
