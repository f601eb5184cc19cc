"""Makes the corpus: what the network sees, and the class of every hop. Same seed, same corpus.

Run as `python -m training.corpus out/corpus.npz --hours 5`.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from likeness_animator.engines.mesh.listening import mel
from likeness_tts.voices.espeak.library import Prosody
from training import augment, texts, voices
from training.labels import classes_at_hops
from training.voices import Spoken

CLIP_HOPS = 400
FLITE_SHARE = 0.35
"""Part of the corpus that flite reads: fewer voices than eSpeak NG's, but made of recorded speech."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """`features` (clips, CLIP_HOPS, BANDS) float16 and `labels` (clips, CLIP_HOPS) int8."""

    features: NDArray[np.float16]
    labels: NDArray[np.int8]


def frames_of(pcm: NDArray[np.int16], rate: int) -> mel.Floats:
    """Features of a whole recording, (hops, BANDS): what the streaming analysis gives hop by hop."""
    analysis = mel.Analysis.at(rate)
    length = len(analysis.window)
    ends = np.array([mel.hop_end(hop, rate) for hop in range(len(pcm) * mel.HOPS_PER_SECOND // rate)], np.int64)
    padded = np.concatenate([np.zeros(length, np.int16), pcm])
    energies = analysis.energies(np.lib.stride_tricks.sliding_window_view(padded, length)[ends])
    rising = mel.FORGETTING_DB * np.arange(1, len(ends) + 1)
    loud = np.maximum(mel.loudness(energies), mel.QUIETEST_DB)
    levels = np.maximum.accumulate(np.maximum(loud + rising, mel.QUIETEST_DB)) - rising
    return mel.features(energies, np.maximum(levels, mel.QUIETEST_DB)[:, None].astype(np.float32))


def read_espeak(random: np.random.Generator) -> Spoken:
    """A sentence in a language, voice and manner of the training set."""
    language = str(random.choice([*voices.TRAINING_LANGUAGES, "en-us", "en-gb", "en-us"]))
    variant = str(random.choice(voices.TRAINING_VARIANTS))
    prosody = Prosody(int(random.integers(110, 260)), int(random.integers(15, 90)), int(random.integers(20, 90)))
    identifier = voices.TRAINING_LANGUAGES[language] + (f"+{variant}" if variant else "")
    return varied(random, voices.espeak(texts.sentence(random, language), identifier, prosody), 0.4)


def read_flite(random: np.random.Generator) -> Spoken:
    """An English sentence by a flite voice of the training set."""
    text, stretch = texts.sentence(random, "en-us"), random.uniform(0.75, 1.35)
    return varied(random, voices.flite(text, str(random.choice(voices.TRAINING_FLITE, p=(0.8, 0.2))), stretch), 0.8)


def varied(random: np.random.Generator, spoken: Spoken, chance: float) -> Spoken:
    """Now and then a larger or smaller speaker: played slower or faster, which moves formants and pitch."""
    if random.random() > chance:
        return spoken
    factor = random.uniform(0.84, 1.22)
    pcm = soxr.resample(spoken.pcm, spoken.rate * factor, spoken.rate)
    sounds = tuple((round(start / factor), round(end / factor), value) for start, end, value in spoken.sounds)
    return Spoken(pcm, spoken.rate, sounds)


def clips(random: np.random.Generator, hops: int) -> Iterator[tuple[mel.Floats, NDArray[np.int64]]]:
    """Degraded speech of at least `hops` hops in all, with pauses; now and then nothing but background."""
    others = np.zeros(1)
    while hops > 0:
        reader: Callable[[np.random.Generator], Spoken] = read_flite if random.random() < FLITE_SHARE else read_espeak
        spoken = with_pauses(random, reader(random))
        signal = spoken.pcm / mel.FULL_SCALE
        labels = classes_at_hops(spoken)
        if random.random() < 0.06:
            signal, labels = np.zeros_like(signal), np.zeros_like(labels)
        recorded = augment.degrade(random, signal, spoken.rate, others)
        others = signal if signal.any() else others
        features = frames_of(np.rint(recorded * 32_767).clip(-32_768, 32_767).astype(np.int16), spoken.rate)
        hops -= len(features)
        yield features, labels[: len(features)]


def with_pauses(random: np.random.Generator, spoken: Spoken) -> Spoken:
    """Silence around a sentence."""
    before, after = (random.exponential(0.35, 2) * spoken.rate).astype(int).tolist()
    pcm = np.concatenate([np.zeros(before, np.int16), spoken.pcm, np.zeros(after, np.int16)])
    return Spoken(pcm, spoken.rate, tuple((start + before, end + before, value) for start, end, value in spoken.sounds))


def make(seed: int, hours: float) -> Corpus:
    """The corpus: sentences one after another, cut into clips."""
    random = np.random.default_rng(seed)
    features, labels = zip(*clips(random, round(hours * 3600 * mel.HOPS_PER_SECOND)), strict=True)
    joined, classes = np.concatenate(features), np.concatenate(labels)
    whole = len(joined) // CLIP_HOPS * CLIP_HOPS
    return Corpus(
        joined[:whole].reshape(-1, CLIP_HOPS, mel.BANDS).astype(np.float16),
        classes[:whole].reshape(-1, CLIP_HOPS).astype(np.int8),
    )


def main() -> None:
    """Write the corpus to a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--hours", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    corpus = make(options.seed, options.hours)
    options.path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(options.path, features=corpus.features, labels=corpus.labels)
    print(f"{len(corpus.features)} clips, {corpus.labels.size / 360_000:.2f} hours")
    print("hops per class", np.bincount(corpus.labels[corpus.labels >= 0], minlength=28).tolist())


if __name__ == "__main__":
    main()
