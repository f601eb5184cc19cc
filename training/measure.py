"""How well the network drives the mouth of the mesh engine, against the mouth that the voices' own marks give.

Run as `python -m training.measure`. Everything goes through the engine's own track and mouth model at 25 frames a
second, with the lookahead of a session; nothing is read from the network directly.
"""

import argparse
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from likeness_animator.engines.mesh import acting
from likeness_animator.engines.mesh.pose import MouthPose
from likeness_animator.engines.mesh.speaking import mouth_of
from likeness_animator.engines.mesh.track import SpeechTrack
from likeness_animator.engines.mesh.visemes import articulate
from likeness_common.media import AudioChunk, Mark, MarkKind, VideoFormat
from likeness_tts.voices.espeak.library import Prosody
from training import augment, texts, voices
from training.voices import Spoken

VIDEO = VideoFormat(64, 64)
SHUT = 0.06
"""Opening (the lower lip's way, 0 to 1) below which lips count as closed."""
PAUSE_S, SETTLING_S = 0.2, 0.12

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Score:
    """`correlation` of the openings at `lag_ms` (positive: the network is late), and shares from 0 to 1."""

    correlation: float
    lag_ms: int
    aligned: float
    closures_found: float
    closures_right: float
    pauses_closed: float


def mouths(spoken: Spoken, *, with_marks: bool) -> list[MouthPose]:
    """The mouth of every frame of some speech."""
    track = SpeechTrack(spoken.rate)
    if with_marks:
        for start, end, value in spoken.sounds:
            track.add_mark(Mark(MarkKind.PHONEME, start, end, 0, 0, value))
    track.add_audio(AudioChunk(0, 0, spoken.pcm.tobytes()))
    result = []
    for frame in range(VIDEO.frames_covering(len(spoken.pcm), spoken.rate)):
        track.forget(VIDEO.frame_start_sample(frame, spoken.rate))
        time, limit = (frame + 0.5) / VIDEO.fps, acting.horizon(frame, VIDEO, spoken.rate)
        oldest = (time - acting.MARKS_WITHIN_S) * spoken.rate
        marks = [item for item in track.spoken_until(limit) if item.end > oldest]
        result.append(mouth_of(time, marks, track, limit, 1 / VIDEO.fps))
    return result


def score(clean: Spoken, recorded: Spoken) -> Score:
    """The network on a recording, against the marks of the clean speech it was made from."""
    wanted, found = mouths(clean, with_marks=True), mouths(recorded, with_marks=False)
    target, heard = openings(wanted), openings(found)
    lag, correlation = best_lag(target, heard)
    recall, precision = closures(clean, heard)
    return Score(correlation, lag, correlate(target, heard), recall, precision, pauses(clean, heard))


def openings(found: list[MouthPose]) -> Floats:
    """The way of the lower lip, (frames,)."""
    return np.array([mouth.lower for mouth in found])


def correlate(a: Floats, b: Floats) -> float:
    """Pearson's correlation."""
    return float(np.corrcoef(a, b)[0, 1])


def best_lag(target: Floats, heard: Floats, reach: int = 5) -> tuple[int, float]:
    """The lag in ms at which the two agree best, and how well."""
    values = {
        lag: correlate(target[reach:-reach], heard[reach + lag : len(heard) - reach + lag])
        for lag in range(-reach, reach + 1)
    }
    best = max(values, key=lambda lag: values[lag])
    return best * 1000 // VIDEO.fps, values[best]


def closures(spoken: Spoken, heard: Floats) -> tuple[float, float]:
    """Share of p, b and m with closed lips within a frame; share of closed frames in speech that are at one of them."""
    near = np.zeros(len(heard), bool)
    quiet = np.zeros(len(heard), bool)
    found = []
    for start, end, value in spoken.sounds:
        frames = slice(max(0, int(start / spoken.rate * VIDEO.fps) - 1), int(end / spoken.rate * VIDEO.fps) + 2)
        parts = articulate(value)
        if not parts:
            quiet[frames] = True
        elif parts[0].viseme.closes:
            near[frames] = True
            found.append(bool(len(heard[frames]) and heard[frames].min() < SHUT))
    shut = (heard < SHUT) & ~quiet
    return float(np.mean(found)), float(np.mean(near[shut])) if shut.any() else 1.0


def pauses(spoken: Spoken, heard: Floats) -> float:
    """Share of closed frames in pauses longer than PAUSE_S, SETTLING_S after their start and before their end."""
    shut = []
    for start, end, value in _joined_pauses(spoken):
        if not value and end - start > PAUSE_S * spoken.rate:
            first = (start / spoken.rate + SETTLING_S) * VIDEO.fps
            last = (end / spoken.rate - SETTLING_S) * VIDEO.fps
            shut += (heard[int(np.ceil(first)) : max(0, int(last))] < SHUT).tolist()
    return float(np.mean(shut)) if shut else 1.0


def _joined_pauses(spoken: Spoken) -> list[tuple[int, int, str]]:
    joined: list[tuple[int, int, str]] = []
    for start, end, value in spoken.sounds:
        if joined and not value and not joined[-1][2]:
            joined[-1] = (joined[-1][0], end, "")
        else:
            joined.append((start, end, value))
    return joined


def read(kind: str, seed: int, sentences: int = 12) -> Spoken:
    """Some speech of a kind: `known` voices on new sentences, `variants`, `languages`, or a flite voice."""
    random = np.random.default_rng(seed)
    parts = [_sentence(random, kind) for _ in range(sentences)]
    pcm, sounds, position = [], [], 0
    for part in parts:
        gap = int(random.uniform(0.1, 0.9) * part.rate)
        pcm += [part.pcm, np.zeros(gap, np.int16)]
        sounds += [(position + start, position + end, value) for start, end, value in part.sounds]
        position += len(part.pcm) + gap
        sounds.append((position - gap, position, ""))
    return Spoken(np.concatenate(pcm), parts[0].rate, tuple(sounds))


def _sentence(random: np.random.Generator, kind: str) -> Spoken:
    if kind in voices.TEST_FLITE + voices.TRAINING_FLITE:
        return voices.flite(texts.sentence(random, "en-us"), kind)
    languages = voices.TEST_LANGUAGES if kind == "languages" else voices.TRAINING_LANGUAGES
    language = str(random.choice(list(languages)))
    variant = str(random.choice(voices.TRAINING_VARIANTS if kind == "known" else voices.TEST_VARIANTS))
    prosody = Prosody(int(random.integers(130, 220)), int(random.integers(30, 70)))
    identifier = languages[language] + (f"+{variant}" if variant else "")
    return voices.espeak(texts.sentence(random, language), identifier, prosody)


def conditions(spoken: Spoken, seed: int) -> dict[str, Spoken]:
    """The speech as recorded under several conditions."""
    random = np.random.default_rng(seed)
    clean = spoken.pcm / 32_768
    pink = augment.noise(random, "pink", len(clean), spoken.rate, clean)
    recordings = {
        "clean": clean,
        "20 dB": augment.with_noise(random, clean, pink, 20),
        "10 dB": augment.with_noise(random, clean, pink, 10),
        "room": augment.room(random, clean, spoken.rate),
        "-30 dB": clean * 10**-1.5,
    }
    return {
        name: replace(spoken, pcm=np.rint(32_767 * signal).clip(-32_768, 32_767).astype(np.int16))
        for name, signal in recordings.items()
    }


def without_speech(seed: int = 1, rate: int = 24_000) -> dict[str, float]:
    """The widest opening over ten seconds in which nobody speaks, after the first half second."""
    random = np.random.default_rng(seed)
    kinds = {name: augment.noise(random, name, 10 * rate, rate, np.zeros(1)) for name in ("white", "pink", "hum")}
    sounds = {"silence": np.zeros(10 * rate)} | {
        f"{name} noise": 0.1 * x / np.abs(x).max() for name, x in kinds.items()
    }
    widest = {}
    for name, signal in sounds.items():
        spoken = Spoken(np.rint(32_767 * signal).astype(np.int16), rate, ())
        widest[name] = float(openings(mouths(spoken, with_marks=False))[13:].max())
    return widest


def main() -> None:
    """Print the tables of the model card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentences", type=int, default=12)
    parser.add_argument("--seed", type=int, default=99)
    options = parser.parse_args()
    print("| voices | recording | r | lag | r at 0 | p, b, m closed | closed at p, b, m | pauses closed |")
    for kind in ("known", "variants", "languages", *voices.TEST_FLITE):
        spoken = read(kind, options.seed, options.sentences)
        for name, recorded in conditions(spoken, options.seed).items():
            s = score(spoken, recorded)
            shares = f"{s.closures_found:.0%} | {s.closures_right:.0%} | {s.pauses_closed:.0%}"
            print(f"| {kind} | {name} | {s.correlation:.3f} | {s.lag_ms} ms | {s.aligned:.3f} | {shares} |", flush=True)
    for name, opening in without_speech().items():
        print(f"{name}: widest opening {opening:.3f}")


if __name__ == "__main__":
    main()
