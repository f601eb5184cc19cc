"""The controls of a face, and what a pose sets them to."""

from enum import IntEnum

import numpy as np

from likeness_animator.engines.mesh.fields.rotation import seen_rotation
from likeness_animator.engines.mesh.pose import Pose
from likeness_animator.engines.mesh.shape import Array

JAW_DROP_MM = 11.0
UPPER_LIP_MM = 4.2
LOWER_LIP_MM = 14.0
ROUND_LIP = 0.72
"""Rounded lips open less than spread ones."""
ROUND_BY = 1.7
"""Per rounding: how much of the spread opening turns to a round one."""
SPREAD_MM = 4.0
OPEN_NARROWING = 0.3
"""A dropped jaw draws the corners in."""
BROW_MM = 3.0
INNER_BROW_MM, FURROW_MM = 2.5, 2.0
PRESS_OF_LIP = 0.33
TUCK_OF_LIP = 0.5


class Control(IntEnum):
    """Order of the fields."""

    NEUTRAL = 0
    JAW = 1
    UPPER_WIDE = 2
    UPPER_ROUND = 3
    LOWER_WIDE = 4
    LOWER_ROUND = 5
    WIDTH = 6
    CORNERS = 7
    PRESS = 8
    TUCK = 9
    BROW = 10
    YAW = 11
    PITCH = 12
    ROLL = 13
    SHIFT_X = 14
    SHIFT_Y = 15
    SMILE = 16
    INNER_BROW = 17
    FURROW = 18
    NARROW = 19
    FLATTEN = 20
    SHEAR = 21


def weights(pose: Pose) -> Array:
    """The weight of every field in a pose, in the order of Control."""
    mouth, head = pose.mouth, pose.head
    result = np.zeros(len(Control))
    result[Control.NEUTRAL] = 1.0
    result[Control.JAW] = mouth.jaw * JAW_DROP_MM
    # A little rounding already presses the lips together beside the opening: a slit there would look like a tear.
    wide = max(0.0, 1 - ROUND_BY * mouth.rounding) ** 2
    result[Control.UPPER_WIDE] = mouth.upper * wide * UPPER_LIP_MM
    result[Control.UPPER_ROUND] = mouth.upper * (1 - wide) * ROUND_LIP * UPPER_LIP_MM
    result[Control.LOWER_WIDE] = mouth.lower * wide * LOWER_LIP_MM
    result[Control.LOWER_ROUND] = mouth.lower * (1 - wide) * ROUND_LIP * LOWER_LIP_MM
    result[Control.WIDTH] = max(0.0, mouth.width) * SPREAD_MM
    result[Control.CORNERS] = max(0.0, -mouth.width) + OPEN_NARROWING * wide * mouth.lower
    result[Control.PRESS] = mouth.press * PRESS_OF_LIP
    result[Control.TUCK] = mouth.tuck * TUCK_OF_LIP
    result[Control.BROW] = pose.brow * BROW_MM
    (narrow, shear, turned), (tilted, flat, nodded) = seen_rotation(*np.radians([head.yaw, head.pitch, head.roll]))
    result[Control.YAW : Control.ROLL + 1] = turned, nodded, tilted
    result[[Control.NARROW, Control.FLATTEN, Control.SHEAR]] = narrow - 1, flat - 1, tilted + shear
    result[Control.SHIFT_X : Control.SHIFT_Y + 1] = head.shift_x, head.shift_y
    result[Control.SMILE] = pose.smile
    result[Control.INNER_BROW] = pose.inner_brow * INNER_BROW_MM
    result[Control.FURROW] = pose.furrow * FURROW_MM
    return result
