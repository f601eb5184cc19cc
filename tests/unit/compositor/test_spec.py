from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness_common.media import VideoFormat
from likeness_common.stages.compositor import OutputSpec
from likeness_compositor.spec import segment_spans, validate

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("fps", "segment_ms", "lengths"),
    [
        (25, 1000, [5, 10, 20, 25, 25]),
        (25, 200, [5, 5, 5, 5, 5]),
        (25, 300, [5, 7, 7, 7, 7]),
        (30, 10_000, [6, 12, 24, 48, 96]),
        (10, 1000, [2, 4, 8, 10, 10]),
    ],
)
def test_segments_grow_up_to_the_cap(fps: int, segment_ms: int, lengths: list[int]) -> None:
    spans = list(islice(segment_spans(fps, segment_ms), len(lengths)))
    assert [end - first for first, end in spans] == lengths


@given(st.integers(10, 60), st.integers(200, 10_000))
def test_segments_tile_and_respect_the_cap(fps: int, segment_ms: int) -> None:
    position = 0
    for first, end in islice(segment_spans(fps, segment_ms), 50):
        assert first == position
        assert 1 <= end - first <= segment_ms * fps / 1000
        position = end


@given(st.sampled_from([64, 512, 1920]), st.sampled_from([64, 720, 1088]), st.integers(10, 60), st.integers(10, 40))
def test_what_is_in_range_is_accepted(width: int, height: int, fps: int, crf: int) -> None:
    validate(OutputSpec(VideoFormat(width, height, fps), crf=crf))
