import asyncio
import threading
from itertools import pairwise

import numpy as np
import psutil
import pytest

from likeness_tts.voices.espeak.library import Espeak, Prosody, Utterance
from likeness_tts.voices.espeak.supply import Supply

pytestmark = pytest.mark.unit

TEXT = "Hello, world of big peppers and zebras."


def opened(identifier: str = "gmw/en-US") -> Espeak:
    espeak = Espeak()
    espeak.choose(identifier, Prosody())
    return espeak


def speak(text: str, identifier: str = "gmw/en-US") -> Utterance:
    espeak = opened(identifier)
    try:
        return espeak.speak(text, threading.Event())
    finally:
        espeak.close()


@pytest.mark.parametrize("identifier", ["gmw/en-US", "zle/ru", "gmw/af", "trk/ky", "map/haw"])
def test_a_fresh_copy_always_says_the_same(identifier: str) -> None:
    first = speak(TEXT, identifier)
    other = opened()
    other.speak("Something else is said meanwhile", threading.Event())
    again = speak(TEXT, identifier)
    other.close()
    assert np.array_equal(first.pcm, again.pcm)
    assert first.words == again.words
    assert first.phonemes == again.phonemes


def test_copies_do_not_share_state() -> None:
    left, right = opened(), opened("gmw/de")
    stop = threading.Event()
    alternating = [espeak.speak(TEXT, stop).pcm for _ in range(3) for espeak in (left, right)]
    left.close()
    right.close()
    alone = opened()
    wanted = [alone.speak(TEXT, stop).pcm for _ in range(3)]
    alone.close()
    assert all(np.array_equal(a, b) for a, b in zip(alternating[::2], wanted, strict=True))


def test_copies_run_at_the_same_time() -> None:
    results: dict[int, bytes] = {}

    def run(index: int) -> None:
        results[index] = speak(TEXT * 4).pcm.tobytes()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 6
    assert len(set(results.values())) == 1


@pytest.mark.parametrize(
    "markup",
    [
        '<speak>one <break time="5s"/> two</speak>',
        '<prosody rate="x-slow">one two</prosody>',
        '<audio src="file:///etc/passwd">one</audio>',
        "[[h@l'oU w'3:ld]]",
        "&#104;&#105;",
        "[[_:::::::::]]",
        "\\[[h@l'oU]]",
    ],
)
def test_markup_is_read_out_and_not_obeyed(markup: str) -> None:
    spoken = speak(markup)
    pauses = [after.sample - before.sample for before, after in pairwise(spoken.phonemes) if not before.name]
    assert max(pauses, default=0) < 22_050
    assert len([event for event in spoken.phonemes if event.name]) > 3
    hello = [event.name for event in speak("hello").phonemes if event.name]
    said = [event.name for event in spoken.phonemes if event.name]
    assert not any(said[i : i + len(hello)] == hello for i in range(len(said)))


def test_a_set_stop_flag_ends_the_call_early() -> None:
    espeak = opened()
    stop = threading.Event()
    whole = espeak.speak("word " * 400, stop)
    timer = threading.Timer(0.002, stop.set)
    timer.start()
    part = espeak.speak("word " * 400, stop)
    timer.join()
    assert len(part.pcm) < len(whole.pcm)
    assert len(espeak.speak("more", stop).pcm) == 0
    stop.clear()
    assert len(espeak.speak("more", stop).pcm) > 1000
    espeak.close()


def test_opening_and_closing_leaves_nothing_behind() -> None:
    process = psutil.Process()
    speak(TEXT)
    files, memory = process.num_fds(), process.memory_info().rss
    for _ in range(40):
        speak("Hi")
    assert process.num_fds() == files
    assert process.memory_info().rss - memory < 20 * 2**20  # 40 copies hold more than 100 MiB


def test_a_pause_is_added_for_the_last_punctuation_mark() -> None:
    espeak = opened()
    stop = threading.Event()
    plain = len(espeak.speak("first we walk home,", stop).pcm)
    paused = len(espeak.speak("first we walk home,", stop, pause=True).pcm)
    espeak.close()
    assert 0.1 < (paused - plain) / 22_050 < 0.3


def test_the_supply_hands_out_every_library_once() -> None:
    supply = Supply()
    supply.refill()
    supply.refill()
    libraries = [supply.take() for _ in range(3)]
    assert len(set(map(id, libraries))) == 3
    for library in libraries:
        library.choose("gmw/en-US", Prosody())
        assert len(library.speak("one", threading.Event()).pcm) > 1000
        library.close()


def test_a_library_given_back_beyond_need_is_closed() -> None:
    supply = Supply()
    kept, surplus = Espeak(), Espeak()
    supply.give(kept)
    files = psutil.Process().num_fds()
    supply.give(surplus)
    assert psutil.Process().num_fds() < files
    assert supply.take() is kept
    kept.close()


async def test_closing_waits_for_the_call_that_runs() -> None:
    espeak = opened()
    stop = threading.Event()
    call = asyncio.create_task(asyncio.to_thread(espeak.speak, "word " * 2000, stop))
    await asyncio.sleep(0.003)
    stop.set()
    await asyncio.to_thread(espeak.close)
    assert len((await call).pcm) < 22_050 * 600
