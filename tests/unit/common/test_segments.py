"""Segments travel in parts and come back whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness_common.convert.segments import MAX_PART_BYTES, SegmentAssembler, segment_to_parts
from likeness_common.errors import Internal
from likeness_common.media import Segment, SegmentKind, VideoFormat

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("size", [0, 1, MAX_PART_BYTES, MAX_PART_BYTES + 1, 3 * MAX_PART_BYTES])
def test_a_segment_survives_the_trip(size: int) -> None:
    segment = Segment.of(3, SegmentKind.MEDIA, bytes(range(256)) * (size // 256) + b"x" * (size % 256)).at(30, 25, 25)
    parts = list(segment_to_parts(segment))
    assert all(len(part.data) <= MAX_PART_BYTES for part in parts)
    assembler = SegmentAssembler()
    results = [assembler.add(part) for part in parts]
    assert results[:-1] == [None] * (len(parts) - 1)
    assert results[-1] == segment


def test_a_damaged_part_is_noticed() -> None:
    part = next(segment_to_parts(Segment.of(0, SegmentKind.INIT, b"abc")))
    part.data = b"abd"
    with pytest.raises(Internal, match="SHA-256"):
        SegmentAssembler().add(part)


def test_a_missing_part_is_noticed() -> None:
    parts = list(segment_to_parts(Segment.of(0, SegmentKind.INIT, b"x" * (MAX_PART_BYTES + 1))))
    with pytest.raises(Internal, match="part 1"):
        SegmentAssembler().add(parts[1])


def test_a_kind_of_a_later_server_is_noticed() -> None:
    part = next(segment_to_parts(Segment.of(4, SegmentKind.INIT, b"abc")))
    part.ClearField("kind")
    with pytest.raises(Internal, match="segment 4 is of kind 0"):
        SegmentAssembler().add(part)


@given(st.integers(0, 10**9), st.integers(10, 60), st.integers(8000, 48000))
def test_the_frame_clock_never_drifts(frame: int, fps: int, rate: int) -> None:
    start = VideoFormat(64, 64, fps).frame_start_sample(frame, rate)
    assert start <= frame * rate / fps < start + 1 + 1e-3
    assert VideoFormat(64, 64, fps).frames_covering(start, rate) <= frame


@given(st.integers(0, 10**9), st.integers(10, 60), st.integers(8000, 48000))
def test_covering_frames_last_at_least_as_long_as_the_audio(samples: int, fps: int, rate: int) -> None:
    frames = VideoFormat(64, 64, fps).frames_covering(samples, rate)
    assert frames * rate >= samples * fps
    assert (frames - 1) * rate < samples * fps or frames == 0


def test_neighbouring_segments_touch_in_microseconds() -> None:
    first = Segment.of(1, SegmentKind.MEDIA, b"").at(0, 7, 30)
    second = Segment.of(2, SegmentKind.MEDIA, b"").at(7, 7, 30)
    assert first.pts_us + first.duration_us == second.pts_us
