"""The head before a background that stays as it is in the photo."""

import dataclasses

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from likeness_animator.engines.mesh import backdrop, cutout, fields
from likeness_animator.engines.mesh.engine import MeshEngine
from likeness_animator.engines.mesh.pose import HeadPose, Pose
from likeness_animator.engines.mesh.puppet import Puppet
from likeness_animator.engines.mesh.warp import sample
from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_common.media import AudioFormat, Framing, PixelFormat, VideoFormat
from likeness_common.stages.animator import AnimationOptions

from .speech import RATE, as_rgb, babble, push_all, split

pytestmark = pytest.mark.unit

VIDEO = VideoFormat(256, 256, pixel_format=PixelFormat.RGB24)
BLUE = (40, 70, 200)
Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]


def poses(count: int) -> list[Pose]:
    """Poses as large as the actor's largest."""
    rng = np.random.default_rng(11)
    return [
        Pose(head=HeadPose(*(rng.uniform(-1, 1, 3) * [12, 9, 10]), *rng.uniform(-3, 3, 2)), blink=rng.uniform())
        for _ in range(count)
    ]


def before(cut_out: AnalysedPortrait, background: NDArray[np.integer] | tuple[int, int, int]) -> AnalysedPortrait:
    """The astronaut in front of something else."""
    assert cut_out.matte is not None
    share = cut_out.matte.to(np.eye(3)[:2], 512, 512)[..., None]
    image = cut_out.image * share + np.asarray(background) * (1 - share)
    return dataclasses.replace(cut_out, image=np.rint(image).astype(np.uint8))


def show(puppet: Puppet, pose: Pose) -> NDArray[np.int_]:
    return as_rgb(puppet.frame(pose, PixelFormat.RGB24), VIDEO).astype(int)


def share_in(puppet: Puppet, pose: Pose | None = None) -> NDArray[np.uint8]:
    """The person's share of the moving region, 0 to 255, in the photo or in a pose."""
    photographed = puppet._moving
    if pose is None:
        return photographed[..., 3]
    return sample(photographed, places_of(puppet, pose))[..., 3]


def places_of(puppet: Puppet, pose: Pose) -> NDArray[np.float32]:
    return puppet._grid.backward(puppet._fields, fields.weights(pose).astype(np.float32))


def away_from(share: NDArray[np.uint8], distance: float) -> Mask:
    return np.asarray(cv2.distanceTransform((share == 0).astype(np.uint8), cv2.DIST_L2, 5) > distance)


def test_a_checkerboard_behind_the_head_stays_identical(cut_out: AnalysedPortrait) -> None:
    squares = (np.indices((512, 512)) // 24).sum(axis=0) % 2 * 120 + 60
    puppet = Puppet(before(cut_out, squares[..., None]), VIDEO, Framing.AUTO)
    photo, window = puppet.photo.astype(int), puppet.region.window
    margin = backdrop.MARGIN_MM * puppet.shape.frame.px_per_mm + 3
    at_rest = away_from(share_in(puppet), margin)
    for pose in poses(8):
        still = at_rest & away_from(share_in(puppet, pose), 0)
        assert still.mean() > 0.15
        assert (show(puppet, pose)[window] == photo[window])[still].all()


def test_what_the_head_uncovers_is_background_and_not_a_second_outline(cut_out: AnalysedPortrait) -> None:
    puppet = Puppet(before(cut_out, BLUE), VIDEO, Framing.AUTO)
    window = puppet.region.window
    for pose in poses(8):
        bare = away_from(share_in(puppet, pose), 1)
        uncovered = bare & (share_in(puppet) == 255)
        assert uncovered.sum() > 20
        assert np.abs(show(puppet, pose)[window] - BLUE)[uncovered].max() < 25


def test_at_rest_both_layers_add_up_to_the_photo(cut_out: AnalysedPortrait) -> None:
    puppet = Puppet(cut_out, VIDEO, Framing.AUTO)
    upper = np.zeros(VIDEO.height, bool)
    upper[: int(puppet.shape.frame.to_px(puppet.shape.nose_tip)[1])] = True
    change = np.abs(show(puppet, Pose()) - puppet.photo).max(axis=-1)[upper]
    # Pixels moved by nothing are still sharpened against the blur of sampling.
    assert np.percentile(change, 99) < 25
    assert change.mean() < 4


def test_hair_moves_with_the_skull_as_one_body(cut_out: AnalysedPortrait) -> None:
    puppet = Puppet(cut_out, VIDEO, Framing.AUTO)
    face = puppet.shape
    hair = np.array([[0.0, face.top_y - 35], [-1.3 * face.half_width, -20], [1.3 * face.half_width, -20]])
    moved = puppet.fields(hair)[0]
    height = hair[:, 1] - face.chin[1] + fields.head.PIVOT_ABOVE_CHIN_MM
    turned = moved[fields.Control.ROLL]
    assert turned == pytest.approx(np.column_stack([-height, hair[:, 0]]), rel=0.02)


def test_without_a_matte_the_background_moves_along_up_to_a_still_border(
    portrait: AnalysedPortrait, cut_out: AnalysedPortrait
) -> None:
    whole, layered = (Puppet(item, VIDEO, Framing.AUTO) for item in (portrait, cut_out))
    x, y = whole.shape.frame.to_px(np.array([1.55 * whole.shape.half_width, -10.0])).round().astype(int)
    beside = np.s_[y - 20 : y + 20, x - 4 : x + 4]
    pose = Pose(head=HeadPose(roll=-9))
    assert (show(whole, pose)[beside] != whole.photo[beside]).any()
    assert (places_of(whole, pose)[0, 0] == 0).all()
    assert layered.region.width <= whole.region.width


def test_the_edge_of_the_matte_follows_the_colours_of_the_photo() -> None:
    photo = np.full((120, 160, 3), (200, 180, 160), np.uint8)
    photo[:, 80:] = (30, 60, 40)
    photo = np.asarray(np.clip(photo + np.random.default_rng(3).normal(0, 3, photo.shape), 0, 255), np.uint8)
    ramp = np.clip((84 - np.arange(160)) / 8 + 0.5, 0, 1).astype(np.float32)
    truth = (np.arange(160) < 80).astype(np.float32)
    refined = cutout.refined(photo, np.tile(ramp, (120, 1)), px_per_mm=2.0)[20:100]
    assert np.abs(refined - truth).mean() < 0.7 * np.abs(ramp - truth).mean()
    assert refined[:, 79].min() > refined[:, 80].max() + 0.15
    assert (refined[:, :70] == 1).all()
    assert (refined[:, 100:] == 0).all()


def test_stripes_go_on_behind_the_outline() -> None:
    photo = np.zeros((160, 160, 3), np.uint8)
    photo[(np.arange(160) // 20) % 2 == 0] = 200
    person = np.zeros((160, 160), np.float32)
    person[:, 60:100] = 1
    behind, fill = backdrop.uncovered(np.where(person[..., None] > 0, np.uint8(90), photo), person, px_per_mm=1.5)
    assert (behind[:, 60:100] == 1).all()
    assert (behind[:, :40] == 0).all()
    stripe = np.s_[65:75, 56:66]
    assert np.abs(fill[stripe] - photo[stripe]).max() < 20


def test_a_person_who_fills_the_region_needs_no_background() -> None:
    photo = np.full((40, 40, 3), 7, np.uint8)
    _, fill = backdrop.uncovered(photo, np.ones((40, 40), np.float32), px_per_mm=1.0)
    assert (fill == photo).all()


@pytest.mark.parametrize("size", [(64, 64), (128, 256), (640, 360)])
@pytest.mark.parametrize("framing", list(Framing))
def test_all_sizes_draw(cut_out: AnalysedPortrait, size: tuple[int, int], framing: Framing) -> None:
    video = VideoFormat(*size) if framing is Framing.AUTO else VideoFormat(size[0], size[0])
    puppet = Puppet(cut_out, video, framing)
    for pose in poses(2):
        assert len(puppet.frame(pose, PixelFormat.I420)) == video.width * video.height * 3 // 2


def test_chunking_does_not_change_frames(cut_out: AnalysedPortrait) -> None:
    options = AnimationOptions(VideoFormat(96, 96), audio=AudioFormat(RATE), seed=3)
    films = [
        split(list(push_all(MeshEngine().open(cut_out, options), babble(0.5), [], chunk)), options.video)
        for chunk in (333, 2400)
    ]
    assert films[0] == films[1]


def test_hair_that_the_picture_cuts_slides_along_its_border(cut_out: AnalysedPortrait) -> None:
    assert cut_out.matte is not None
    rows = 40
    roi = dataclasses.replace(cut_out.matte.roi, centre=cut_out.matte.roi.centre - np.array([0, rows], np.float32))
    cut = dataclasses.replace(
        cut_out,
        image=cut_out.image[rows:].copy(),
        landmarks=cut_out.landmarks - np.array([0, rows, 0], np.float32),
        matte=dataclasses.replace(cut_out.matte, roi=roi),
    )
    puppet = Puppet(cut, VIDEO, Framing.AUTO)
    assert puppet.region.y == 0
    hair = puppet.shape.frame.to_mm(np.array([[puppet.shape.frame.origin[0], 0.0]]))
    moved = puppet.fields(hair)[0]
    assert moved[fields.Control.SHIFT_X, 0, 0] == pytest.approx(1, abs=0.01)
    assert moved[fields.Control.SHIFT_Y, 0, 1] == 0
