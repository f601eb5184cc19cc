"""The generator, stage by stage and as a whole, against the reference implementation."""

from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from likeness_animator.engines.sadtalker import motion
from likeness_animator.engines.sadtalker.fast.generator import FastGenerator
from likeness_animator.engines.sadtalker.networks.mapping import HeadMotion

from .golden import arrays, assert_close, network, parts, picture, tensor
from .pictures import assert_prediction, assert_same_picture, centre
from .stages import MOTION, STAGES, TOLERANCE, seen, summary, thinned, watched

pytestmark = [pytest.mark.parity, pytest.mark.timeout(600)]


@pytest.mark.parametrize("stage", STAGES)
def test_stage(stage: str) -> None:
    stored = arrays("generator")
    found = seen()[stage]
    atol = TOLERANCE * float(stored[f"stat_{stage}"][1])
    assert_close(thinned(found), f"sub_{stage}", "generator", atol)
    assert_close(np.array(summary(found)), f"stat_{stage}", "generator", atol)


def test_motion() -> None:
    motion = seen()[MOTION]
    assert_close(motion.mask[:, :, ::4, ::8, ::8], "mask_s", "generator")
    assert_close(motion.occlusion, "occlusion_map", "generator")
    assert_close(motion.deformation[:, ::2, ::4, ::4], "deformation_s", "generator", 1e-3)


def test_picture() -> None:
    assert_prediction(seen()["prediction"].numpy())


@cache
def rewritten() -> FastGenerator:
    return FastGenerator(network("generator"))


@torch.inference_mode()
def test_picture_of_the_rewritten_form() -> None:
    source, driving = tensor("generator", "kp_source"), tensor("generator", "kp_driving")
    assert_prediction(rewritten()(seen()["resblocks_3d"], source, driving).numpy())


@torch.inference_mode()
def test_a_whole_animation() -> None:
    stored = arrays("animate")
    generator, photo = network("generator"), picture("animate")
    canonical = network("kp_detector")(photo)
    assert_close(canonical, "kp_canonical", "animate")
    windows = np.stack([motion.window(stored["coeff_3dmm"], frame) for frame in range(len(stored["coeff_3dmm"]))])
    np.testing.assert_array_equal(windows, stored["target_semantics"])
    source_window = motion.window(stored["source_coeff"], 0)[None]
    np.testing.assert_array_equal(source_window, stored["source_semantics"])
    source = motion.keypoints(canonical, head_motion(source_window, "he_src"))
    assert_close(source, "kp_source", "animate")
    features = generator.encode(photo)
    for frame in stored["frames"].tolist():
        head = head_motion(windows[frame : frame + 1], f"he_drv{frame}" if frame == 0 else None)
        for key in ("yaw", "pitch", "roll"):
            assert_close(motion.degrees(parts(head)[key]), f"deg{frame}_{key}", "animate")
        driving = motion.keypoints(canonical, head)
        assert_close(driving, f"kp_driving{frame}", "animate")
        with watched(generator) as found:
            # The first frame by the rewritten form, the last one by the plain networks.
            drawn = (generator if frame else rewritten())(features, source, driving).numpy()
        assert_same_picture(drawn[:, :, ::4, ::4], stored[f"pred{frame}_s"])
    assert_same_picture(centre(drawn), stored["pred4_crop"])
    assert_close(found[MOTION].occlusion[:, :, ::2, ::2], "pred4_occlusion", "animate")


def head_motion(window: NDArray[Any], stored: str | None) -> HeadMotion:
    """What the mapping network says to a window, held to what is stored of it."""
    found: HeadMotion = network("mapping")(torch.from_numpy(window))
    for key, value in parts(found).items() if stored else ():
        assert_close(value, f"{stored}_{key}", "animate")
    return found
