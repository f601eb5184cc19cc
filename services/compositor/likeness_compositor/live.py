"""The live path: fragmented MP4 whose segments leave as soon as their last picture is encoded."""

from collections import deque
from collections.abc import Iterator

from likeness_common.media import Segment, SegmentKind
from likeness_common.stages.compositor import OutputSpec
from likeness_compositor.encoders import H264Encoder, PictureReader
from likeness_compositor.fmp4 import AudioTrack, Samples, VideoTrack, init_segment, media_segment
from likeness_compositor.sound import BIT_RATE, FRAME_SAMPLES, OUTPUT_RATE_HZ, PRIMING_SAMPLES, SoundTrack
from likeness_compositor.spec import segment_spans

_TICKS_PER_FRAME = 512


class LiveWriter:
    """Encodes in the calling thread. What it holds does not grow with the film.

    A segment's sound covers its pictures to the end, and overlaps the next segment by less than one AAC frame. The
    encoder needs 75 ms of sound beyond that, so a segment whose sound is not that far ahead waits for it, or for the
    end.
    """

    def __init__(self, spec: OutputSpec) -> None:
        video = spec.video
        self._video = video
        self._pictures = PictureReader(video)
        self._h264 = H264Encoder(video, spec.crf)
        self._sound = SoundTrack(spec.audio)
        self._video_track = VideoTrack(
            video.width, video.height, video.fps * _TICKS_PER_FRAME, _TICKS_PER_FRAME, self._h264.config
        )
        self._audio_track = AudioTrack(OUTPUT_RATE_HZ, FRAME_SAMPLES, PRIMING_SAMPLES, BIT_RATE, self._sound.config)
        self._plan = segment_spans(video.fps, spec.segment_ms)
        self._spans: deque[tuple[int, int]] = deque()
        self._coded_pictures: deque[bytes] = deque()
        self._frames = 0
        self._packets_sent = 0
        self._sequence = 0

    def start(self) -> list[Segment]:
        """The init segment."""
        return [self._numbered(SegmentKind.INIT, init_segment(self._video_track, self._audio_track))]

    def add_audio(self, pcm: bytes) -> list[Segment]:
        """Take the next samples; return the segments that they complete."""
        self._sound.add(pcm)
        return self._advance()

    def add_frame(self, data: memoryview) -> list[Segment]:
        """Encode the next picture; return the segments that it completes."""
        begins = not self._spans or self._frames == self._spans[-1][1]
        if begins:
            self._spans.append(next(self._plan))
        self._coded_pictures.append(self._h264.encode(self._pictures.read(data), keyframe=begins))
        self._frames += 1
        return self._advance()

    def finish(self) -> Iterator[Segment]:
        """The last segments. Sound that is missing at the end becomes silence; sound beyond the end is cut."""
        if self._spans:
            self._spans[-1] = (self._spans[-1][0], self._frames)
        end = self._video.frame_start_sample(self._frames, OUTPUT_RATE_HZ)
        self._sound.finish(end)
        return iter(self._advance(last_ticks=(end - 1) % FRAME_SAMPLES + 1))

    def abort(self) -> None:
        """Do nothing: a call takes milliseconds."""

    def close(self) -> None:
        """Do nothing: the encoders go with this object."""

    def _packets_covering(self, frame: int) -> int:
        """AAC packets, the priming one included, that cover all sound before `frame`."""
        return 1 + -(-self._video.frame_start_sample(frame, OUTPUT_RATE_HZ) // FRAME_SAMPLES)

    def _advance(self, last_ticks: int = 0) -> list[Segment]:
        self._sound.encode(self._packets_covering(self._frames))
        segments = []
        while self._spans and self._complete(*self._spans[0]):
            first, end = self._spans.popleft()
            segments.append(self._cut(first, end, last_ticks if end == self._frames else 0))
        return segments

    def _complete(self, first: int, end: int) -> bool:
        packets = self._packets_covering(end) - self._packets_sent
        return len(self._coded_pictures) >= end - first and len(self._sound.packets) >= packets

    def _cut(self, first: int, end: int, last_ticks: int) -> Segment:
        """The segment of frames [first, end); `last_ticks` shortens its last AAC frame to the end of the film."""
        packets = self._packets_covering(end) - self._packets_sent
        pictures = Samples(first * _TICKS_PER_FRAME, [self._coded_pictures.popleft() for _ in range(end - first)])
        sound = Samples(
            self._packets_sent * FRAME_SAMPLES, [self._sound.packets.popleft() for _ in range(packets)], last_ticks
        )
        self._packets_sent += packets
        data = media_segment(self._sequence, self._video_track, pictures, self._audio_track, sound)
        return self._numbered(SegmentKind.MEDIA, data).at(first, end - first, self._video.fps)

    def _numbered(self, kind: SegmentKind, data: bytes) -> Segment:
        segment = Segment.of(self._sequence, kind, data)
        self._sequence += 1
        return segment
