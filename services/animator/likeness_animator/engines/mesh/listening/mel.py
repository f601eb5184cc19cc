"""Sound as a picture: log-mel energies every 10 ms, whatever the sample rate and however loud the recording.

The filters are laid over the spectrum at the speech's own rate, so nothing is resampled: a second of speech at 16 kHz
and at 48 kHz gives the same bands, and bands above half the sample rate are simply empty. Mel scale: O'Shaughnessy,
"Speech communication", 1987.
"""

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HOPS_PER_SECOND = 100
WINDOW_S = 0.025
BANDS = 40
LOWEST_HZ, HIGHEST_HZ = 80.0, 7600.0
FULL_SCALE = 32_768.0
FLOOR = 1e-10
"""Energy of a band that counts as nothing: -100 dB of full scale."""

QUIETEST_DB = -60.0
FORGETTING_DB = 5.0 / HOPS_PER_SECOND
"""The level against which a sound is heard follows the loudest moments, and comes down again by 5 dB a second."""
SPAN_DB = 20.0
LOWEST, HIGHEST = -4.0, 1.5
"""Features are in steps of SPAN_DB around that level, and limited to what differs audibly."""

Floats = NDArray[np.float32]


def hop_end(hop: int, rate: int) -> int:
    """One past the last sample of a hop: hop k covers samples [k * rate / 100, (k + 1) * rate / 100)."""
    return (hop + 1) * rate // HOPS_PER_SECOND


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """Windows to bands at one sample rate. `window` (samples,), `filters` (frequencies, BANDS)."""

    size: int
    window: Floats
    filters: Floats

    @staticmethod
    @functools.lru_cache(maxsize=4)
    def at(rate: int) -> "Analysis":
        """The analysis of speech at `rate` Hz."""
        samples = round(WINDOW_S * rate)
        size = 1 << math.ceil(math.log2(1.5 * samples))
        window = np.hanning(samples + 2)[1:-1]
        # Energy per band as if all of the spectrum up to 8 kHz were like it: independent of rate and window.
        scale = 16_000 / (rate * float((window**2).sum()))
        return Analysis(size, (window / FULL_SCALE).astype(np.float32), (_filters(rate, size) * scale).astype("f4"))

    def energies(self, frames: NDArray[np.int16]) -> Floats:
        """Energies in dB of full scale, (frames, BANDS), of windows (frames, samples)."""
        spectrum = np.fft.rfft(frames * self.window, self.size)
        power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
        return np.asarray(10 * np.log10(power @ self.filters + np.float32(FLOOR)), np.float32)


def _filters(rate: int, size: int) -> NDArray[np.float64]:
    """Triangles, evenly spaced on the mel scale; each adds up to 1."""
    mels = np.linspace(_mel(LOWEST_HZ), _mel(HIGHEST_HZ), BANDS + 2)
    edges = 700 * (np.exp(mels / 1127) - 1)
    frequencies = (np.arange(size // 2 + 1) * rate / size)[:, None]
    rising = (frequencies - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - frequencies) / (edges[2:] - edges[1:-1])
    triangles = np.minimum(rising, falling).clip(0)
    # Full weight even where a triangle reaches beyond half the rate: its missing part is silence.
    spacing = rate / size
    return np.asarray(triangles * spacing / ((edges[2:] - edges[:-2]) / 2))


def _mel(hertz: float) -> float:
    return 1127 * math.log(1 + hertz / 700)


def loudness(energies: Floats) -> Floats:
    """Loudness in dB of the frames (frames, BANDS): the mean energy of their bands."""
    power = np.exp(energies * np.float32(math.log(10) / 10))
    return np.asarray(10 * np.log10(power.mean(axis=-1)), np.float32)


def level_after(level: float, loud: float) -> float:
    """The level against which a hop of loudness `loud` is heard, from the one before."""
    return max(loud, level - FORGETTING_DB, QUIETEST_DB)


def features(energies: Floats, level: float | Floats) -> Floats:
    """What the network sees: energies against the level."""
    limited: Floats = ((energies - level) / SPAN_DB).clip(LOWEST, HIGHEST).astype(np.float32)
    return limited
