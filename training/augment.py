"""What happens to speech between a mouth and a file: rooms, noise, microphones, lines and levels."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, sosfilt

Signal = NDArray[np.float64]


def degrade(random: np.random.Generator, signal: Signal, rate: int, others: Signal) -> Signal:
    """A recording of `signal` (full scale 1) under random conditions; `others` are people in the background."""
    if random.random() < 0.35:
        signal = room(random, signal, rate)
    if random.random() < 0.35:
        signal = tilt(random, signal)
    if random.random() < 0.6:
        kind = str(random.choice(["white", "pink", "babble", "hum"]))
        signal = with_noise(random, signal, noise(random, kind, len(signal), rate, others), random.uniform(5, 35))
    if random.random() < 0.2:
        signal = band_limited(random, signal, rate)
    signal = signal / (np.abs(signal).max() + 1e-9)
    if random.random() < 0.1:
        signal = np.clip(signal * random.uniform(1.5, 4), -1, 1)
    if random.random() < 0.08:
        signal = telephone_codec(signal)
    return np.asarray(signal * 10 ** (random.uniform(-40, 0) / 20))


def room(random: np.random.Generator, signal: Signal, rate: int) -> Signal:
    """Reverberation: the direct sound stays where it is; reflections fade with the room's decay time."""
    decay_s = random.uniform(0.12, 0.7)
    times = np.arange(int(decay_s * rate)) / rate
    tail = random.standard_normal(len(times)) * 10 ** (-3 * times / decay_s) * (times > 0.002)
    tail *= 10 ** (-random.uniform(2, 14) / 20) / (np.sqrt((tail**2).sum()) + 1e-9)
    tail[0] = 1.0
    for _ in range(5):
        tail[int(random.uniform(0.002, 0.03) * rate)] += random.uniform(-0.3, 0.3)
    return np.asarray(fftconvolve(signal, tail)[: len(signal)])


def noise(random: np.random.Generator, kind: str, samples: int, rate: int, others: Signal) -> Signal:
    """Background of a kind: white, pink, babble (of `others`) or hum with harmonics and music-like tones."""
    if kind == "babble":
        parts = [np.roll(np.resize(others, samples), int(random.integers(samples))) for _ in range(5)]
        return np.asarray(np.sum(parts, axis=0))
    if kind == "hum":
        times = np.arange(samples) / rate
        pitches = random.choice([50.0, 60.0, 110.0, 220.0, 262.0, 330.0, 440.0], 3) * random.uniform(0.97, 1.03)
        return np.asarray(sum(np.sin(2 * np.pi * pitch * k * times) / k for pitch in pitches for k in range(1, 6)))
    white = random.standard_normal(samples)
    if kind == "white":
        return white
    spectrum = np.fft.rfft(white)
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
    return np.asarray(np.fft.irfft(spectrum, samples))


def with_noise(random: np.random.Generator, signal: Signal, background: Signal, snr_db: float) -> Signal:
    """The two together, `snr_db` between the loud part of the speech and the noise; it comes and goes slowly."""
    speech = np.sqrt(np.mean(signal[np.abs(signal) > 0.02 * np.abs(signal).max()] ** 2)) if signal.any() else 0.1
    swell = 1 + 0.3 * np.sin(np.linspace(0, random.uniform(0, 20), len(signal)))
    gain = speech * 10 ** (-snr_db / 20) / (np.sqrt(np.mean(background**2)) + 1e-9)
    return np.asarray(signal + gain * swell * background)


def tilt(random: np.random.Generator, signal: Signal) -> Signal:
    """A microphone that favours the lows or the highs."""
    amount = random.uniform(-0.7, 0.85)
    return np.asarray(np.concatenate([signal[:1], signal[1:] - amount * signal[:-1]]))


def band_limited(random: np.random.Generator, signal: Signal, rate: int) -> Signal:
    """A telephone, or a codec that cuts the highs. Filters run forwards, and delay by less than a millisecond."""
    band = (300, 3400) if random.random() < 0.5 else (random.uniform(40, 150), random.uniform(3400, 7500))
    return np.asarray(sosfilt(butter(3, band, "bandpass", fs=rate, output="sos"), signal))


def telephone_codec(signal: Signal) -> Signal:
    """Eight bits a sample on a logarithmic scale (mu-law)."""
    squeezed = np.sign(signal) * np.log1p(255 * np.abs(signal)) / np.log(256)
    rounded = np.rint(squeezed * 127) / 127
    return np.asarray(np.sign(rounded) * np.expm1(np.abs(rounded) * np.log(256)) / 255)
