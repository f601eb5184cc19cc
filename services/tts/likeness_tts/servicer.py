"""The speech stage over gRPC: proto in, interface call, proto out."""

import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, TypeVar

import grpc
from google.protobuf.duration_pb2 import Duration
from opentelemetry import trace

from likeness.media.v1 import audio_pb2
from likeness.tts.v1 import speech_service_pb2 as pb
from likeness.tts.v1 import speech_service_pb2_grpc
from likeness_common.convert.media import audio_chunk_to, mark_to
from likeness_common.convert.speech import recording_from, script_from, script_to, voice_to
from likeness_common.media import RENDER_SAMPLE_RATE_HZ, AudioChunk
from likeness_common.stages.speech import Script, Speech, SpeechEvent
from likeness_common.telemetry import names
from likeness_common.telemetry.tracing import incoming_span

Context = grpc.aio.ServicerContext[Any, Any]
Event = TypeVar("Event")


class SpeechServicer(speech_service_pb2_grpc.SpeechServiceServicer):
    """Serves any Speech."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech

    async def ListVoices(self, request: pb.ListVoicesRequest, context: Context) -> pb.ListVoicesResponse:
        """See SpeechService."""
        del request, context
        return pb.ListVoicesResponse(voices=[voice_to(voice) for voice in await self._speech.voices()])

    async def Synthesize(self, request: pb.SynthesizeRequest, context: Context) -> AsyncIterator[pb.SynthesizeResponse]:
        """See SpeechService. The header waits for the first event, since a refused script sends nothing else."""
        script = script_from(request.script)
        rate = request.sample_rate_hz or RENDER_SAMPLE_RATE_HZ
        with incoming_span(names.SPAN_SPEECH, context) as span:
            span.set_attributes({names.VOICE: script.voice, names.CHARACTERS: len(script.text)})
            progress = _Progress(span)
            async with _closing(self._speech.synthesize(script, rate)) as events:
                first = await anext(events)
                yield _header(script, rate)
                yield progress.response(first)
                async for event in events:
                    yield progress.response(event)
            yield progress.summary()

    async def MeasureRecording(
        self, request: pb.MeasureRecordingRequest, context: Context
    ) -> pb.MeasureRecordingResponse:
        """See SpeechService."""
        with incoming_span(names.SPAN_MEASURE, context):
            length_us = await self._speech.measure(recording_from(request.recording))
        duration = Duration()
        duration.FromMicroseconds(length_us)
        return pb.MeasureRecordingResponse(duration=duration)

    async def Play(self, request: pb.PlayRequest, context: Context) -> AsyncIterator[pb.PlayResponse]:
        """See SpeechService. The header waits for the first sound, since a refused file sends nothing else."""
        rate = request.sample_rate_hz or RENDER_SAMPLE_RATE_HZ
        with incoming_span(names.SPAN_PLAY, context) as span:
            samples = 0
            async with _closing(self._speech.play(recording_from(request.recording), rate)) as chunks:
                async for chunk in chunks:
                    if not samples:
                        yield pb.PlayResponse(header=pb.PlaybackHeader(format=_format(rate)))
                    samples = chunk.end_sample
                    yield pb.PlayResponse(audio=audio_chunk_to(chunk))
            span.set_attribute(names.SAMPLES, samples)
            yield pb.PlayResponse(summary=pb.PlaybackSummary(total_samples=samples))


class _Progress:
    """Counts what is sent, and tells the trace when audio begins."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span
        self._started = time.monotonic()
        self._samples = 0
        self._marks = 0

    def response(self, event: SpeechEvent) -> pb.SynthesizeResponse:
        """The message for an event."""
        if not isinstance(event, AudioChunk):
            self._marks += 1
            return pb.SynthesizeResponse(mark=mark_to(event))
        if event.sequence == 0:
            milliseconds = round((time.monotonic() - self._started) * 1000, 3)
            self._span.add_event(names.EVENT_FIRST_AUDIO, {names.MS_FROM_REQUEST: milliseconds})
        self._samples = event.end_sample
        return pb.SynthesizeResponse(audio=audio_chunk_to(event))

    def summary(self) -> pb.SynthesizeResponse:
        """The last message."""
        self._span.set_attributes({names.SAMPLES: self._samples, names.MARKS: self._marks})
        return pb.SynthesizeResponse(summary=pb.SynthesisSummary(total_samples=self._samples, total_marks=self._marks))


@asynccontextmanager
async def _closing(events: AsyncIterator[Event]) -> AsyncIterator[AsyncIterator[Event]]:
    """Stop the work when the call ends early, at once and not when the collector comes by."""
    try:
        yield events
    finally:
        if isinstance(events, AsyncGenerator):
            await events.aclose()


def _header(script: Script, sample_rate_hz: int) -> pb.SynthesizeResponse:
    effective = script_to(replace(script, text=""))
    return pb.SynthesizeResponse(header=pb.SynthesisHeader(format=_format(sample_rate_hz), effective=effective))


def _format(sample_rate_hz: int) -> audio_pb2.AudioFormat:
    return audio_pb2.AudioFormat(sample_rate_hz=sample_rate_hz, channels=1)
