"""Rotations of the head as a matrix."""

import numpy as np

from likeness_animator.engines.mesh.shape import Array


def seen_rotation(yaw: float, pitch: float, roll: float) -> Array:
    """What the camera sees of a turn by yaw, then pitch, then roll, in radians with the signs of HeadPose.

    The first two rows, (2, 3), of the matrix for points x to the right, y down, and z towards the camera.
    """
    (sin_y, sin_p, sin_r), (cos_y, cos_p, cos_r) = np.sin([yaw, pitch, roll]), np.cos([yaw, pitch, roll])
    turn = np.array([[cos_y, 0, sin_y], [0, 1, 0], [-sin_y, 0, cos_y]])
    nod = np.array([[1, 0, 0], [0, cos_p, sin_p], [0, -sin_p, cos_p]])
    tilt = np.array([[cos_r, -sin_r, 0], [sin_r, cos_r, 0]])
    return np.asarray(tilt @ nod @ turn, np.float64)
