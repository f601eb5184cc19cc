"""How far every point of the head lies in front of its axis of rotation.

Inside the face the landmarks know. Around it a head is about an ellipsoid: hair and ears lie as far back as the axis,
so that a turn moves them little. The neck stands behind the chin.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from likeness_animator.engines.mesh.fields.curves import smoothstep
from likeness_animator.engines.mesh.shape import Array, FaceShape

AXIS_BEHIND_NOSE_MM = 96.0
"""From the tip of the nose back to the joint between skull and spine (anthropometric mean, about the ear canal)."""
DOME_MM = 80.0
NECK_MM = 22.0
NECK_BELOW_CHIN_MM = 30.0
LATTICE_MM = 3.0
SMOOTHING_MM = 7.0
TRUST = 0.25
"""Share of the landmarks' usual density at which they and the ellipsoid weigh the same."""
_BOX_MM = np.array([[-180.0, -220.0], [180.0, 240.0]])


@dataclass(frozen=True, slots=True)
class HeadSurface:
    """Depth in mm on a lattice over the face plane; smooth, and level far away from the head."""

    lattice: Array

    def depth(self, points: Array) -> Array:
        """Millimetres towards the camera from the axis of rotation, at face mm (..., 2)."""
        rows, columns = self.lattice.shape
        places = np.clip((points - _BOX_MM[0]) / LATTICE_MM, 0, [columns - 1.001, rows - 1.001])
        column, row = np.moveaxis(places.astype(int), -1, 0)
        right, down = np.moveaxis(places % 1, -1, 0)
        upper = self.lattice[row, column] * (1 - right) + self.lattice[row, column + 1] * right
        lower = self.lattice[row + 1, column] * (1 - right) + self.lattice[row + 1, column + 1] * right
        return np.asarray(upper * (1 - down) + lower * down)


def surface_of(shape: FaceShape, landmarks_mm: Array) -> HeadSurface:
    """Fit a head to landmarks (478, 3) in face mm, depth negative towards the camera.

    The difference between landmarks and ellipsoid is spread by normalised convolution (Knutsson and Westin, 1993):
    it is small where landmarks are dense and vanishes where there are none.
    """
    columns, rows = np.round((_BOX_MM[1] - _BOX_MM[0]) / LATTICE_MM).astype(int) + 1
    across, down = np.meshgrid(np.arange(columns), np.arange(rows))
    points = np.stack([across, down], axis=-1) * LATTICE_MM + _BOX_MM[0]
    dome = _dome(shape, points)
    mesh = landmarks_mm[:468]
    height = AXIS_BEHIND_NOSE_MM + mesh[:, 2].min() - mesh[:, 2]
    residual = height - _dome(shape, mesh[:, :2])
    cells = np.clip(np.round((mesh[:, :2] - _BOX_MM[0]) / LATTICE_MM).astype(int), 0, [columns - 1, rows - 1])
    values, density = np.zeros((rows, columns)), np.zeros((rows, columns))
    np.add.at(values, (cells[:, 1], cells[:, 0]), residual)
    np.add.at(density, (cells[:, 1], cells[:, 0]), 1.0)
    values, density = (_blurred(plane) for plane in (values, density))
    usual = float(np.median(density[cells[:, 1], cells[:, 0]]))
    return HeadSurface(_blurred(dome + values / (density + TRUST * usual), 0.6))


def _blurred(plane: Array, share: float = 1.0) -> Array:
    sigma = share * SMOOTHING_MM / LATTICE_MM
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE), np.float64)


def _dome(shape: FaceShape, points: Array) -> Array:
    """An ellipsoid around the head that runs out level, over a neck."""
    x, y = points[..., 0], points[..., 1]
    height = shape.chin[1] - shape.top_y
    centre_y = (shape.chin[1] + shape.top_y) / 2 - 0.08 * height
    oval = np.hypot(x / (1.22 * shape.half_width), (y - centre_y) / (0.68 * height))
    dome = DOME_MM * (1 - smoothstep((oval - 0.1) / 1.0))
    neck = NECK_MM * smoothstep((y - shape.chin[1] + 5) / NECK_BELOW_CHIN_MM)
    return np.maximum(dome, neck)
