"""The generator with stand-in weights, run once on the stored photo and keypoints, and all that it gave on the way."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn

from .golden import arrays, network, outputs, picture, tensor

STAGES = [key.removeprefix("sub_") for key in arrays("generator") if key.startswith("sub_")]
INPUTS = {"hg_in": "dense_motion_network.hourglass", "warped": "third.conv", "third": "fourth"}
"""Stages that are what a module takes; the others are what the module of that name gives."""
MOTION = "dense_motion_network"
TOLERANCE = 2e-3
"""Of a stage, as a share of its standard deviation."""


@contextmanager
def watched(generator: nn.Module) -> Iterator[dict[str, Any]]:
    """What the stages give while the generator runs."""
    with outputs(generator, *(name for name in STAGES if name not in INPUTS), MOTION) as found:

        def keep(stage: str) -> Any:
            return lambda _module, inputs: found.__setitem__(stage, inputs[0])

        hooks = [generator.get_submodule(name).register_forward_pre_hook(keep(stage)) for stage, name in INPUTS.items()]
        try:
            yield found
        finally:
            for hook in hooks:
                hook.remove()


@cache
def seen() -> dict[str, Any]:
    """What the stages gave, with the `prediction`; about 25 s of processor time."""
    generator = network("generator")
    with torch.inference_mode(), watched(generator) as found:
        features = generator.encode(picture("generator"))
        source, driving = tensor("generator", "kp_source"), tensor("generator", "kp_driving")
        found["prediction"] = generator(features, source, driving)
    return found


def summary(value: Tensor) -> list[float]:
    """What the data keep of all of a large array: mean, standard deviation, smallest and largest."""
    return [float(value.mean()), float(value.std()), float(value.min()), float(value.max())]


def thinned(value: Tensor) -> Tensor:
    """What the data keep of a large array: 16 channels, and 8 places along each axis."""
    for axis, size in enumerate(value.shape[1:], start=1):
        step = max(1, size // (16 if axis == 1 else 8))
        value = value.index_select(axis, torch.arange(0, size, step))
    return value
