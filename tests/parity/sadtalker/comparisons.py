"""Single steps of SadTalker held to the reference: cheap enough to repeat with a detail changed."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from likeness_animator.engines.sadtalker import mel, motion
from likeness_animator.engines.sadtalker.networks.pose import FRAMES

from .golden import arrays, network, tensor
from .stages import MOTION, STAGES, TOLERANCE, seen, summary, thinned, watched

Comparison = Callable[[], tuple[float, float]]
"""The largest error of a step, and what is tolerated."""
BLOCKS = [f"decoder.G_middle_{index}" for index in range(6)]


def error(found: Any, expected: Any) -> float:
    """The largest difference."""
    return float(np.abs(np.asarray(found, np.float64) - expected).max())


def spectrum() -> tuple[float, float]:
    """Log-mel bands of sound."""
    stored = arrays("audio_mel")
    samples = (stored["wav_i16"][: int(stored["cropped_len"])] / 32768).astype(np.float32)
    return error(mel.log_mel(samples, 0, len(samples) // mel.HOP + 1), stored["mel"]), 1e-4


def windows() -> tuple[float, float]:
    """The columns of the bands that belong to frames."""
    stored = arrays("audio_mel")
    bands = stored["mel"]
    found = [bands[:, mel.columns(int(frame), bands.shape[1])] for frame in stored["windows_sample_frames"]]
    return error(found, stored["windows_sample"]), 0.0


def rotations() -> tuple[float, float]:
    """Rotations of the head."""
    angles = tensor("glue_motion", "degrees")
    found = motion.rotation(angles, angles.flip(0) / 2, -0.3 * angles)
    return error(found, arrays("glue_motion")["rot"]), 1e-4


@torch.inference_mode()
def expressions() -> tuple[float, float]:
    """Expressions of speech."""
    sound, reference, blink = (tensor("audio2exp", key)[0] for key in ("indiv_mels", "ref", "ratio_gt"))
    found = network("audio2exp")(sound, reference[:, :64], blink)
    return error(found, arrays("audio2exp")["exp_coeff_pred"][0]), 1e-4


@torch.inference_mode()
def poses() -> tuple[float, float]:
    """The first 32 frames of the head's motion."""
    pose = network("audio2pose")
    heard = pose.hear(tensor("audio2pose", "indiv_mels")[0, 1 : FRAMES + 1])[None]
    reference, style = tensor("audio2pose", "ref")[0, :, 64:70], tensor("audio2pose", "class_id")[None]
    found = pose.decoder(heard, reference, tensor("audio2pose", "z")[0], style)
    return error(found[0], arrays("audio2pose")["pose_motion_pred"][0, 1 : FRAMES + 1]), 1e-4


def stage(name: str, *live: str) -> Comparison:
    """A stage of the generator. But for the modules `live`, those that are expensive repeat what they once gave."""

    def compare() -> tuple[float, float]:
        stored = arrays("generator")
        found = repeated(live)[name]
        worst = max(error(thinned(found), stored[f"sub_{name}"]), error(summary(found), stored[f"stat_{name}"]))
        return worst, TOLERANCE * float(stored[f"stat_{name}"][1])

    return compare


def deformation() -> tuple[float, float]:
    """Where voxels come from."""
    found = repeated(())[MOTION].deformation[:, ::2, ::4, ::4]
    return error(found, arrays("generator")["deformation_s"]), 1e-3


@torch.inference_mode()
def repeated(live: tuple[str, ...]) -> dict[str, Any]:
    """What the stages give if the generator is run again."""
    generator, once = network("generator"), seen()
    modules = dict(generator.named_modules())

    def again(value: Tensor) -> Any:
        return lambda *_: value

    with pytest.MonkeyPatch.context() as patch, watched(generator) as found:
        for name in [name for name in STAGES if name.startswith(MOTION) and name in modules]:
            if name not in live and not name.endswith("compress"):
                patch.setattr(modules[name], "forward", again(once[name]))
        for name in [*BLOCKS, "decoder.fc", "decoder.up_0", "decoder.up_1"]:
            if name not in live:
                # The blocks in the middle of which nothing is stored do not matter: the last of them repeats its own.
                patch.setattr(modules[name], "forward", again(once.get(name, once["decoder.fc"])))
        source, driving = tensor("generator", "kp_source"), tensor("generator", "kp_driving")
        found["prediction"] = generator(once["resblocks_3d"], source, driving)
    return found


def upsampled() -> tuple[float, float]:
    """The first step up of the hourglass."""
    blocks = network("generator").dense_motion_network.hourglass.decoder.up_blocks
    name = "dense_motion_network.hourglass"
    with torch.inference_mode():
        found = thinned(blocks[0](seen()[f"{name}.encoder.down_blocks.4"]))
    stored, key = arrays("generator"), f"{name}.decoder.up_blocks.0"
    return error(found, stored[f"sub_{key}"]), TOLERANCE * float(stored[f"stat_{key}"][1])
