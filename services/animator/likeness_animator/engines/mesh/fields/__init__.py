"""Displacement fields: how every point of the face moves when one control moves by one unit.

The fields are smooth closed-form functions of face coordinates, so they cannot fold or tear. Only the mouth is torn on
purpose: what lies above it and what lies below it move by different fields, which agree outside it.
A frame's motion is the sum of the fields weighted by the pose (linear blend, as in blend shapes).
"""

import numpy as np

from likeness_animator.engines.mesh.fields.brows import add_brows
from likeness_animator.engines.mesh.fields.controls import Control, weights
from likeness_animator.engines.mesh.fields.curves import bell, smoothstep
from likeness_animator.engines.mesh.fields.expression import add_smile
from likeness_animator.engines.mesh.fields.head import CUT_OUT_HALO, HALO, Head
from likeness_animator.engines.mesh.fields.mouth import add_lip, seam_y
from likeness_animator.engines.mesh.fields.surface import surface_of
from likeness_animator.engines.mesh.shape import Array, FaceShape

__all__ = [
    "CUT_OUT_HALO",
    "HALO",
    "Control",
    "Head",
    "bell",
    "face_fields",
    "seam_y",
    "smoothstep",
    "surface_of",
    "weights",
]


def face_fields(shape: FaceShape, head: Head, points: Array) -> tuple[Array, Array]:
    """Fields above and below the mouth at `points` (..., 2) in face mm: two (controls, ..., 2) arrays in mm."""
    top = np.zeros((len(Control), *points.shape))
    head.add(points, top)
    add_brows(shape, points, top)
    bottom = top.copy()
    add_lip(shape, points, top, upper=True)
    add_lip(shape, points, bottom, upper=False)
    for side in (top, bottom):
        add_smile(shape, points + side[Control.NEUTRAL], side)
    return top, bottom
