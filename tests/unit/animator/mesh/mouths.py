"""Drawn mouths and what is seen in them."""

import dataclasses

import numpy as np
from numpy.typing import NDArray

from likeness_animator.engines.mesh.pose import MouthPose, Pose
from likeness_animator.engines.mesh.puppet import Puppet
from likeness_common.media import PixelFormat, VideoFormat

from .speech import as_rgb

VIDEO = VideoFormat(512, 512, pixel_format=PixelFormat.RGB24)


def with_green_mouth(puppet: Puppet) -> Puppet:
    """The puppet with nothing but green behind its lips."""
    inside = puppet._mouth._interior
    green = np.zeros_like(inside.cavity)
    green[..., 1], green[..., 3] = 255, 1
    none = np.zeros_like(green)
    bare = dataclasses.replace(inside, cavity=green, upper=none, lower=none, tongue=none, underside=none, blade=none)
    puppet._mouth._interior = bare
    return puppet


def with_green(puppet: Puppet, layer: str) -> Puppet:
    """The puppet with one layer of the inside of its mouth painted green."""
    painted = getattr(puppet._mouth._interior, layer).copy()
    painted[..., :3] = painted[..., 3:] * np.array([0, 255, 0], np.float32)
    puppet._mouth._interior = dataclasses.replace(puppet._mouth._interior, **{layer: painted})
    return puppet


def show(puppet: Puppet, mouth: MouthPose) -> NDArray[np.uint8]:
    """A frame, (height, width, 3)."""
    return as_rgb(puppet.frame(Pose(mouth=mouth), PixelFormat.RGB24), VIDEO)


def opening(puppet: Puppet, mouth: MouthPose) -> NDArray[np.bool_]:
    """Where the green of a green mouth shows, (height, width)."""
    red, green, blue = (show(puppet, mouth)[..., channel].astype(int) for channel in range(3))
    return np.asarray(green - np.maximum(red, blue) > 40)


def opening_mm(puppet: Puppet, mouth: MouthPose) -> NDArray[np.float64]:
    """The places of the opening, (n, 2) face mm from the middle of the mouth."""
    rows, columns = np.nonzero(opening(puppet, mouth))
    places = puppet.shape.frame.to_mm(np.stack([columns, rows], axis=-1).astype(np.float64))
    return places - puppet.shape.mouth.centre
