"""Details of SadTalker's structure, each changed on purpose: the parity tests have to notice.

Run as a script (`python -m tests.parity.sadtalker.mutations`) it prints what each change does to the result, and fails
if one goes unnoticed.
"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from likeness_animator.engines.sadtalker import mel, motion
from likeness_animator.engines.sadtalker.networks import dense_motion, generator, spade
from likeness_animator.engines.sadtalker.networks.audio import ConvBlock
from likeness_animator.engines.sadtalker.networks.blocks import Same3d, Up3d
from likeness_animator.engines.sadtalker.networks.pose import PoseMlp
from likeness_animator.engines.sadtalker.networks.resunet import Upsample
from tests.parity import seeded_weights

from .comparisons import (
    Comparison,
    deformation,
    expressions,
    poses,
    rotations,
    spectrum,
    stage,
    upsampled,
    windows,
)
from .golden import network

Patch = pytest.MonkeyPatch
_interpolate, _leaky_relu, _cat = functional.interpolate, functional.leaky_relu, torch.cat
_log_mel, _filters, _rotation = mel.log_mel, mel.filters, motion.rotation


@dataclass(frozen=True, slots=True)
class Mutation:
    """A detail, the step that shows it, and how to change it."""

    name: str
    comparison: Comparison
    change: Callable[[Patch], None]

    def error(self) -> tuple[float, float]:
        """The largest error with the detail changed, and what is tolerated."""
        with Patch.context() as patch:
            self.change(patch)
            return self.comparison()


def reflect_sound(patch: Patch) -> None:
    def mutated(samples: Any, start: int, end: int) -> Any:
        emphasised = samples - 0.97 * np.concatenate([[0.0], samples[:-1]])
        reach = mel.LENGTH // 2
        return _log_mel(np.pad(emphasised, reach, mode="reflect"), start + reach // mel.HOP, end + reach // mel.HOP)

    patch.setattr(mel, "PREEMPHASIS", 0.0)
    patch.setattr(mel, "log_mel", mutated)


def htk_scale(patch: Patch) -> None:
    patch.setattr(mel, "_mel", lambda hertz: 2595 * math.log10(1 + hertz / 700))
    patch.setattr(mel, "_hertz", lambda mels: 700 * (10 ** (mels / 2595) - 1))
    patch.setattr(mel, "filters", _filters.__wrapped__)


def even_height(patch: Patch) -> None:
    low, high = mel._mel(mel.LOWEST_HZ), mel._mel(mel.HIGHEST_HZ)
    edges = mel._hertz(np.linspace(low, high, mel.BANDS + 2))
    patch.setattr(mel, "filters", lambda: _filters() * (edges[2:] - edges[:-2])[:, None] / 2)


def symmetric_window(patch: Patch) -> None:
    patch.setattr(mel, "_hann", lambda: np.hanning(mel.LENGTH))


def round_down(patch: Patch) -> None:
    patch.setattr(mel, "window_start", lambda frame: math.floor(mel.HOP_RATIO * (frame - 2)))


def exact_pi(patch: Patch) -> None:
    patch.setattr(motion, "_PI", math.pi)


def pitch_first(patch: Patch) -> None:
    patch.setattr(motion, "rotation", lambda *angles: _rotation(*(-angle for angle in angles)).transpose(1, 2))


def add_after_relu(patch: Patch) -> None:
    def forward(self: ConvBlock, x: Tensor) -> Tensor:
        out: Tensor = self.conv_block(x).relu()
        return out + x if self.residual else out

    patch.setattr(ConvBlock, "forward", forward)


def reverse_joins_of(count: int, patch: Patch) -> None:
    def joined(tensors: Any, dim: int = 0) -> Tensor:
        return _cat(tensors[::-1] if len(tensors) == count else tensors, dim)

    patch.setattr(torch, "cat", joined)


def relu_pose(patch: Patch) -> None:
    patch.setattr(PoseMlp, "forward", lambda self, x: torch.relu(self.L1(torch.relu(self.L0(x)))))


def skip_first(patch: Patch) -> None:
    patch.setattr(Upsample, "forward", lambda self, x, skip: torch.cat([skip, self.upsample(x)], dim=1))


def warp_otherwise(module: Any, settings: dict[str, Any], patch: Patch) -> None:
    patch.setattr(module, "warp", partial(functional.grid_sample, **({"align_corners": False} | settings)))


def keep_small_shares(patch: Patch) -> None:
    patch.setattr(dense_motion, "SMALLEST_SHARE", 0.0)


def smooth_upsampling(patch: Patch) -> None:
    def forward(self: Up3d, x: Tensor) -> Tensor:
        return Same3d.forward(self, _interpolate(x, scale_factor=(1, 2, 2), mode="trilinear"))

    patch.setattr(Up3d, "forward", forward)


def smooth_condition(patch: Patch) -> None:
    # The condition is resized to a size, features by a factor.
    patch.setattr(
        functional,
        "interpolate",
        lambda x, size=None, scale_factor=None: _interpolate(
            x, size, scale_factor, mode="nearest" if size is None else "bilinear"
        ),
    )


def without(path: str, patch: Patch) -> None:
    patch.setattr(network("generator").get_submodule(path), "forward", lambda x: x)


def slope_of_third(patch: Patch) -> None:
    patch.setattr(functional, "leaky_relu", lambda x, slope: _leaky_relu(x, 0.2 if slope == 0.01 else slope))


def slope_of_spade(patch: Patch) -> None:
    patch.setattr(spade, "SLOPE", 0.01)


def spectral_norm_unfolded(patch: Patch) -> None:
    # Not the first convolution: the instance norm after it takes any factor out again.
    path = "decoder.G_middle_0.conv_1"
    convolution = network("generator").get_submodule(path)
    stored = torch.from_numpy(seeded_weights.tensor(f"{path}.weight_orig", convolution.weight.shape))
    patch.setattr(convolution, "weight", nn.Parameter(stored, requires_grad=False))


ALIGNED, BORDER = {"align_corners": True}, {"padding_mode": "border"}
FIRST = "decoder.G_middle_0"

QUICK = [
    Mutation("sound reflected at its ends", spectrum, reflect_sound),
    Mutation("symmetric Hann window", spectrum, symmetric_window),
    Mutation("HTK mel scale", spectrum, htk_scale),
    Mutation("mel filters of even height", spectrum, even_height),
    Mutation("windows of sound rounded down", windows, round_down),
    Mutation("radians with pi", rotations, exact_pi),
    Mutation("roll after pitch", rotations, pitch_first),
    Mutation("speech encoder: residual added after ReLU", expressions, add_after_relu),
    Mutation("expression: inputs in reverse order", expressions, partial(reverse_joins_of, 3)),
    Mutation("pose: ReLU for sigmoid", poses, relu_pose),
    Mutation("pose: inputs in reverse order", poses, partial(reverse_joins_of, 3)),
    Mutation("pose: skips before what came up", poses, skip_first),
]
"""Those that need no picture."""
DRAWN = [
    Mutation("dense warp: align_corners", stage("hg_in"), partial(warp_otherwise, dense_motion, ALIGNED)),
    Mutation("dense warp: border repeated", stage("hg_in"), partial(warp_otherwise, dense_motion, BORDER)),
    Mutation("dense motion: inputs in reverse order", stage("hg_in"), partial(reverse_joins_of, 2)),
    Mutation("dense motion: small shares kept", deformation, keep_small_shares),
    Mutation("hourglass: trilinear upsampling", upsampled, smooth_upsampling),
    Mutation("final warp: align_corners", stage("warped"), partial(warp_otherwise, generator, ALIGNED)),
    Mutation("final warp: border repeated", stage("warped"), partial(warp_otherwise, generator, BORDER)),
    Mutation("third: no batch norm", stage("third"), partial(without, "third.norm")),
    Mutation("third: slope 0.2", stage("third"), slope_of_third),
    Mutation("SPADE: no instance norm", stage(f"{FIRST}.norm_0", FIRST), partial(without, f"{FIRST}.norm_0.norm")),
    Mutation("SPADE: slope 0.01", stage(FIRST, FIRST), slope_of_spade),
    Mutation("SPADE: spectral norm not folded", stage(FIRST, FIRST), spectral_norm_unfolded),
    Mutation("SPADE: bilinear condition", stage("decoder.up_0", "decoder.up_0"), smooth_condition),
]
"""Those that a run of the generator shows."""


def main() -> int:
    """Print the table; 1 if a change goes unnoticed or the unchanged product fails."""
    unchanged = cache(lambda comparison: comparison())
    row = "{:45} {:>9} {:>9} {:>9} {}"
    print(row.format("changed", "before", "after", "tolerance", ""))
    missed = 0
    for mutation in QUICK + DRAWN:
        before, tolerance = unchanged(mutation.comparison)
        after, _ = mutation.error()
        caught = before <= tolerance < after
        missed += not caught
        numbers = (f"{value:.1e}" for value in (before, after, tolerance))
        print(row.format(mutation.name, *numbers, "caught" if caught else "MISSED"), flush=True)
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
