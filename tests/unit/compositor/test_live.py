import gc

import psutil
import pytest

from likeness_common.media import Segment
from likeness_common.stages.compositor import OutputSpec
from likeness_compositor.live import LiveWriter
from tests.unit.compositor import film

pytestmark = pytest.mark.unit

SPEC = OutputSpec(film.SMALL)
SECOND_OF_SILENCE = bytes(2 * film.RATE_HZ)


def write_seconds(writer: LiveWriter, seconds: int, frame: memoryview) -> list[Segment]:
    segments = []
    for _ in range(seconds):
        segments += writer.add_audio(SECOND_OF_SILENCE)
        for _ in range(SPEC.video.fps):
            segments += writer.add_frame(frame)
    return segments


def test_init_segment_needs_no_input() -> None:
    (init,) = LiveWriter(SPEC).start()
    assert init.data[4:8] == b"ftyp"
    assert b"moov" in init.data
    assert b"avcC" in init.data


def test_frames_may_come_before_their_sound() -> None:
    writer = LiveWriter(SPEC)
    pictures = film.frames(SPEC.video, 25)
    assert not [segment for picture in pictures for segment in writer.add_frame(memoryview(picture))]
    late = writer.add_audio(SECOND_OF_SILENCE)
    assert [(segment.first_frame, segment.frame_count) for segment in late] == [(0, 5), (5, 10)]
    assert [(segment.first_frame, segment.frame_count) for segment in writer.finish()] == [(15, 10)]


def test_a_segment_waits_for_75_ms_of_sound_beyond_it() -> None:
    writer = LiveWriter(SPEC)
    for picture in film.frames(SPEC.video, 5):
        assert writer.add_frame(memoryview(picture)) == []
    assert writer.add_audio(bytes(2 * (film.RATE_HZ * 200 // 1000))) == []
    assert len(writer.add_audio(bytes(2 * (film.RATE_HZ * 75 // 1000)))) == 1


def test_memory_does_not_grow_with_the_film() -> None:
    writer = LiveWriter(SPEC)
    frame = memoryview(film.frames(SPEC.video, 1)[0])
    write_seconds(writer, 20, frame)
    gc.collect()
    before = psutil.Process().memory_info().rss
    segments = write_seconds(writer, 90, frame)
    assert len(segments) == 90
    del segments
    gc.collect()
    assert psutil.Process().memory_info().rss - before < 3_000_000


def test_the_same_film_gives_the_same_bytes_in_another_encoder() -> None:
    pictures, pcm = film.flashes_and_clicks(SPEC.video)

    def encode() -> bytes:
        writer = LiveWriter(SPEC)
        segments = writer.start() + writer.add_audio(pcm)
        for picture in pictures:
            segments += writer.add_frame(memoryview(picture))
        return film.joined([*segments, *writer.finish()])

    assert encode() == encode()
