"""One render from speech to segments."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from typing import Protocol

from likeness_common.errors import Internal, NotFound, Reason
from likeness_common.media import RENDER_SAMPLE_RATE_HZ, AudioChunk, Segment, SegmentKind
from likeness_common.stages.animator import AnimationOptions, AnimationSession, Animator
from likeness_common.stages.compositor import CompositionSession, Compositor, OutputSpec
from likeness_common.stages.speech import Recording, Speech, SpeechEvent
from likeness_common.telemetry import names
from likeness_gateway.model import Notice, Plan, RenderSpec
from likeness_gateway.pipeline.audio import AudioBuffer
from likeness_gateway.pipeline.failures import ANIMATOR, COMPOSITOR, TTS, StageOutput, failing
from likeness_gateway.pipeline.meter import Meter
from likeness_gateway.pipeline.spans import stage_span, within
from likeness_gateway.portraits import Portraits

RATE_HZ = RENDER_SAMPLE_RATE_HZ
AUDIO_AHEAD_SAMPLES = 2 * RATE_HZ
"""Speech may run this far ahead of the pictures that an engine can draw of it, which lie behind by its lookahead. More
would let the messages of a long script's speech compete with its first frames.
"""

AUDIO_MARGIN_SAMPLES = RATE_HZ // 5
"""Sound that goes to the composition before its frames when it is there: encoders of sound look ahead too, and a
segment is complete only when its sound is."""

PROGRESS_EVERY_NS = 400_000_000

OPEN_TRIES = 3
"""How often an animation is opened when the animator that is reached lacks the portrait."""


class Sink(Protocol):
    """Where a render's output goes."""

    async def segment(self, segment: Segment) -> None:
        """Take the next segment; waits while its readers are behind."""

    def progress(self, frames_done: int, frames_expected: int) -> None:
        """Take how far the render is."""

    def notice(self, notice: Notice) -> None:
        """Take something that the caller did not ask for."""


@dataclass(frozen=True)
class Stages:
    """The three services that a render goes through, in whatever body."""

    speech: Speech
    animator: Animator
    compositor: Compositor


class Pipeline:
    """Runs renders over `stages`."""

    def __init__(self, stages: Stages, portraits: Portraits) -> None:
        self.stages = stages
        self.portraits = portraits

    async def run(self, spec: RenderSpec, plan: Plan, sink: Sink, meter: Meter) -> None:
        """Render `spec` as planned into `sink`.

        Raises the first failure, as a LikenessError whose metadata names the service. Cancelling it, like any
        failure, closes all three stages before it returns.
        """
        try:
            await _Run(self, spec, plan, sink, meter).run()
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None


class _Run:
    def __init__(self, pipeline: Pipeline, spec: RenderSpec, plan: Plan, sink: Sink, meter: Meter) -> None:
        self._stages = pipeline.stages
        self._portraits = pipeline.portraits
        self._spec = spec
        self._plan = plan
        self._sink = sink
        self._meter = meter
        self._audio = AudioBuffer(AUDIO_AHEAD_SAMPLES + plan.lookahead_ms * RATE_HZ // 1000)
        self._animation: asyncio.Future[AnimationSession] = asyncio.get_running_loop().create_future()
        self._last_progress_ns = 0

    async def run(self) -> None:
        # Everything fallible runs in a task, so that the group lists failures in the order in which they happened.
        async with asyncio.TaskGroup() as tasks:
            speaking = tasks.create_task(self._speak())
            tasks.create_task(self._film(tasks, speaking))

    async def _speak(self) -> None:
        """Hand speech to the animator and keep it for the composition. The speech begins at once."""
        marks = 0
        recorded = isinstance(self._spec.speech, Recording)
        with stage_span(names.SPAN_PLAY if recorded else names.SPAN_SPEECH) as span:
            with within(span):
                events = StageOutput(TTS, self._speech())
                async with aclosing(events):
                    async for event in events:
                        if isinstance(event, AudioChunk):
                            self._meter.first_output(TTS)
                        animation = await asyncio.shield(self._animation)
                        with failing(ANIMATOR):
                            await animation.push(event)
                        if isinstance(event, AudioChunk):
                            await self._audio.put(event)
                        else:
                            marks += 1
            self._audio.finish()
            busy_us = events.waited_ns // 1000
            self._meter.busy(TTS, busy_us)
            span.set_attributes(
                {names.SAMPLES: self._audio.end_sample, names.MARKS: marks, names.BUSY_MS: busy_us // 1000}
            )
        animation = await asyncio.shield(self._animation)
        with failing(ANIMATOR):
            await animation.finish()

    def _speech(self) -> AsyncIterator[SpeechEvent]:
        """What is heard, from its first sound on."""
        speech, stage = self._spec.speech, self._stages.speech
        return stage.play(speech, RATE_HZ) if isinstance(speech, Recording) else stage.synthesize(speech, RATE_HZ)

    async def _film(self, tasks: asyncio.TaskGroup, speaking: asyncio.Task[None]) -> None:
        """Open the animation and the composition and keep them open until both are done."""
        spec = self._spec
        await self._make_portrait_available()
        async with AsyncExitStack() as stack:
            drawing = stack.enter_context(stage_span(names.SPAN_ANIMATE))
            options = AnimationOptions(spec.video, self._plan.engine, spec.framing, acting=spec.acting, seed=spec.seed)
            with failing(ANIMATOR), within(drawing):
                animation = await self._open_animation(stack, options)
            self._animation.set_result(animation)
            composing = stack.enter_context(stage_span(names.SPAN_COMPOSE))
            output = OutputSpec(animation.video, options.audio, spec.container, spec.crf, spec.segment_ms)
            with failing(COMPOSITOR), within(composing):
                composition = await stack.enter_async_context(self._stages.compositor.open(output))
            muxing = tasks.create_task(self._mux(animation, composition))
            collecting = tasks.create_task(self._collect(composition))
            await asyncio.wait({speaking, muxing, collecting})
            self._meter.busy(ANIMATOR, animation.busy_us)
            self._meter.busy(COMPOSITOR, composition.busy_us)
            drawing.set_attributes({names.FRAMES: self._meter.frames, names.BUSY_MS: animation.busy_us // 1000})
            composing.set_attribute(names.BUSY_MS, composition.busy_us // 1000)

    async def _make_portrait_available(self) -> None:
        with stage_span(names.SPAN_PORTRAIT) as span, failing(ANIMATOR), within(span):
            portrait = await self._portraits.ensure(self._spec.portrait_id)
        for message in portrait.notices:
            self._sink.notice(Notice("PORTRAIT", message))

    async def _open_animation(self, stack: AsyncExitStack, options: AnimationOptions) -> AnimationSession:
        """Open the animation on an animator that has the portrait.

        Behind one name there may be several, and each forgets portraits when it has too many: the one that is reached
        here need not be the one that was asked before. Then the portrait is sent again, the second time twice: where
        calls go to two hosts in turn, a single upload would always reach the other one than the call after it.
        """
        portrait_id = self._spec.portrait_id
        for uploads in range(1, OPEN_TRIES):
            try:
                return await stack.enter_async_context(self._stages.animator.open(portrait_id, options))
            except NotFound as error:
                if error.reason is not Reason.PORTRAIT_NOT_FOUND:
                    raise
            for _ in range(uploads):
                await self._portraits.send(portrait_id)
        return await stack.enter_async_context(self._stages.animator.open(portrait_id, options))

    async def _mux(self, animation: AnimationSession, composition: CompositionSession) -> None:
        """Hand every batch of frames, and the audio that covers it, to the composition."""
        video = animation.video
        frames = StageOutput(ANIMATOR, animation.frames())
        async with aclosing(frames):
            async for batch in frames:
                self._meter.first_output(ANIMATOR)
                self._check(batch.first_frame == self._meter.frames, f"frame {batch.first_frame} came out of order")
                end_sample = video.frame_start_sample(batch.end_frame, RATE_HZ)
                audio = await self._audio.take(end_sample, end_sample + AUDIO_MARGIN_SAMPLES)
                with failing(COMPOSITOR):
                    if audio.pcm:
                        await composition.push_audio(audio)
                    await composition.push_frames(batch)
                self._meter.frames = batch.end_frame
                self._report_progress(video.frames_covering(self._audio.end_sample, RATE_HZ))
        self._check(self._audio.finished and not self._audio.waiting, "the frames ended before the speech")
        self._meter.video_us = self._meter.frames * 1_000_000 // video.fps
        with failing(COMPOSITOR):
            await composition.finish()

    @staticmethod
    def _check(holds: bool, otherwise: str) -> None:
        if not holds:
            raise Internal(Reason.STREAM_PROTOCOL, otherwise, metadata={"service": ANIMATOR})

    def _report_progress(self, frames_spoken: int) -> None:
        done = self._meter.frames
        expected = max(1, frames_spoken) if self._audio.finished else max(frames_spoken, self._meter.frames_expected)
        now = time.monotonic_ns()
        if done == expected or now - self._last_progress_ns >= PROGRESS_EVERY_NS:
            self._last_progress_ns = now
            self._sink.progress(done, expected)

    async def _collect(self, composition: CompositionSession) -> None:
        """Pass segments on."""
        segments = StageOutput(COMPOSITOR, composition.segments())
        async with aclosing(segments):
            async for segment in segments:
                if segment.kind is not SegmentKind.INIT:
                    self._meter.first_output(COMPOSITOR)
                await self._sink.segment(segment)
