"""Loading of the official checkpoints: strict, and with spectral norm folded into the weights."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

Network = TypeVar("Network", bound=nn.Module)
Value = TypeVar("Value")
Tensors = Mapping[str, Tensor]

PREFIXES = ("kp_extractor.", "generator.", "audio2exp.", "audio2pose.", "face_3drecon.")
_TRAINING_ONLY = ("netD_motion.", "netG.encoder.")
"""Below audio2pose."""
_RENAMED = {"audio_encoder.audio_encoder.": "audio_encoder.", "netG.decoder.": "decoder."}
_KNOWN = (*_TRAINING_ONLY, *_RENAMED)
_LISTED = 5
"""Names in a message."""


class CheckpointError(ValueError):
    """A checkpoint does not hold what the network needs; the message names the tensors."""


def read(path: Path) -> dict[str, dict[str, Tensor]]:
    """The tensors of a SadTalker_V0.0.2 safetensors file by prefix, without it, under the names the networks use.

    Raises CheckpointError for a file of another format and for tensors that no network knows.
    """
    try:
        content = load_file(path)
    except SafetensorError as error:
        raise CheckpointError(f"{path.name} cannot be read as safetensors: {error}") from error
    parts: dict[str, dict[str, Tensor]] = {prefix: {} for prefix in PREFIXES}
    unknown = []
    for name, tensor in content.items():
        prefix = next((known for known in PREFIXES if name.startswith(known)), None)
        if prefix is None:
            unknown.append(name)
        else:
            parts[prefix][name.removeprefix(prefix)] = tensor
    _refuse("has tensors that no network knows", unknown)
    parts["audio2pose."] = pose_names(parts["audio2pose."])
    return parts


def pose_names(tensors: Mapping[str, Value]) -> dict[str, Value]:
    """The tensors of audio2pose under the names that our network gives them, without those that only training needs.

    Raises CheckpointError for names that are none of either.
    """
    _refuse("has tensors that no network knows", [name for name in tensors if not name.startswith(_KNOWN)])
    return {
        new + name.removeprefix(old): tensor
        for old, new in _RENAMED.items()
        for name, tensor in tensors.items()
        if name.startswith(old)
    }


def read_mapping(path: Path) -> dict[str, Tensor]:
    """The tensors of a mapping_*.pth.tar; the training state beside them is left out.

    Such a file is a pickle: of its content nothing is run, and it may hold tensors and plain values only. Raises
    CheckpointError.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (UnpicklingError, RuntimeError, EOFError) as error:
        # Torch's own message advises to run what the file holds.
        raise CheckpointError(f"{path.name} cannot be read as tensors and plain values") from error
    if not isinstance(content, dict) or "mapping" not in content:
        raise CheckpointError(f"{path.name} has no entry `mapping`")
    tensors: dict[str, Tensor] = content["mapping"]
    return tensors


def load(network: Network, tensors: Tensors) -> Network:
    """Put `tensors` into a network (which may lie on the meta device) and make it ready for inference.

    Raises CheckpointError that names what is missing, left over or of another shape.
    """
    folded = fold_spectral_norm(tensors)
    wanted = network.state_dict()
    _refuse("lacks", wanted.keys() - folded.keys())
    _refuse("has tensors that no network knows", folded.keys() - wanted.keys())
    wrong = [name for name, tensor in wanted.items() if tensor.shape != folded[name].shape]
    _refuse("has tensors of another shape", (f"{name} {tuple(folded[name].shape)}" for name in wrong))
    network.load_state_dict(folded, assign=True)
    return network.eval().requires_grad_(False)


def fold_spectral_norm(tensors: Tensors) -> dict[str, Tensor]:
    """Replace weight_orig, weight_u and weight_v by the weight that they stand for: W / (u . W v)."""
    result = dict(tensors)
    for name in [name for name in tensors if name.endswith(".weight_orig")]:
        stem = name.removesuffix("_orig")
        if f"{stem}_u" in result and f"{stem}_v" in result:
            weight, u, v = result.pop(name), result.pop(f"{stem}_u"), result.pop(f"{stem}_v")
            result[stem] = weight / (u @ (weight.flatten(1) @ v))
    return result


def _refuse(what: str, names: Iterable[str]) -> None:
    found = sorted(names)
    if found:
        more = f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
        raise CheckpointError(f"the checkpoint {what}: {', '.join(found[:_LISTED])}{more}")
