"""What is done to sound, photos and coefficients before and between the networks, against the reference."""

import numpy as np
import pytest

from likeness_animator.engines.sadtalker import alignment, crop, mel, motion
from likeness_animator.engines.sadtalker.networks.mapping import HeadMotion

from .golden import arrays, assert_close, tensor

pytestmark = pytest.mark.parity


def test_log_mel() -> None:
    stored = arrays("audio_mel")
    samples = (stored["wav_i16"][: int(stored["cropped_len"])] / 32768).astype(np.float32)
    found = mel.log_mel(samples, 0, len(samples) // mel.HOP + 1)
    assert_close(found, "mel", "audio_mel")
    assert_close(mel.filters(), "mel_basis", "audio_mel")


def test_windows_of_sound() -> None:
    stored = arrays("audio_mel")
    spectrum, frames = stored["mel"], int(stored["num_frames"])
    assert [mel.window_start(frame) for frame in range(frames)] == stored["window_start"].tolist()
    found = [spectrum[:, mel.columns(int(frame), spectrum.shape[1])] for frame in stored["windows_sample_frames"]]
    np.testing.assert_array_equal(np.stack(found), stored["windows_sample"])


@pytest.mark.parametrize("frame", [0, 5])
def test_windows_of_coefficients(frame: int) -> None:
    stored = arrays("glue_motion")
    np.testing.assert_array_equal(motion.window(stored["coeff"], frame), stored[f"win{frame}"])


def test_the_window_of_a_portrait() -> None:
    stored = arrays("glue_motion")
    np.testing.assert_array_equal(motion.window(stored["coeff"][:1], 0), stored["win_src"])


def test_angles() -> None:
    assert_close(motion.degrees(tensor("glue_motion", "bins")), "degrees", "glue_motion")


def test_rotations() -> None:
    angles = tensor("glue_motion", "degrees")
    assert_close(motion.rotation(angles, angles.flip(0) / 2, -0.3 * angles), "rot", "glue_motion")


@pytest.mark.parametrize(("yaw", "expected"), [(False, "kpt_out"), (True, "kpt_out_yaw_in")])
def test_keypoints_of_a_motion(yaw: bool, expected: str) -> None:
    heads = (tensor("glue_motion", f"kpt_{key}") for key in ("yaw", "pitch", "roll", "t", "exp"))
    turned = tensor("glue_motion", "kpt_yaw_in").float() if yaw else None
    found = motion.keypoints(tensor("glue_motion", "kpt_canonical"), HeadMotion(*heads), turned)
    assert_close(found, expected, "glue_motion")


def test_the_standard_face() -> None:
    assert_close(alignment.STANDARD, "lm3d_std5", "glue_image", 1e-6)


def test_alignment() -> None:
    stored = arrays("glue_image")
    found = alignment.align(stored["align_image_u8"], stored["align_lm68_ydown"].astype(np.float64))
    np.testing.assert_allclose([found.scale, *found.centre], stored["align_trans_params"][2:], rtol=1e-5)
    assert np.abs(found.picture.astype(int) - stored["align_out_u8"]).max() <= 1


@pytest.mark.parametrize("case", range(3))
def test_crop(case: int) -> None:
    stored = arrays("glue_image")
    width, height = stored["crop_sizes"][case].tolist()
    found = crop.crop_for((width, height), stored["crop_lm68"][case])
    assert found.size == tuple(stored["crop_rsize"][case])
    assert found.box == tuple(stored["crop_box"][case])
    np.testing.assert_allclose(found.quad, stored["crop_quad"][case], rtol=0, atol=1e-4)
