"""Films of fixed scripts: speech, animator and compositor as the product joins them, ending in the bytes of an MP4."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from likeness_animator.local import LocalAnimator
from likeness_common.media import RENDER_SAMPLE_RATE_HZ, AudioChunk, Framing, Mark, MarkKind, VideoFormat
from likeness_common.stages.animator import AnimationOptions, AnimationSession
from likeness_common.stages.compositor import CompositionSession, OutputSpec
from likeness_common.stages.speech import SpeechEvent
from likeness_common.weights import WeightStore, default_root
from likeness_compositor.local import LocalCompositor

RATE = RENDER_SAMPLE_RATE_HZ


@dataclass(frozen=True)
class Speech:
    """What is said: events in the order a voice gives them."""

    events: Sequence[SpeechEvent]

    @property
    def pcm(self) -> NDArray[np.int16]:
        """All samples, at RATE."""
        return np.frombuffer(b"".join(event.pcm for event in self.events if isinstance(event, AudioChunk)), "<i2")

    @property
    def phonemes(self) -> list[Mark]:
        """Phoneme marks in order."""
        marks = (event for event in self.events if isinstance(event, Mark))
        return [mark for mark in marks if mark.kind is MarkKind.PHONEME]

    def without_phonemes(self) -> "Speech":
        """The same sound for an engine that is told nothing about it."""
        return Speech([event for event in self.events if isinstance(event, AudioChunk)])


@dataclass(frozen=True)
class Order:
    """What to film: an image file, its speech and the format."""

    photo: bytes
    speech: Speech
    video: VideoFormat
    framing: Framing = Framing.AUTO
    seed: int = 0
    crf: int = 23


class Studio:
    """Films orders, one after another, with the stages of the product in this process."""

    def __init__(self) -> None:
        self._animator = LocalAnimator(WeightStore(default_root()))
        self._compositor = LocalCompositor()

    def film(self, order: Order) -> bytes:
        """The finished film, an MP4 with sound. Raises what the stages raise."""
        return asyncio.run(self._film(order))

    async def _film(self, order: Order) -> bytes:
        portrait = await self._animator.upload_portrait(order.photo)
        options = AnimationOptions(order.video, framing=order.framing, seed=order.seed)
        async with self._animator.open(portrait.id, options) as animation:
            output = OutputSpec(animation.video, options.audio, crf=order.crf)
            async with self._compositor.open(output) as composition, asyncio.TaskGroup() as tasks:
                tasks.create_task(_speak(order.speech, animation))
                tasks.create_task(_compose(order.speech.pcm, animation, composition))
                collecting = tasks.create_task(_collect(composition))
        return collecting.result()


async def _speak(speech: Speech, animation: AnimationSession) -> None:
    for event in speech.events:
        await animation.push(event)
    await animation.finish()


async def _compose(pcm: NDArray[np.int16], animation: AnimationSession, composition: CompositionSession) -> None:
    """Hand over every batch of frames after the sound that lasts as long, then silence to the end of the last frame."""
    sequence = taken = 0
    async with aclosing(animation.frames()) as frames:  # type: ignore[type-var]  # every body is an async generator
        async for batch in frames:
            end = animation.video.frame_start_sample(batch.end_frame, RATE)
            samples = pcm[taken:end].tobytes().ljust(2 * (end - taken), b"\0")
            await composition.push_audio(AudioChunk(sequence, taken, samples))
            await composition.push_frames(batch)
            sequence, taken = sequence + 1, end
    await composition.finish()


async def _collect(composition: CompositionSession) -> bytes:
    return b"".join([segment.data async for segment in composition.segments()])
