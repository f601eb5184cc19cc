"""SadTalker's networks with their weights, as runners of graphs."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from likeness_animator.engines.sadtalker import checkpoint
from likeness_animator.engines.sadtalker.fast.generator import FastGenerator
from likeness_animator.engines.sadtalker.graphs import FrameGraph, KeypointGraph, PoseGraph, SourceGraph, SpeechGraph
from likeness_animator.engines.sadtalker.networks.expression import Audio2Exp
from likeness_animator.engines.sadtalker.networks.generator import Generator
from likeness_animator.engines.sadtalker.networks.keypoints import KeypointDetector
from likeness_animator.engines.sadtalker.networks.mapping import MappingNet
from likeness_animator.engines.sadtalker.networks.pose import Audio2Pose
from likeness_animator.engines.sadtalker.networks.reconstruction import FaceReconstruction
from likeness_animator.engines.sadtalker.portable import portable
from likeness_animator.runners import Runner, TensorSpec
from likeness_animator.runners.precision import PRECISIONS, lowered
from likeness_animator.runners.torch import TorchRunner
from likeness_common.errors import FailedPrecondition, Reason

Sizes = tuple[int | None, ...]
Shapes = Mapping[str, Sizes]

MAPPINGS = {"keypoints": 70, "keypoints_full": 73}
"""Numbers of coefficients by graph: for cropped pictures, and for full ones, where the crop is told too."""
MAPPING_FILES = {"keypoints": "mapping_00229-model.pth.tar", "keypoints_full": "mapping_00109-model.pth.tar"}

HEAVY = ("reconstruction", "source", "frame")
"""Graphs that see pictures, and gain from less precision; the others take no time, and say where a face moves."""

_FEATURES: Sizes = (1, None, None, None, None)
SHAPES: Mapping[str, tuple[Shapes, Shapes]] = {
    "reconstruction": ({"photo": (1, 3, 224, 224)}, {"coefficients": (1, 257)}),
    "source": ({"photo": (1, 3, None, None)}, {"features": _FEATURES, "keypoints": (1, 15, 3)}),
    "speech": (
        {"mel": (None, 1, 80, 16), "reference": (None, 64), "blink": (None, 1)},
        {"expression": (None, 64), "heard": (None, 6)},
    ),
    "pose": (
        {"heard": (1, 32, 6), "reference": (1, 6), "latent": (1, 64), "style": (1,)},
        {"motion": (1, 32, 6)},
    ),
    "keypoints": ({"window": (1, 70, 27), "canonical": (1, 15, 3)}, {"keypoints": (1, 15, 3)}),
    "keypoints_full": ({"window": (1, 73, 27), "canonical": (1, 15, 3)}, {"keypoints": (1, 15, 3)}),
    "frame": (
        {"features": _FEATURES, "source": (1, 15, 3), "driving": (1, 15, 3)},
        {"picture": (1, 3, None, None)},
    ),
}
"""Inputs and outputs of each graph."""


@dataclass(frozen=True, slots=True)
class Networks:
    """All networks, ready for inference; mappings by the names of their graphs."""

    generator: Generator
    detector: KeypointDetector
    expression: Audio2Exp
    pose: Audio2Pose
    reconstruction: FaceReconstruction
    mappings: Mapping[str, MappingNet]


def read(files: Mapping[str, Path]) -> Networks:
    """The networks with the weights of the official files, by their names. Raises CheckpointError."""
    parts = checkpoint.read(next(path for name, path in files.items() if name.endswith(".safetensors")))
    with torch.device("meta"):
        networks = Generator(), KeypointDetector(), Audio2Exp(), Audio2Pose(), FaceReconstruction()
        mappings = {name: MappingNet(coefficients) for name, coefficients in MAPPINGS.items()}
    generator, detector, expression, pose, reconstruction = networks
    return Networks(
        checkpoint.load(generator, parts["generator."]),
        checkpoint.load(detector, parts["kp_extractor."]),
        checkpoint.load(expression, parts["audio2exp."]),
        checkpoint.load(pose, parts["audio2pose."]),
        checkpoint.load(reconstruction, parts["face_3drecon."]),
        {
            name: checkpoint.load(mapping, checkpoint.read_mapping(files[MAPPING_FILES[name]]))
            for name, mapping in mappings.items()
        },
    )


def runners(networks: Networks, device: str = "", precision: str = "float32") -> dict[str, Runner]:
    """Every graph of the networks, on a device of torch: empty is an NVIDIA GPU where there is one, else the CPU.

    `precision`, of PRECISIONS, is that of the heavy graphs; where voxels come from stays in float32. Raises
    FailedPrecondition (ENGINE_UNAVAILABLE) for a device that is not here.
    """
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    fast = device == "cpu" and precision == "float32"
    modules: dict[str, nn.Module] = {
        "reconstruction": networks.reconstruction,
        "source": SourceGraph(_encoder(networks.generator), networks.detector),
        "speech": SpeechGraph(networks.expression, networks.pose),
        "pose": PoseGraph(networks.pose),
        "frame": FrameGraph(FastGenerator(networks.generator) if fast else networks.generator),
        **{name: KeypointGraph(mapping) for name, mapping in networks.mappings.items()},
    }
    if precision != "float32":
        modules |= {name: lowered(portable(modules[name]), PRECISIONS[precision]) for name in HEAVY}
    try:
        return {name: TorchRunner(module, *_specs(name), device) for name, module in modules.items()}
    except ValueError as error:
        raise FailedPrecondition(Reason.ENGINE_UNAVAILABLE, f"the engine 'sadtalker' cannot run: {error}") from error


def _encoder(generator: Generator) -> Generator:
    """The generator without what draws frames, so that those weights are not kept beside the rewritten ones."""
    encoder = copy.copy(generator)
    kept = ("first", "down_blocks", "second", "resblocks_3d")
    encoder._modules = {name: part for name, part in generator.named_children() if name in kept}
    return encoder


def _specs(graph: str) -> tuple[list[TensorSpec], list[TensorSpec]]:
    inputs, outputs = (
        [TensorSpec(name, shape, "int32" if name == "style" else "float32") for name, shape in side.items()]
        for side in SHAPES[graph]
    )
    return inputs, outputs
