"""Randomness without state: numbers that depend on nothing but their key."""

_MASK = (1 << 64) - 1


def chance(seed: int, *key: int) -> float:
    """A number from 0 to 1 that depends on nothing but its arguments (the mixer of SplitMix64, Steele et al. 2014)."""
    state = seed
    for part in key:
        state = (state * 0xD1342543DE82EF95 + part + 1) & _MASK
    state = (state + 0x9E3779B97F4A7C15) & _MASK
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
    return (state ^ (state >> 31)) / 2**64


def between(low: float, high: float, seed: int, *key: int) -> float:
    """A number from `low` to `high`, all equally likely."""
    return low + (high - low) * chance(seed, *key)


def centred(seed: int, *key: int) -> float:
    """A number from -1 to 1, more often near 0: a triangular distribution."""
    return chance(seed, *key, 0) - chance(seed, *key, 1)


def noise(seed: int, channel: int, time: float, period: float) -> float:
    """Smooth noise from -1 to 1: a cubic B-spline through random values, one every `period` seconds."""
    index = int(time // period)
    t = time / period - index
    before, low, high, after = (2 * chance(seed, channel, index + step) - 1 for step in range(4))
    spline = (
        (1 - t) ** 3 * before
        + (3 * t**3 - 6 * t**2 + 4) * low
        + (-3 * t**3 + 3 * t**2 + 3 * t + 1) * high
        + t**3 * after
    )
    return spline / 6
