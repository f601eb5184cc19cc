"""Two rows of teeth, seen from the front.

Widths and lengths are textbook means of adult teeth (Wheeler, "Dental Anatomy, Physiology and Occlusion"); the widths
of the canines and of those behind are foreshortened along the dental arch.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from likeness_animator.engines.mesh.fields import smoothstep
from likeness_animator.engines.mesh.shape import Array

EDGE_MM, GUM_EDGE_MM = 0.35, 0.5
"""Softness of what is drawn."""
DISTAL = 0.35
"""The corner of a tooth away from the middle is rounder than the other."""
GAP_MM, GAP_SHADE = 0.3, 0.55
RECEDE_PER_MM2 = 0.0035
ARCH_FROM_MM, ARCH_RANGE_MM, ARCH_SHADE = 7.0, 17.0, 0.72
"""The arch turns away from the light."""
IRREGULAR_MM, IRREGULAR_SHADE = 0.18, 0.035
"""No two teeth are quite alike."""


@dataclass(frozen=True, slots=True)
class Row:
    """Teeth of one half of a jaw, from the middle to the back, in mm.

    widths: as seen from the front. lengths: of the crowns. raised: how much earlier than that of a central incisor an
    edge ends. pointed: how far its middle stands out. rounded: how far its corners are cut.
    shades: brightness against a central incisor. deepening: loss of light towards the gums.
    """

    widths: tuple[float, ...]
    lengths: tuple[float, ...]
    raised: tuple[float, ...]
    pointed: tuple[float, ...]
    rounded: tuple[float, ...]
    shades: tuple[float, ...]
    deepening: float
    recede: float


UPPER = Row(
    widths=(8.5, 6.5, 6.2, 4.6, 3.4, 2.4),
    lengths=(10.0, 8.6, 9.8, 8.0, 7.0, 6.5),
    raised=(0.0, 0.8, -0.5, 0.4, 0.9, 1.2),
    pointed=(0.0, 0.0, 1.1, 0.8, 0.4, 0.3),
    rounded=(0.6, 0.9, 1.0, 0.9, 0.8, 0.8),
    shades=(1.0, 0.95, 0.9, 0.88, 0.85, 0.8),
    deepening=0.0,
    recede=1.0,
)
LOWER = Row(
    widths=(5.1, 5.6, 5.8, 4.6, 3.4, 2.4),
    lengths=(8.6, 9.0, 10.0, 8.3, 7.5, 7.0),
    raised=(0.0, 0.1, -0.3, 0.6, 1.0, 1.2),
    pointed=(0.0, 0.0, 0.9, 0.7, 0.4, 0.3),
    rounded=(0.4, 0.5, 0.9, 0.8, 0.8, 0.8),
    shades=(0.83, 0.82, 0.78, 0.73, 0.68, 0.64),
    deepening=0.35,
    recede=0.5,
)


def draw(row: Row, x: Array, up: Array, colour: Array, gum: Array, dark: Array) -> Array:
    """One row as premultiplied RGBA, (height, width, 4), colours 0 to 255.

    `x` is the distance to the right of the middle, `up` that from the edge of the central incisors to the gums, both
    (height, width) mm. `dark` is the colour of shadows.
    """
    side = np.abs(x)
    ends = np.cumsum(row.widths)
    tooth = np.clip(np.searchsorted(ends, side), 0, len(ends) - 1)
    half = _of(row.widths, tooth) / 2
    across = np.clip((side - ends[tooth] + half) / half, -1, 1)
    # Left and right differ, and so do neighbours.
    irregular = np.sin(2.4 * (tooth + 1) * np.where(x < 0, 1, -1.7) + 0.6)
    profile = _of(row.pointed, tooth) * np.abs(across) + _of(row.rounded, tooth) * across**4 * (1 + DISTAL * across)
    back = row.recede * RECEDE_PER_MM2 * side**2
    from_edge = up - back - _of(row.raised, tooth) - profile - IRREGULAR_MM * irregular
    body = soft(from_edge, EDGE_MM) * np.clip((ends[-1] - side) / 1.5, 0, 1)
    shade = _of(row.shades, tooth) * (1 + IRREGULAR_SHADE * irregular) * _form(row, across, half, from_edge, side)
    squared = across * across
    in_gum = soft(from_edge - _of(row.lengths, tooth) + 0.2 - 1.3 * squared, GUM_EDGE_MM)[..., None]
    shade = shade[..., None]
    rgb = dark + (colour - dark) * shade
    rgb = rgb + (gum * (0.55 * shade + 0.3) - rgb) * in_gum
    return np.dstack([rgb * body[..., None], body])


def _form(row: Row, across: Array, half: Array, from_edge: Array, side: Array) -> Array:
    """Light on the round front of each tooth, in the gaps between them, and along the arch."""
    squared = across * across
    round_front = 1 - 0.16 * squared * squared - 0.08 * squared
    gap = np.exp(-((half * (1 - np.abs(across)) / GAP_MM) ** 2))
    # Teeth touch at a third of their length: below, the gaps are open and dark.
    gaps = 1 - GAP_SHADE * gap * (1 - 0.55 * smoothstep(from_edge / 4))
    translucent = 0.92 + 0.08 * smoothstep(from_edge / 2.5)
    deep = 1 - row.deepening * smoothstep(from_edge / 6)
    arch = 1 - ARCH_SHADE * smoothstep((side - ARCH_FROM_MM) / ARCH_RANGE_MM)
    return np.asarray(round_front * gaps * translucent * deep * arch)


def _of(values: tuple[float, ...], tooth: NDArray[np.int64]) -> Array:
    return np.array(values)[tooth]


def soft(distance: Array, width: float) -> Array:
    """0 outside, 1 inside, a ramp of `width` between."""
    return np.clip(distance / width + 0.5, 0, 1)
