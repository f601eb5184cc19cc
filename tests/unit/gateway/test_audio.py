"""Sound on its way to the composition."""

import asyncio

import pytest

from likeness_common.errors import Internal
from likeness_common.media import AudioChunk
from likeness_gateway.pipeline.audio import AudioBuffer

pytestmark = pytest.mark.unit


def chunk(sequence: int, start: int, samples: int) -> AudioChunk:
    return AudioChunk(sequence, start, bytes(range(1, 256))[: samples * 2].ljust(samples * 2, b"\x07"))


async def test_chunks_are_cut_to_the_stretches_asked_for() -> None:
    buffer = AudioBuffer(1000)
    chunks = [chunk(0, 0, 30), chunk(1, 30, 50), chunk(2, 80, 20)]
    for piece in chunks:
        await buffer.put(piece)
    taken = [await buffer.take(end, end) for end in (10, 45, 100)]
    assert [(piece.sequence, piece.start_sample, piece.end_sample) for piece in taken] == [
        (0, 0, 10),
        (1, 10, 45),
        (2, 45, 100),
    ]
    assert b"".join(piece.pcm for piece in taken) == b"".join(piece.pcm for piece in chunks)


async def test_after_the_end_there_is_silence() -> None:
    buffer = AudioBuffer(1000)
    await buffer.put(chunk(0, 0, 10))
    buffer.finish()
    taken = await buffer.take(16, 16)
    assert taken.pcm == chunk(0, 0, 10).pcm + bytes(12)
    assert (await buffer.take(20, 20)).pcm == bytes(8)
    assert buffer.end_sample == 10


async def test_the_reader_waits_for_sound() -> None:
    buffer = AudioBuffer(1000)
    taking = asyncio.create_task(buffer.take(20, 20))
    await buffer.put(chunk(0, 0, 10))
    await asyncio.sleep(0)
    assert not taking.done()
    await buffer.put(chunk(1, 10, 10))
    assert (await taking).sample_count == 20


async def test_the_writer_waits_while_it_is_full() -> None:
    buffer = AudioBuffer(100)
    await buffer.put(chunk(0, 0, 60))
    await buffer.put(chunk(1, 60, 60))
    writing = asyncio.create_task(buffer.put(chunk(2, 120, 60)))
    await asyncio.sleep(0)
    assert not writing.done()
    assert buffer.waiting == 120
    await buffer.take(21, 21)
    await writing
    assert buffer.waiting == 159


async def test_a_gap_is_an_error() -> None:
    buffer = AudioBuffer(100)
    await buffer.put(chunk(0, 0, 10))
    with pytest.raises(Internal, match="sample 11"):
        await buffer.put(chunk(1, 11, 10))


async def test_sound_that_is_there_goes_ahead_and_is_not_waited_for() -> None:
    buffer = AudioBuffer(1000)
    await buffer.put(chunk(0, 0, 30))
    first = await buffer.take(10, 20)
    second = await buffer.take(25, 50)
    assert [(first.start_sample, first.end_sample), (second.start_sample, second.end_sample)] == [(0, 20), (20, 30)]
    nothing = await buffer.take(28, 50)
    assert nothing.pcm == b""
    await buffer.put(chunk(1, 30, 10))
    assert (await buffer.take(40, 60)).sequence == 2
