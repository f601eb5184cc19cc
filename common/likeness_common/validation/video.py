"""Checks of picture formats and encoder settings."""

from likeness_common.errors import InvalidArgument, Reason
from likeness_common.media import MAX_FRAME_PIXELS, VideoFormat
from likeness_common.validation.script import check_range

SIDE_RANGE = (64, 1920)
FPS_RANGE = (10, 60)
CRF_RANGE = (10, 40)
SEGMENT_MS_RANGE = (200, 10_000)


def check_video(video: VideoFormat, field: str = "video") -> None:
    """Refuse sizes and frame rates outside likeness.media.v1.VideoFormat: FIELD_OUT_OF_RANGE or FIELD_INVALID."""
    for name, side in (("width", video.width), ("height", video.height)):
        check_range(f"{field}.{name}", side, SIDE_RANGE)
        if side % 2:
            raise InvalidArgument(
                Reason.FIELD_INVALID,
                f"{field}.{name} is {side}; it has to be even, use {side - 1} or {side + 1}",
                field=f"{field}.{name}",
            )
    check_range(f"{field}.fps", video.fps, FPS_RANGE)
    if video.width * video.height > MAX_FRAME_PIXELS:
        raise InvalidArgument(
            Reason.FIELD_OUT_OF_RANGE,
            f"{field}.width times height is {video.width * video.height} pixels; "
            f"the limit is {MAX_FRAME_PIXELS} (1920x1088), make one side smaller",
            field=f"{field}.width",
        )


def check_encoding(crf: int, segment_ms: int, field: str = "header") -> None:
    """Refuse encoder settings outside likeness.compositor.v1.CompositionHeader: FIELD_OUT_OF_RANGE."""
    check_range(f"{field}.crf", crf, CRF_RANGE)
    check_range(f"{field}.segment_ms", segment_ms, SEGMENT_MS_RANGE)
