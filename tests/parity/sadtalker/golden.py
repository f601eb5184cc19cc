"""What the reference implementation of SadTalker computes with stand-in weights (tests/parity/data/sadtalker)."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from likeness_animator.engines.sadtalker import checkpoint
from likeness_animator.engines.sadtalker.loading import Networks
from likeness_animator.engines.sadtalker.networks.config import OFFICIAL, Config
from likeness_animator.engines.sadtalker.networks.expression import Audio2Exp
from likeness_animator.engines.sadtalker.networks.generator import Generator
from likeness_animator.engines.sadtalker.networks.keypoints import KeypointDetector
from likeness_animator.engines.sadtalker.networks.mapping import HeadMotion, MappingNet
from likeness_animator.engines.sadtalker.networks.pose import Audio2Pose
from likeness_animator.engines.sadtalker.networks.reconstruction import FaceReconstruction
from tests.parity import seeded_weights

DATA = Path(__file__).parents[1] / "data" / "sadtalker"

REDUCED = OFFICIAL.reduced()
SMALL = replace(
    REDUCED,
    hourglass_down=REDUCED.hourglass_down[:-1],
    hourglass_up=REDUCED.hourglass_up[1:],
    detector_down=REDUCED.detector_down[:-1],
    detector_up=REDUCED.detector_up[1:],
)
"""For quick tests: the hourglasses halve once less, so that they can in smaller pictures."""
SMALL_SIDE = 64
"""Of the smallest ones."""


@cache
def arrays(name: str) -> dict[str, NDArray[Any]]:
    """The stored arrays of a case."""
    with np.load(DATA / f"{name}.npz") as stored:
        return {key: stored[key] for key in stored.files}


def tensor(name: str, key: str) -> Tensor:
    """One of them, as a tensor."""
    return torch.from_numpy(arrays(name)[key])


def assert_close(found: Tensor | NDArray[Any], key: str, name: str, atol: float = 1e-4) -> None:
    """Hold a result to the stored array `key` of a case, with the tolerance that the data state."""
    np.testing.assert_allclose(np.asarray(found), arrays(name)[key], rtol=0, atol=atol, err_msg=f"{name}: {key}")


def picture(name: str, key: str = "source_u8") -> Tensor:
    """A stored picture as the networks take it, (1, 3, H, W), 0 to 1."""
    return tensor(name, key)[None] / 255


def parts(head: HeadMotion) -> dict[str, Tensor]:
    """What a head does, by the names of the data."""
    return {"yaw": head.yaw, "pitch": head.pitch, "roll": head.roll, "t": head.translation, "exp": head.expression}


@contextmanager
def outputs(network: nn.Module, *names: str) -> Iterator[dict[str, Any]]:
    """What modules of a network give while it runs."""
    found: dict[str, Any] = {}

    def keep(name: str) -> Any:
        return lambda _module, _inputs, output: found.__setitem__(name, output)

    hooks = [network.get_submodule(name).register_forward_hook(keep(name)) for name in names]
    try:
        yield found
    finally:
        for hook in hooks:
            hook.remove()


def weights(name: str) -> dict[str, Tensor]:
    """The stand-in weights of a network. Gains are applied after filling, so spectral norms stay as they were."""
    manifest = _manifest(name)
    shapes = {key: shape for key, shape in manifest["shapes"].items() if key not in manifest["not_filled"]}
    return _filled(name, shapes, manifest["gain"])


def empty(name: str, config: Config = OFFICIAL) -> nn.Module:
    """A network without weights."""
    with torch.device("meta"):
        match name:
            case "audio2exp":
                return Audio2Exp(config)
            case "audio2pose":
                return Audio2Pose(config)
            case "face_3drecon":
                return FaceReconstruction(config)
            case "generator":
                return Generator(config)
            case "kp_detector":
                return KeypointDetector(config)
            case "mapping" | "mapping_full":
                return MappingNet(73 if name == "mapping_full" else 70, config)
    raise KeyError(name)


@cache
def network(name: str) -> Any:
    """A network with its stand-in weights."""
    tensors = weights(name)
    return checkpoint.load(empty(name), checkpoint.pose_names(tensors) if name == "audio2pose" else tensors)


@cache
def small(name: str) -> Any:
    """A network of reduced size, filled by the same rule; it draws nonsense of SMALL_SIDE within milliseconds."""
    reduced, gains = empty(name, SMALL), _manifest(name)["gain"]
    shapes = {key: value.shape for key, value in reduced.state_dict().items() if key != "down.weight"}
    named = checkpoint.pose_names(gains) if name == "audio2pose" else gains
    return checkpoint.load(reduced, _filled(name, shapes, named))


def every(network_of: Callable[[str], Any]) -> Networks:
    """All networks that the engine needs, each as `network_of` its name gives it."""
    return Networks(
        network_of("generator"),
        network_of("kp_detector"),
        network_of("audio2exp"),
        network_of("audio2pose"),
        network_of("face_3drecon"),
        {"keypoints": network_of("mapping"), "keypoints_full": network_of("mapping_full")},
    )


def _manifest(name: str) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((DATA / f"manifest_{name}.json").read_text())
    return manifest


def _filled(name: str, shapes: Mapping[str, Sequence[int]], gains: Mapping[str, float]) -> dict[str, Tensor]:
    filled = seeded_weights.fill(shapes)
    for key, gain in gains.items():
        filled[key] = (filled[key] * np.float32(gain)).astype(np.float32)
    if name == "kp_detector":
        filled["down.weight"] = arrays(name)["down_weight"]
    return {key: torch.from_numpy(value) for key, value in filled.items()}
