"""From the bytes of a photo to a portrait that can speak."""

import threading
from dataclasses import dataclass, replace

import numpy as np

from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_animator.portrait.decode import Picture, decode
from likeness_animator.portrait.detector import FaceDetector
from likeness_animator.portrait.formats import invalid
from likeness_animator.portrait.landmarks import FaceLandmarks, LandmarkModel
from likeness_animator.portrait.matte import MatteModel
from likeness_animator.portrait.pose import Pose, estimate_pose
from likeness_animator.portrait.search import FaceFinder
from likeness_common.errors import InvalidArgument, Reason
from likeness_common.media import Box, Portrait, portrait_id
from likeness_common.weights import WeightStore, load

WEIGHTS = "face"
MIN_FACE_WIDTH = 32
"""Landmarks of a face this wide were off by 1 % of its width in trials, at 24 pixels by 1.4 %, at 64 by 0.3 %."""

SOFT_FACE_WIDTH = 64
"""A narrower face is enlarged more than three times for a 512 pixel picture of head and shoulders."""

MAX_YAW_DEGREES = 35
NOTABLE_YAW_DEGREES = 20
MAX_ROLL_DEGREES = 45


@dataclass(frozen=True, slots=True)
class Models:
    """What an analysis runs."""

    finder: FaceFinder
    matte: MatteModel


class PortraitAnalyser:
    """Analyses photos, from any thread. The models are loaded on first use and then kept.

    One analysis holds up to 850 MB while it decodes 50 megapixels: whoever calls from many threads bounds their number.
    """

    def __init__(self, store: WeightStore) -> None:
        self._store = store
        self._loading = threading.Lock()
        self._models: Models | None = None

    def load(self) -> Models:
        """Load the models now. Raises FailedPrecondition (ENGINE_UNAVAILABLE) while their weights are missing."""
        with self._loading:
            if self._models is None:
                manifest = load(WEIGHTS)
                detector = FaceDetector(self._store.path(manifest, "face_detection_short_range.tflite"))
                mesh = self._store.path(manifest, "face_landmark.tflite")
                iris = self._store.path(manifest, "iris_landmark.tflite")
                matte = MatteModel(self._store.path(manifest, "selfie_segmentation.tflite"))
                self._models = Models(FaceFinder(detector, LandmarkModel(mesh, iris)), matte)
            return self._models

    def analyse(self, image: bytes) -> AnalysedPortrait:
        """Decode a JPEG, PNG or WebP file of at most 20 MiB and find the face that will speak.

        Raises InvalidArgument (IMAGE_* and FACE_*) for a picture that cannot speak.
        """
        models = self.load()
        picture = decode(image)
        faces = models.finder(picture.pixels)
        portrait = describe(portrait_id(image), picture, faces)
        if models.finder.is_upside_down(picture.pixels, faces[0]):
            raise _not_upright("The face is upside down.")
        return replace(portrait, matte=models.matte(picture.pixels, faces[0]))


def describe(identifier: str, picture: Picture, faces: list[FaceLandmarks]) -> AnalysedPortrait:
    """Choose the widest of `faces`, which come widest first, and judge whether it can speak."""
    if not faces:
        raise invalid(
            Reason.FACE_NOT_FOUND,
            f"No face at least {MIN_FACE_WIDTH} pixels wide was found. Use a photo of one person who looks at the "
            "camera, upright, with the whole face visible; if the face is small, crop the photo around it.",
        )
    face = faces[0]
    pose = estimate_pose(face.points)
    _check(face, pose)
    height, width = picture.pixels.shape[:2]
    info = Portrait(
        id=identifier,
        width=width,
        height=height,
        face=_box(face, width, height),
        yaw_degrees=round(pose.yaw, 1),
        notices=picture.notices + _notices(faces, pose),
    )
    return AnalysedPortrait(info, picture.pixels, face.points)


def _check(face: FaceLandmarks, pose: Pose) -> None:
    if face.width < MIN_FACE_WIDTH:
        raise invalid(
            Reason.FACE_TOO_SMALL,
            f"The face is {face.width:.0f} pixels wide; at least {MIN_FACE_WIDTH} are needed, and 256 look good. Use a "
            "closer or larger photo.",
        )
    if abs(pose.roll) > MAX_ROLL_DEGREES:
        raise _not_upright(
            f"The face lies on its side, turned by {abs(pose.roll):.0f} degrees; at most {MAX_ROLL_DEGREES} work."
        )
    if abs(pose.yaw) > MAX_YAW_DEGREES:
        raise invalid(
            Reason.FACE_TURNED_AWAY,
            f"The head is turned away from the camera by about {abs(pose.yaw):.0f} degrees; at most {MAX_YAW_DEGREES} "
            "work. Use a photo that shows the face from the front.",
        )


def _not_upright(finding: str) -> InvalidArgument:
    return invalid(Reason.FACE_TURNED_AWAY, f"{finding} Rotate the photo until the face is upright.")


def _notices(faces: list[FaceLandmarks], pose: Pose) -> tuple[str, ...]:
    notices = []
    if len(faces) > 1:
        notices.append(
            f"{len(faces)} faces were found and the largest will speak; crop the photo around another one to choose it."
        )
    if faces[0].width < SOFT_FACE_WIDTH:
        notices.append(
            f"The face is only {faces[0].width:.0f} pixels wide, so the video will look soft; 256 pixels look good."
        )
    if abs(pose.yaw) > NOTABLE_YAW_DEGREES:
        notices.append(
            f"The head is turned by about {abs(pose.yaw):.0f} degrees; a photo from the front moves more naturally."
        )
    return tuple(notices)


def _box(face: FaceLandmarks, width: int, height: int) -> Box:
    """Extent of the landmarks within the picture."""
    low = np.clip(np.floor(face.points[:, :2].min(axis=0)), 0, [width - 1, height - 1]).astype(int)
    high = np.clip(np.ceil(face.points[:, :2].max(axis=0)), low + 1, [width, height]).astype(int)
    return Box(int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1]))
