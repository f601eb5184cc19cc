"""Life without words: blinks, gaze and head motion, as pure functions of the seed and the time.

Rates are those of resting adults in conversation: about 15 blinks a minute of 0.2 to 0.35 s each (Bentivoglio et al.,
"Analysis of blink rate patterns in normal subjects", 1997), and head rotations of one to three degrees.
"""

from likeness_animator.engines.mesh.pose import HeadPose

BLINK_SLOT_S = 4.0
BLINK_CLOSE_S, BLINK_SHUT_S, BLINK_OPEN_S = 0.09, 0.05, 0.25
DOUBLE_BLINK_SHARE, DOUBLE_BLINK_AFTER_S = 0.12, 0.42
GAZE_SLOT_S, SACCADE_S = 1.6, 0.05
GAZE_MM = (0.9, 0.4)
_MASK = (1 << 64) - 1


def chance(seed: int, *key: int) -> float:
    """A number from 0 to 1 that depends on nothing but its arguments (SplitMix64, Steele et al. 2014)."""
    state = seed & _MASK
    for part in key:
        state = (state + 0x9E3779B97F4A7C15 * (part + 1)) & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        state ^= state >> 31
    return state / 2**64


def _ramp(x: float) -> float:
    x = min(max(x, 0.0), 1.0)
    return x * x * (3 - 2 * x)


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


def blink(seed: int, time: float) -> float:
    """How far the lids are shut: 0 open to 1. One blink at an irregular moment of every slot, sometimes two."""
    slot = int(time // BLINK_SLOT_S)
    shut = 0.0
    for index in (slot - 1, slot):
        if index < 0:
            continue
        start = BLINK_SLOT_S * (index + 0.2 + 0.65 * chance(seed, 1, index))
        shut = max(shut, _blink_shape(time - start))
        if chance(seed, 2, index) < DOUBLE_BLINK_SHARE:
            shut = max(shut, _blink_shape(time - start - DOUBLE_BLINK_AFTER_S))
    return shut


def _blink_shape(time: float) -> float:
    opening = time - BLINK_CLOSE_S - BLINK_SHUT_S
    return _ramp(time / BLINK_CLOSE_S) * (1 - _ramp(opening / BLINK_OPEN_S))


def gaze(seed: int, time: float) -> tuple[float, float]:
    """Where the eyes rest, in mm of iris motion right and down: fixations with quick saccades between them."""
    slot = int(time // GAZE_SLOT_S)
    since = time - GAZE_SLOT_S * (slot + 0.5 * chance(seed, 5, slot))
    moved = _ramp(since / SACCADE_S)
    places = [
        tuple(size * (2 * chance(seed, axis, index) - 1) for axis, size in zip((3, 4), GAZE_MM, strict=True))
        for index in (slot - 1, slot)
    ]
    before, after = places
    return before[0] + (after[0] - before[0]) * moved, before[1] + (after[1] - before[1]) * moved


def head(seed: int, time: float) -> HeadPose:
    """Slow drift of the head."""

    def drift(channel: int, period: float) -> float:
        return 0.7 * noise(seed, channel, time, period) + 0.3 * noise(seed, channel + 100, time, period / 2.3)

    return HeadPose(
        yaw=4.5 * drift(10, 1.7),
        pitch=2.7 * drift(11, 1.4),
        roll=2.7 * drift(12, 2.0),
        shift_x=2.4 * drift(13, 1.9),
        shift_y=1.5 * drift(14, 1.5),
    )
