"""From motion coefficients to keypoints: windows over time, and the head's rotation."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from likeness_animator.engines.sadtalker.networks.keypoints import KEYPOINTS
from likeness_animator.engines.sadtalker.networks.mapping import BINS, WINDOW, HeadMotion

Floats = NDArray[np.float32]

EXPRESSION, POSE = slice(0, 64), slice(64, 70)
"""Columns of the coefficients: expression; rotation and translation. Full pictures add the crop, 70 to 73."""
REACH = WINDOW // 2
_DEGREES_PER_BIN, _LOWEST_DEGREES = 3.0, -99.0
_PI = 3.14
"""As the generator has learned it."""


def window(coefficients: Floats, frame: int) -> Floats:
    """What the mapping network sees for a frame: 13 frames on either side, (C, 27), of (frames, C)."""
    around = np.clip(np.arange(frame - REACH, frame + REACH + 1), 0, len(coefficients) - 1)
    return np.ascontiguousarray(coefficients[around].T)


def degrees(logits: Tensor) -> Tensor:
    """The expected angle (N) of logits over bins of 3 degrees (N, 66)."""
    share = torch.softmax(logits, dim=1)
    centres = torch.arange(BINS, dtype=logits.dtype, device=logits.device)
    return (share * centres).sum(1) * _DEGREES_PER_BIN + _LOWEST_DEGREES


def rotation(yaw: Tensor, pitch: Tensor, roll: Tensor) -> Tensor:
    """Matrices (N, 3, 3) of angles in degrees (N): roll first, then yaw, then pitch."""
    yaw, pitch, roll = (angle / 180 * _PI for angle in (yaw, pitch, roll))
    one, zero = torch.ones_like(yaw), torch.zeros_like(yaw)
    about_x = [one, zero, zero, zero, pitch.cos(), -pitch.sin(), zero, pitch.sin(), pitch.cos()]
    about_y = [yaw.cos(), zero, yaw.sin(), zero, one, zero, -yaw.sin(), zero, yaw.cos()]
    about_z = [roll.cos(), -roll.sin(), zero, roll.sin(), roll.cos(), zero, zero, zero, one]
    x, y, z = (torch.stack(entries, dim=1).view(-1, 3, 3) for entries in (about_x, about_y, about_z))
    return x @ y @ z


def keypoints(canonical: Tensor, motion: HeadMotion, yaw: Tensor | None = None) -> Tensor:
    """Keypoints (N, 15, 3) of a face with `canonical` ones (N, 15, 3) in a motion.

    `yaw` in degrees (N) replaces the motion's own. Of the translation only the part along y is used.
    """
    turned = yaw if yaw is not None else degrees(motion.yaw)
    matrix = rotation(turned, degrees(motion.pitch), degrees(motion.roll))
    up = motion.translation * motion.translation.new_tensor([0.0, 1.0, 0.0])
    moved = torch.einsum("nij,nkj->nki", matrix, canonical)
    return moved + up[:, None] + motion.expression.view(-1, KEYPOINTS, 3)
