"""The generator, stage by stage and as a whole, against the reference implementation.

A share of the motion mask just at its threshold may fall on either side of it, which moves single voxels; hence two
limits for pictures, a loose one for the largest and a narrow one for the mean error.
"""

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from likeness_animator.engines.sadtalker import motion

from .golden import arrays, network, picture, tensor

pytestmark = [pytest.mark.parity, pytest.mark.timeout(600)]

LARGEST, MEAN = 2e-3, 2e-5
STAGES = [key.removeprefix("sub_") for key in arrays("generator") if key.startswith("sub_")]
MODULES = [name for name in STAGES if name not in {"hg_in", "warped", "third"}]


def assert_same_picture(found: NDArray[Any], expected: NDArray[Any]) -> None:
    difference = np.abs(found - expected)
    assert difference.max() <= LARGEST
    assert difference.mean() <= MEAN


def thinned(value: Tensor) -> Tensor:
    """What the data keep of a large array: 16 channels, and 8 places along each axis."""
    for axis, size in enumerate(value.shape[1:], start=1):
        step = max(1, size // (16 if axis == 1 else 8))
        value = value.index_select(axis, torch.arange(0, size, step))
    return value


@pytest.fixture(scope="module")
def seen() -> dict[str, Tensor]:
    """What the stages gave for the stored photo and keypoints."""
    generator, found = network("generator"), dict[str, Tensor]()
    modules = dict(generator.named_modules())

    def keep(name: str) -> Any:
        return lambda _module, _inputs, output: found.__setitem__(name, output)

    hooks = [modules[name].register_forward_hook(keep(name)) for name in MODULES]
    hooks.append(
        modules["dense_motion_network.hourglass"].register_forward_pre_hook(
            lambda _module, inputs: found.__setitem__("hg_in", inputs[0])
        )
    )
    hooks.append(
        modules["third"].conv.register_forward_pre_hook(lambda _module, inputs: found.__setitem__("warped", inputs[0]))
    )
    hooks.append(
        modules["fourth"].register_forward_pre_hook(lambda _module, inputs: found.__setitem__("third", inputs[0]))
    )
    hooks.append(
        modules["dense_motion_network"].register_forward_hook(
            lambda _module, _inputs, output: found.__setitem__("deformation", output.deformation)
        )
    )
    with torch.inference_mode():
        features = generator.encode(picture("generator"))
        source, driving = tensor("generator", "kp_source"), tensor("generator", "kp_driving")
        found["prediction"] = generator(features, source, driving)
    for hook in hooks:
        hook.remove()
    return found


@pytest.mark.parametrize("stage", STAGES)
def test_stage(seen: dict[str, Tensor], stage: str) -> None:
    stored = arrays("generator")
    found = seen[stage]
    scale = float(stored[f"stat_{stage}"][1])
    np.testing.assert_allclose(thinned(found), stored[f"sub_{stage}"], rtol=0, atol=2e-3 * scale)
    summary = [float(found.mean()), float(found.std()), float(found.min()), float(found.max())]
    np.testing.assert_allclose(summary, stored[f"stat_{stage}"], rtol=0, atol=2e-3 * scale)


def test_motion(seen: dict[str, Tensor]) -> None:
    stored = arrays("generator")
    mask = seen["dense_motion_network.mask"].softmax(dim=1)
    occlusion = seen["dense_motion_network.occlusion"].sigmoid()
    np.testing.assert_allclose(mask[:, :, ::4, ::8, ::8], stored["mask_s"], rtol=0, atol=1e-4)
    np.testing.assert_allclose(occlusion, stored["occlusion_map"], rtol=0, atol=1e-4)
    np.testing.assert_allclose(seen["deformation"][:, ::2, ::4, ::4], stored["deformation_s"], rtol=0, atol=1e-3)


def test_picture(seen: dict[str, Tensor]) -> None:
    stored = arrays("generator")
    found = seen["prediction"].numpy()
    # Half precision adds its own rounding to the whole picture.
    np.testing.assert_allclose(found, stored["prediction_f16"].astype(np.float32), rtol=0, atol=LARGEST + 5e-4)
    np.testing.assert_allclose(found.mean(axis=(0, 2, 3)), stored["prediction_channel_mean"].ravel(), atol=MEAN)
    crop = stored["prediction_crop"]
    top = left = (found.shape[2] - crop.shape[2]) // 2
    assert_same_picture(found[:, :, top : top + crop.shape[2], left : left + crop.shape[3]], crop)


@torch.inference_mode()
def test_a_whole_animation() -> None:
    stored = arrays("animate")
    generator, mapping = network("generator"), network("mapping")
    photo = picture("animate")
    canonical = network("kp_detector")(photo)
    np.testing.assert_allclose(canonical, stored["kp_canonical"], rtol=0, atol=1e-4)
    windows = np.stack([motion.window(stored["coeff_3dmm"], frame) for frame in range(len(stored["coeff_3dmm"]))])
    np.testing.assert_array_equal(windows, stored["target_semantics"])
    source = motion.keypoints(canonical, mapping(tensor("animate", "source_semantics")))
    np.testing.assert_allclose(source, stored["kp_source"], rtol=0, atol=1e-4)
    features = generator.encode(photo)
    for frame in stored["frames"].tolist():
        driving = motion.keypoints(canonical, mapping(torch.from_numpy(windows[frame : frame + 1])))
        np.testing.assert_allclose(driving, stored[f"kp_driving{frame}"], rtol=0, atol=1e-4)
        found = generator(features, source, driving)
        assert_same_picture(found[:, :, ::4, ::4].numpy(), stored[f"pred{frame}_s"])
