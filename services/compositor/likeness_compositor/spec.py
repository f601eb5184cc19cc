"""What an output may ask for, and where its segments begin."""

from collections.abc import Iterator

from likeness_common.errors import InvalidArgument, Reason
from likeness_common.media import MAX_FRAME_PIXELS, VideoFormat
from likeness_common.stages.compositor import OutputSpec

FIRST_SEGMENT_MS = 200
"""A first segment this short lets playback start at once; each later one is twice as long, up to the cap."""


def validate(spec: OutputSpec) -> None:
    """Raise InvalidArgument, naming the field and the fix, for an output that cannot be encoded."""
    _in_range("output.video.width", spec.video.width, 64, 1920)
    _in_range("output.video.height", spec.video.height, 64, 1920)
    _in_range("output.video.fps", spec.video.fps, 10, 60)
    _in_range("output.crf", spec.crf, 10, 40)
    _in_range("output.segment_ms", spec.segment_ms, 200, 10_000)
    _in_range("output.audio.sample_rate_hz", spec.audio.sample_rate_hz, 8000, 48_000)
    _size(spec.video)


def segment_spans(fps: int, segment_ms: int) -> Iterator[tuple[int, int]]:
    """Frame ranges [first, end) of the media segments, without end: 200 ms, 400 ms, ... up to `segment_ms`."""
    first, length_ms = 0, FIRST_SEGMENT_MS
    while True:
        end = first + max(1, min(length_ms, segment_ms) * fps // 1000)
        yield first, end
        first, length_ms = end, min(2 * length_ms, segment_ms)


def _in_range(field: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise InvalidArgument(
            Reason.FIELD_OUT_OF_RANGE, f"{field} is {value}; choose a value from {low} to {high}.", field=field
        )


def _size(video: VideoFormat) -> None:
    for name, side in (("width", video.width), ("height", video.height)):
        if side % 2:
            raise InvalidArgument(
                Reason.FIELD_INVALID,
                f"output.video.{name} is {side}; 4:2:0 video needs an even size, for example {side - 1}.",
                field=f"output.video.{name}",
            )
    if video.width * video.height > MAX_FRAME_PIXELS:
        raise InvalidArgument(
            Reason.FIELD_OUT_OF_RANGE,
            f"output.video.height is {video.height} at a width of {video.width}, more than {MAX_FRAME_PIXELS} pixels; "
            "choose at most 1920x1088.",
            field="output.video.height",
        )
