"""One portrait made ready to move in one format, and the drawing of its frames."""

import cv2
import numpy as np
from numpy.typing import NDArray

from likeness_animator import framing
from likeness_animator.engines.mesh import cutout, fields, lip_edges, shape
from likeness_animator.engines.mesh.backdrop import Backdrop
from likeness_animator.engines.mesh.creases import softened
from likeness_animator.engines.mesh.eyes import EyePatch
from likeness_animator.engines.mesh.fields import Control
from likeness_animator.engines.mesh.mouth import MouthPatch
from likeness_animator.engines.mesh.pose import Pose
from likeness_animator.engines.mesh.shape import Array
from likeness_animator.engines.mesh.softness import blur_sigma, sharpened
from likeness_animator.engines.mesh.warp import Floats, Grid, Pixels, Region, region_around, sample, to_rgba
from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_animator.still import StillPicture
from likeness_common.media import Framing, PixelFormat, VideoFormat

NODE_MM = 5.0
STILL_BORDER_MM = 16.0
REACH_MM = 36.0
"""How far hair can move, at most."""


class Puppet:
    """All that depends on the portrait, framing and size, and not on the speech. Immutable: sessions share it."""

    def __init__(self, portrait: AnalysedPortrait, video: VideoFormat, mode: Framing) -> None:
        crop = framing.crop_for(portrait, video, mode)
        self.photo = framing.photograph(portrait, crop, video)
        measured = shape.measure(framing.to_frame(portrait.landmarks[:, :2], crop, video))
        self.shape = lip_edges.fitted(self.photo, measured)
        person = None
        if portrait.matte:
            matte = portrait.matte.to(framing.matrix(crop, video), video.width, video.height)
            person = cutout.refined(self.photo, matte, self.shape.frame.px_per_mm)
        self.region = _moving_region(self.shape, video, person)
        self._layered, self._cut = person is not None, _cut_sides(self.region, person)
        depth_mm = portrait.landmarks[:, 2:] * (video.width / crop.width / self.shape.frame.px_per_mm)
        landmarks = self.shape.frame.to_mm(framing.to_frame(portrait.landmarks[:, :2], crop, video))
        surface = fields.surface_of(self.shape, np.hstack([landmarks, depth_mm]))
        self._head = fields.Head(self.shape, surface, fields.HALO if person is None else fields.CUT_OUT_HALO)
        self._grid = Grid(self.region, NODE_MM * self.shape.frame.px_per_mm)
        self._fields = self._grid.fields(self.shape.frame, self._face)
        sigma = blur_sigma(self.photo[_eyes_region(self.shape, video).window])
        self._backdrop: Backdrop | None = None
        share, window = self._moving_share(), self.region.window
        # What never moves must stay as it is.
        sharp = sharpened(softened(self.photo, self.shape)[window], share)
        self._moving = to_rgba(sharp)
        if person is not None:
            self._backdrop = Backdrop(self.photo[window], sharp, person[window], share, self.shape.frame.px_per_mm)
            self._moving = self._backdrop.cut_out
        self._source = self.photo.copy()
        self._source[window] = self._moving[..., :3]
        self._mouth = MouthPatch(self._source, self.shape, self.fields, sigma)
        source = to_rgba(self._source)
        source[window] = self._moving
        self._eyes = [EyePatch(source, self.shape, eye, sigma) for eye in self.shape.eyes]
        self._still = StillPicture(self.photo)

    def fields(self, points: Array) -> tuple[Array, Array]:
        """Fields above and below the mouth at face mm, still at the borders that cut what moves."""
        top, bottom = fields.face_fields(self.shape, self._head, points)
        low = self.shape.frame.to_px(points) - [self.region.x, self.region.y]
        high = [self.region.width - 1, self.region.height - 1] - low
        edge = np.minimum(np.where(self._cut[0], low, np.inf), np.where(self._cut[1], high, np.inf))
        if not self._layered:
            # Where the background moves along, none of it may show at the border.
            edge = edge.min(axis=-1, keepdims=True)
        # The outermost nodes, up to half a step inside, must not move at all.
        hold = fields.smoothstep((edge / self.shape.frame.px_per_mm - NODE_MM) / STILL_BORDER_MM)
        return top * hold, bottom * hold

    def _face(self, points: Array) -> Array:
        """Both sides of the mouth in one; where they differ, the mouth's own patch is drawn over."""
        top, bottom = self.fields(points)
        mouth = self.shape.mouth
        s = mouth.along(points[..., 0])
        line = (mouth.at(mouth.upper, s) + mouth.at(mouth.lower, s)) / 2
        return np.where((points[..., 1] < line)[..., None], top, bottom)

    def _moving_share(self) -> Floats:
        """How much of the head's motion every pixel of the moving region follows, 0 to 1, (height, width)."""
        shift = self._grid.dense(self._fields[Control.SHIFT_X])[..., 0] / self.shape.frame.px_per_mm
        return np.asarray(np.clip(np.abs(shift), 0, 1), np.float32)

    def draw(self, pose: Pose) -> Pixels:
        """The moving region in this pose, (height, width, 4) uint8 RGBA, of which only the colours count."""
        weights = fields.weights(pose).astype(np.float32)
        photo = self._moving.copy()
        for eye in self._eyes:
            eye.draw(pose, photo[eye.region.inside(self.region).window])
        pixels = sample(photo, self._grid.backward(self._fields, weights))
        pixels[self._mouth.region.inside(self.region).window][..., :3] = self._mouth.draw(weights, pose.mouth)
        if self._backdrop:
            self._backdrop.lay_under(pixels)
        return pixels

    def frame(self, pose: Pose, pixel_format: PixelFormat) -> bytes:
        """A whole frame: the moving region pasted into the still picture."""
        moving = np.asarray(cv2.cvtColor(self.draw(pose), cv2.COLOR_RGBA2RGB), np.uint8)
        return self._still.frame(self.region.x, self.region.y, moving, pixel_format)


def _moving_region(face: shape.FaceShape, video: VideoFormat, person: Floats | None) -> Region:
    """The head, its hair and the neck: everything that any field moves."""
    height = face.chin[1] - face.top_y
    side = 2.25 * face.half_width
    top, bottom = face.top_y - 0.85 * height, face.chin[1] + 84
    most = region_around(face.frame.corners_px(-side, top, side, bottom), 0.0, video.width, video.height)
    if person is None:
        return most
    # The background does not move, so only the person and the places where it can go are needed.
    rows, columns = np.nonzero(person[most.window] > 0)
    seen = np.array([[columns.min() + most.x, rows.min() + most.y], [columns.max() + most.x, rows.max() + most.y]])
    reached = region_around(seen.astype(np.float64), REACH_MM * face.frame.px_per_mm, video.width, video.height)
    return reached.common(most)


def _cut_sides(region: Region, person: Floats | None) -> NDArray[np.bool_]:
    """Whether left and top, and right and bottom, of the region cut through what moves, (2, 2).

    A head that is cut out may slide along a border, but must not leave it: nothing is known of what lies beyond.
    """
    if person is None:
        return np.ones((2, 2), np.bool_)
    part = person[region.window]
    return np.array([[part[:, 0].max(), part[0].max()], [part[:, -1].max(), part[-1].max()]]) > 0.5


def _eyes_region(face: shape.FaceShape, video: VideoFormat) -> Region:
    """Where a portrait is in focus and has strong edges."""
    return region_around(face.frame.corners_px(-48, -25, 48, 12), 8.0, video.width, video.height)
