"""Pictures with faces, made from one real photo."""

import cv2
import numpy as np
from numpy.typing import NDArray

Photo = NDArray[np.uint8]

FACE_CENTRE = (224, 123)
FACE_WIDTH = 94
"""Of the astronaut."""


def scaled(photo: Photo, face_width: int) -> Photo:
    """The photo with a face `face_width` pixels wide."""
    factor = face_width / FACE_WIDTH
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(photo, None, fx=factor, fy=factor, interpolation=way), np.uint8)


def in_landscape(portrait: Photo, background: Photo, side: int, at: tuple[int, int]) -> Photo:
    """The portrait pasted with its top left at `at` (x, y) into a square background."""
    wide = np.asarray(cv2.resize(background, (side, side), interpolation=cv2.INTER_LINEAR), np.uint8)
    height, width = portrait.shape[:2]
    wide[at[1] : at[1] + height, at[0] : at[0] + width] = portrait
    return wide


def warp_of(photo: Photo, angle: float = 0.0, scale: float = 1.0) -> NDArray[np.float64]:
    """Matrix (2, 3) that turns counterclockwise about the face and scales."""
    return np.asarray(cv2.getRotationMatrix2D(FACE_CENTRE, angle, scale), np.float64)


def warped(photo: Photo, matrix: NDArray[np.float64]) -> Photo:
    height, width = photo.shape[:2]
    return np.asarray(cv2.warpAffine(photo, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def painted(photo: Photo) -> Photo:
    """Flat strokes and few colours, as in a painting."""
    smooth = cv2.edgePreservingFilter(photo, flags=1, sigma_s=60, sigma_r=0.5)
    return np.asarray(smooth // 32 * 32 + 16, np.uint8)


def drawn(photo: Photo) -> Photo:
    """A pencil drawing."""
    grey, _ = cv2.pencilSketch(photo, sigma_s=60, sigma_r=0.07, shade_factor=0.05)
    return np.repeat(np.asarray(grey, np.uint8)[:, :, np.newaxis], 3, axis=2)


def turned(photo: Photo, landmarks: NDArray[np.float32], degrees: float) -> Photo:
    """The head turned to the subject's left: the photo as a surface with the landmarks' depth, drawn far to near."""
    centre, width = landmarks[:, :2].mean(axis=0), float(np.ptp(landmarks[:, 0]))
    angle = np.radians(degrees)
    depth = _depth(photo.shape[:2], landmarks)
    rows, columns = np.mgrid[0 : photo.shape[0], 0 : photo.shape[1]]
    away = depth - 0.4 * width
    across = columns - centre[0]
    x = np.cos(angle) * across - np.sin(angle) * away + centre[0]
    far = np.sin(angle) * across + np.cos(angle) * away
    picture = np.full_like(photo, 170)
    order = np.argsort(-far, axis=None)
    target_x = np.clip(np.round(x.ravel()[order]).astype(int), 0, photo.shape[1] - 2)
    target_y = rows.ravel()[order]
    colours = photo.reshape(-1, 3)[order]
    for step in (0, 1):  # two pixels wide, so that stretched surfaces have no holes
        picture[target_y, target_x + step] = colours
    return picture


def _depth(shape: tuple[int, ...], landmarks: NDArray[np.float32]) -> NDArray[np.float64]:
    """Depth of every pixel: that of the landmarks around it, and falling away outside the face."""
    places, heights = landmarks[:468, :2], landmarks[:468, 2]
    columns, rows = np.meshgrid(np.arange(shape[1]), np.arange(shape[0]))
    pixels = np.stack([columns.ravel(), rows.ravel()], axis=1).astype(np.float32)
    depth = np.concatenate([_weighted(block, places, heights) for block in np.array_split(pixels, 32)])
    outline = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(outline, cv2.convexHull(np.ascontiguousarray(places)).astype(np.int32), 1)
    distance = cv2.distanceTransform(1 - outline, cv2.DIST_L2, 5)
    falling = depth.reshape(shape) + 0.7 * distance.astype(np.float64)
    return np.minimum(falling, 1.1 * float(np.ptp(places[:, 0])))


def _weighted(
    pixels: NDArray[np.float32], places: NDArray[np.float32], heights: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Average of `heights`, weighted by the inverse fourth power of the distance."""
    squared = ((pixels[:, np.newaxis] - places) ** 2).sum(axis=2)
    weights = 1.0 / (squared + 0.5) ** 2
    return np.asarray((weights * heights).sum(axis=1) / weights.sum(axis=1), np.float64)
