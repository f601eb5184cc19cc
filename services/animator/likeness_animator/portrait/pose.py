"""The direction that a face looks in, from its mesh."""

from dataclasses import dataclass

import numpy as np

from likeness_animator.portrait.litert import Array

MIRROR_PAIRS = np.array(
    [(33, 263), (133, 362), (234, 454), (127, 356), (132, 361), (172, 397), (61, 291), (50, 280), (105, 334), (98, 327)]
)
"""Mesh points that are mirror images of each other: the subject's right, then left."""

YAW_GAIN = 1.35
"""The mesh's depth flattens turned heads: heads turned by 10, 20, 30 and 40 degrees measured 8, 14.5, 22 and 27."""


@dataclass(frozen=True, slots=True)
class Pose:
    """Degrees: yaw to the subject's left (-90 to 90), roll clockwise as seen in the picture (-180 to 180)."""

    yaw: float
    roll: float


def estimate_pose(points: Array) -> Pose:
    """Pose of a face from landmarks (at least 468, 3) with depth in the unit of x and y.

    The line through mirrored points is the head's own lateral axis; its depth gives the yaw, its slope the roll.
    """
    across = (points[MIRROR_PAIRS[:, 1]] - points[MIRROR_PAIRS[:, 0]]).sum(axis=0)
    yaw = np.degrees(np.arctan2(across[2], np.hypot(across[0], across[1]))) * YAW_GAIN
    roll = np.degrees(np.arctan2(across[1], across[0]))
    return Pose(float(np.clip(yaw, -90.0, 90.0)), float(roll))
