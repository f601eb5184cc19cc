"""The corpus that the network of the mesh engine learns from."""

import numpy as np
import pytest

from likeness_animator.engines.mesh.listening import mel
from likeness_animator.engines.mesh.listening.classes import CLASSES
from likeness_animator.engines.mesh.listening.listener import Listener
from likeness_animator.engines.mesh.listening.network import Network, Weights
from likeness_tts.voices.espeak.library import Prosody
from training import augment, corpus, measure, texts, voices
from training.labels import IGNORED, classes_at_hops
from training.voices import Spoken

pytestmark = pytest.mark.unit

RATE = 22_050


def said(text: str = "Maybe the baby moved my pepper.") -> Spoken:
    return voices.espeak(text, "gmw/en-US+f4", Prosody())


def names(labels: list[int]) -> list[str]:
    return ["?" if label == IGNORED else CLASSES[label] for label in labels]


def test_labels_follow_the_sounds_and_their_parts() -> None:
    sounds = ((0, 1000, ""), (1000, 2000, "p"), (2000, 4000, "aʊ"), (4000, 5000, "tʃ"), (5000, 6000, "ʘ"))
    labels = names(classes_at_hops(Spoken(np.zeros(6000, np.int16), 10_000, sounds)).tolist())
    assert labels[:20] == [""] * 10 + ["p"] * 10
    assert labels[20] == "a"
    assert labels[39] == "ʊ"
    assert labels[40:50] == ["t"] * 5 + ["ʃ"] * 5


def test_sentences_vary_and_the_same_seed_says_the_same() -> None:
    first, again = ([texts.sentence(np.random.default_rng(4), "de") for _ in range(2)] for _ in range(2))
    assert first == again
    random = np.random.default_rng(4)
    assert len({texts.sentence(random, language) for language in ("en-us", "fr", "tr") for _ in range(50)}) == 150


def test_test_voices_are_not_trained_on() -> None:
    assert not set(voices.TEST_VARIANTS) & set(voices.TRAINING_VARIANTS)
    assert not set(voices.TEST_LANGUAGES) & set(voices.TRAINING_LANGUAGES)
    assert not set(voices.TEST_FLITE) & set(voices.TRAINING_FLITE)


def test_the_corpus_sees_what_the_listener_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    spoken = said()
    seen: list[mel.Floats] = []
    step = Network.step

    def watched(self: Network, features: mel.Floats, state: mel.Floats) -> tuple[Weights, mel.Floats]:
        seen.append(features)
        return step(self, features, state)

    monkeypatch.setattr(Network, "step", watched)
    listener = Listener(spoken.rate)
    listener.add(spoken.pcm, 0)
    listener.listen(len(spoken.pcm))
    np.testing.assert_allclose(np.array(seen), corpus.frames_of(spoken.pcm, spoken.rate), atol=2e-3)


def test_a_larger_speaker_says_the_same_in_more_time() -> None:
    spoken = said()
    changed = corpus.varied(np.random.default_rng(2), spoken, 1.0)
    factor = len(spoken.pcm) / len(changed.pcm)
    assert factor != 1
    assert changed.sounds[-1][1] == pytest.approx(len(changed.pcm), abs=2)
    assert [value for _, _, value in changed.sounds] == [value for _, _, value in spoken.sounds]


def test_rooms_leave_the_sound_in_its_place() -> None:
    click = np.zeros(RATE)
    click[1000] = 1.0
    echoing = augment.room(np.random.default_rng(1), click, RATE)
    assert np.abs(echoing).argmax() == 1000
    assert not echoing[:999].round(9).any()
    assert np.abs(echoing[1100:]).max() > 0


@pytest.mark.parametrize("kind", ["white", "pink", "babble", "hum"])
def test_noise_has_the_loudness_asked_for(kind: str) -> None:
    random = np.random.default_rng(1)
    speech = np.sin(np.arange(RATE) / 20)
    background = augment.noise(random, kind, RATE, RATE, speech)
    mixed = augment.with_noise(random, speech, background, 10)
    ratio = np.mean(speech**2) / np.mean((mixed - speech) ** 2)
    assert 10 * np.log10(ratio) == pytest.approx(10, abs=2)


def test_degraded_speech_stays_within_full_scale() -> None:
    signal = said().pcm / mel.FULL_SCALE
    for seed in range(12):
        degraded = augment.degrade(np.random.default_rng(seed), signal, RATE, signal)
        assert degraded.shape == signal.shape
        assert np.isfinite(degraded).all()
        assert np.abs(degraded).max() <= 1


def test_the_meter_finds_marks_perfect_and_delays() -> None:
    spoken = said()
    wanted = measure.openings(measure.mouths(spoken, with_marks=True))
    assert measure.closures(spoken, wanted) == (1.0, 1.0)
    lag, correlation = measure.best_lag(wanted, np.roll(wanted, 2))
    assert lag == 80
    assert correlation == pytest.approx(1.0)


def test_a_voice_it_has_never_heard_moves_the_mouth_as_its_marks_do() -> None:
    spoken = measure.read("variants", seed=5, sentences=5)
    recorded = measure.conditions(spoken, seed=5)
    for name, least in (("clean", 0.7), ("20 dB", 0.65), ("-30 dB", 0.7)):
        found = measure.score(spoken, recorded[name])
        assert found.correlation > least
        assert abs(found.lag_ms) <= 40
        assert found.pauses_closed > 0.95
