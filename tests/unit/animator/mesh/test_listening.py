"""What is heard in speech without marks."""

import hashlib
import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from likeness_animator.engines.mesh.listening import classes, mel
from likeness_animator.engines.mesh.listening.listener import Heard, Listener
from likeness_animator.engines.mesh.listening.mouth import mouth_heard
from likeness_animator.engines.mesh.listening.network import LATE_HOPS, SILENT, STATE_SHAPE, STEPS, WEIGHTS
from likeness_animator.engines.mesh.pose import MouthPose
from likeness_animator.engines.mesh.visemes import CONSONANTS, VOWELS
from likeness_animator.onnx import onnxruntime

from .speech import RATE, babble

pytestmark = pytest.mark.unit

CARD = Path(__file__).parents[4] / "training" / "model_card.md"
PCM: NDArray[np.int16] = np.frombuffer(babble(1.5), np.int16)


def listen(listener: Listener, pcm: NDArray[np.int16], horizon: int, chunk: int, start: int = 0) -> Heard:
    for position in range(start, len(pcm), chunk):
        listener.add(pcm[position : position + chunk], position)
    listener.listen(horizon)
    heard = listener.heard()
    assert heard is not None
    return heard


@cache
def expected() -> Heard:
    return listen(Listener(RATE), PCM, len(PCM), len(PCM))


def test_the_model_card_speaks_of_the_file_that_is_shipped() -> None:
    content = WEIGHTS.read_bytes()
    assert len(content) < 2 * 1024 * 1024
    assert hashlib.sha256(content).hexdigest() in CARD.read_text(encoding="utf-8")


def test_the_network_takes_and_gives_what_the_listener_expects() -> None:
    session = onnxruntime.InferenceSession(WEIGHTS, providers=["CPUExecutionProvider"])
    shapes = {item.name: tuple(item.shape) for item in (*session.get_inputs(), *session.get_outputs())}
    assert shapes == {
        "features": (1, 1, mel.BANDS),
        "state": STATE_SHAPE,
        "weights": (2, len(classes.CLASSES)),
        "next_state": STATE_SHAPE,
    }
    # Nothing but plain ONNX: no operators of another domain, which not every runtime has.
    assert not re.search(rb"com\.microsoft|org\.pytorch", WEIGHTS.read_bytes())


def test_every_letter_of_the_mouth_model_has_a_class() -> None:
    assert set(classes.CLASS_OF) == {*VOWELS, *CONSONANTS}
    assert len(classes.visemes()) == len(classes.CLASSES) - 1


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 9000), min_size=1, max_size=12))
def test_chunks_do_not_matter(sizes: list[int]) -> None:
    listener, position = Listener(RATE), 0
    for size in [*sizes, len(PCM)]:
        listener.add(PCM[position : position + size], position)
        position = min(position + size, len(PCM))
        listener.listen(position)
    heard = listener.heard()
    assert heard is not None
    np.testing.assert_array_equal(heard.weights, expected().weights)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, len(PCM)), st.integers(0, len(PCM)), st.booleans())
def test_a_snapshot_continues_the_same(horizon: int, start: int, forgets: bool) -> None:
    listener = Listener(RATE)
    listen(listener, PCM, horizon, 500)
    if forgets:
        listener.forget(horizon * 100 // RATE - 30)
    restored = Listener(RATE)
    restored.restore(json.loads(json.dumps(listener.snapshot())))
    heard = listen(restored, PCM, len(PCM), 700, start=min(start, horizon * 100 // RATE * RATE // 100))
    np.testing.assert_array_equal(heard.weights, expected().weights[heard.first :])


def test_it_wakes_up_the_same_after_a_rest_however_the_rest_was_cut() -> None:
    heard = []
    for rests in ([12_000], [3000, 7777, 12_000]):
        listener = Listener(RATE)
        listener.add(PCM, 0)
        for horizon in rests:
            listener.rest(horizon)
            assert listener.heard() is None
        listener.listen(len(PCM))
        heard.append(listener.heard())
    assert heard[0] is not None
    assert heard[1] is not None
    assert heard[0].first == heard[1].first == 50
    np.testing.assert_array_equal(heard[0].weights, heard[1].weights)


def test_what_it_keeps_is_bounded() -> None:
    listener = Listener(RATE)
    for second in range(60):
        listener.add(PCM[:RATE], second * RATE)
        listener.listen((second + 1) * RATE)
        listener.forget((second + 1) * 100 - 50)
        heard = listener.heard()
        assert heard is not None
        assert len(heard.weights) <= 60
        assert len(listener._arrived) < RATE // 100
    assert len(json.dumps(listener.snapshot())) < 6000


@pytest.mark.parametrize("damage", [{"window": "AAAA"}, {"state": "AAAA"}, {"weights": "AAAA"}, {"first": "x"}])
def test_damaged_snapshots_are_refused(damage: dict[str, str]) -> None:
    listener = Listener(RATE)
    listen(listener, PCM, 9000, 500)
    with pytest.raises(ValueError, match=r".+"):
        Listener(RATE).restore(listener.snapshot() | damage)


def noises(rate: int) -> dict[str, NDArray[np.float64]]:
    random, times = np.random.default_rng(3), np.arange(3 * rate) / rate
    chord = sum(np.sin(2 * np.pi * pitch * times) for pitch in (262, 330, 392))
    return {
        "silence": 0 * times,
        "hiss": 300 * random.standard_normal(len(times)),
        "loud noise": 4000 * random.standard_normal(len(times)),
        "chord": 2000 * np.asarray(chord),
    }


@pytest.mark.parametrize("kind", ["silence", "hiss", "loud noise", "chord"])
@pytest.mark.parametrize("rate", [8000, 24_000, 48_000])
def test_without_speech_the_mouth_stays_closed(kind: str, rate: int) -> None:
    pcm = np.rint(noises(rate)[kind]).astype(np.int16)
    heard = listen(Listener(rate), pcm, len(pcm), 4000)
    opening = [mouth_heard(time, heard, 0.04).lower for time in np.arange(0.5, 2.8, 0.04)]
    assert max(opening) < 0.15
    assert max(opening[12:]) < 0.06


def test_silence_is_exactly_the_mouth_at_rest() -> None:
    heard = Heard(0, np.repeat(SILENT[None], 60, axis=0))
    assert {mouth_heard(time, heard, 0.04) for time in np.arange(0.2, 0.5, 0.01)} == {MouthPose()}


def vowel_then(name: str, certainty: float) -> Heard:
    """An open vowel, a consonant of 60 ms and the vowel again."""
    weights = np.zeros((60, len(classes.CLASSES)), np.uint8)
    weights[:, classes.CLASSES.index("a")] = STEPS
    weights[27:33] = 0
    weights[27:33, classes.CLASSES.index(name)] = round(STEPS * certainty)
    weights[27:33, classes.CLASSES.index("t")] += round(STEPS * (1 - certainty))
    return Heard(0, weights)


def test_lips_meet_for_a_certain_p_and_not_for_an_unlikely_one() -> None:
    openings = [mouth_heard(0.3, vowel_then("p", certainty), 0.04).lower for certainty in (1.0, 0.3, 0.0)]
    assert openings[0] < 0.01
    assert 0.1 < openings[1] < openings[2]


def test_nothing_heard_is_a_closed_mouth() -> None:
    assert mouth_heard(0.0, Heard(0, np.zeros((0, len(classes.CLASSES)), np.uint8)), 0.04) == MouthPose()


def test_movement_is_smooth() -> None:
    heard = vowel_then("p", 1.0)
    curve = np.array([mouth_heard(time, heard, 0.04).lower for time in np.arange(0.15, 0.45, 0.002)])
    assert np.abs(np.diff(curve)).max() < 0.06


@pytest.mark.parametrize("rate", [8000, 11_025, 16_000, 22_050, 44_100, 48_000])
def test_every_rate_gives_the_same_bands(rate: int) -> None:
    """Tones below 4 kHz, heard against 24 kHz."""

    def energies(at: int) -> NDArray[np.float32]:
        times = np.arange(at // 2) / at
        tones = sum(np.sin(2 * np.pi * hertz * times) for hertz in (150, 400, 900, 1700, 2600))
        analysis = mel.Analysis.at(at)
        frame = np.rint(3000 * np.asarray(tones)).astype(np.int16)[None, -len(analysis.window) :]
        return np.asarray(analysis.energies(frame)[0])

    here, there = energies(rate), energies(24_000)
    loud = there > there.max() - 25
    assert loud.sum() >= 5
    np.testing.assert_allclose(here[loud], there[loud], atol=3)


def test_quiet_recordings_look_like_loud_ones() -> None:
    random = np.random.default_rng(5)
    analysis = mel.Analysis.at(RATE)
    loud = analysis.energies((8000 * random.standard_normal((20, len(analysis.window)))).astype(np.int16))
    quiet = loud - 30
    for energies, level in ((loud, float(mel.loudness(loud).max())), (quiet, float(mel.loudness(quiet).max()))):
        np.testing.assert_allclose(
            mel.features(energies, level), mel.features(loud, mel.loudness(loud).max()), atol=1e-4
        )


def test_the_level_rises_at_once_and_falls_slowly() -> None:
    assert mel.level_after(-50.0, -20.0) == -20.0
    assert mel.level_after(-20.0, -90.0) == pytest.approx(-20.05)
    assert mel.level_after(mel.QUIETEST_DB, -90.0) == mel.QUIETEST_DB


def test_opinions_come_within_the_lookahead() -> None:
    """A hop has its final weights LATE_HOPS later, whatever comes after that."""
    horizon = 20_000
    early = listen(Listener(RATE), PCM[:horizon], horizon, 999)
    final = horizon * 100 // RATE - LATE_HOPS
    np.testing.assert_array_equal(early.weights[:final], expected().weights[:final])
