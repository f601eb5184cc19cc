"""Checkpoints are loaded as they are or not at all."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save, save_file
from torch import Tensor, nn

from likeness_animator.engines.sadtalker import checkpoint
from likeness_animator.engines.sadtalker.checkpoint import CheckpointError
from likeness_animator.engines.sadtalker.networks.config import OFFICIAL
from tests.parity.sadtalker.golden import empty
from tests.unit.animator.sadtalker import official

pytestmark = pytest.mark.unit

OFFICIAL_BYTES = 725_066_984
Tensors = dict[str, Tensor]


def zeros(network: nn.Module) -> Tensors:
    return {name: torch.zeros_like(value, device="cpu") for name, value in network.state_dict().items()}


def reduced(name: str = "audio2exp") -> nn.Module:
    return empty(name, OFFICIAL.reduced())


def test_the_official_file_is_loaded_whole(tmp_path: Path) -> None:
    path = tmp_path / "official.safetensors"
    official.write(path, official.shapes())
    assert path.stat().st_size == OFFICIAL_BYTES
    parts = checkpoint.read(path)
    assert parts.keys() == official.NAMES.keys()
    for prefix, tensors in parts.items():
        checkpoint.load(empty(official.NAMES[prefix]), tensors)


def test_the_empty_file_is_laid_out_as_the_library_does(tmp_path: Path) -> None:
    tensors = zeros(reduced())
    official.write(tmp_path / "empty.safetensors", {name: value.shape for name, value in tensors.items()})
    assert (tmp_path / "empty.safetensors").read_bytes() == save(tensors)


@pytest.mark.parametrize("name", ["mapping", "mapping_full"])
def test_a_mapping_is_loaded_without_its_training_state(tmp_path: Path, name: str) -> None:
    tensors = zeros(reduced(name))
    optimiser = {"state": {0: {"step": 7, "exp_avg": torch.ones(3)}}, "param_groups": [{"lr": 2e-4}]}
    torch.save({"mapping": tensors, "optimizer_mapping": optimiser, "epoch": 229}, tmp_path / "mapping.pth.tar")
    found = checkpoint.read_mapping(tmp_path / "mapping.pth.tar")
    assert found.keys() == tensors.keys()
    checkpoint.load(reduced(name), found)


def drop(tensors: Tensors) -> None:
    del tensors["mapping1.bias"]


def add(tensors: Tensors) -> None:
    tensors["mapping2.bias"] = torch.zeros(64)


def reshape(tensors: Tensors) -> None:
    tensors["mapping1.bias"] = torch.zeros(63)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (drop, r"lacks: mapping1\.bias$"),
        (add, r"has tensors that no network knows: mapping2\.bias$"),
        (reshape, r"has tensors of another shape: mapping1\.bias \(63,\)$"),
    ],
)
def test_what_does_not_fit_is_named(change: Callable[[Tensors], None], message: str) -> None:
    tensors = zeros(reduced())
    checkpoint.load(reduced(), dict(tensors))
    change(tensors)
    with pytest.raises(CheckpointError, match=message):
        checkpoint.load(reduced(), tensors)


def test_long_lists_are_cut() -> None:
    with pytest.raises(CheckpointError, match=r"lacks: (\S+, ){4}\S+ and \d+ more$"):
        checkpoint.load(reduced(), {})


@pytest.mark.parametrize(
    "name", ["he_estimator.fc_yaw.bias", "generators.first.conv.bias", "audio2pose.decoder.classbias"]
)
def test_tensors_of_no_network_are_named(tmp_path: Path, name: str) -> None:
    save_file({name: torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(CheckpointError, match=name.removeprefix("audio2pose.")):
        checkpoint.read(tmp_path / "other.safetensors")


def test_what_only_training_needs_is_left_out(tmp_path: Path) -> None:
    names = ["netD_motion.a", "netG.encoder.a", "netG.decoder.a", "audio_encoder.audio_encoder.a"]
    save_file({f"audio2pose.{name}": torch.zeros(1) for name in names}, tmp_path / "pose.safetensors")
    assert checkpoint.read(tmp_path / "pose.safetensors")["audio2pose."].keys() == {"decoder.a", "audio_encoder.a"}


def test_spectral_norms_are_folded() -> None:
    weight = torch.randn(6, 4, 3, 3, generator=torch.Generator().manual_seed(1))
    u, _, v = torch.linalg.svd(weight.flatten(1), full_matrices=False)
    stored = {"conv.weight_orig": weight, "conv.weight_u": u[:, 0], "conv.weight_v": v[0]}
    folded = checkpoint.fold_spectral_norm(stored)
    assert folded.keys() == {"conv.weight"}
    assert torch.linalg.matrix_norm(folded["conv.weight"].flatten(1), 2).item() == pytest.approx(1)
    assert stored.keys() == {"conv.weight_orig", "conv.weight_u", "conv.weight_v"}


def test_half_a_spectral_norm_is_refused() -> None:
    tensors = zeros(reduced("generator"))
    tensors["decoder.up_0.conv_0.weight_orig"] = tensors.pop("decoder.up_0.conv_0.weight")
    tensors["decoder.up_0.conv_0.weight_u"] = torch.zeros(8)
    with pytest.raises(CheckpointError, match=r"lacks: decoder\.up_0\.conv_0\.weight$"):
        checkpoint.load(reduced("generator"), tensors)


class Malicious:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.mkdir, (self.path,)


def test_code_in_a_mapping_is_not_run(tmp_path: Path) -> None:
    torch.save({"mapping": zeros(reduced("mapping")), "epoch": Malicious(tmp_path / "harm")}, tmp_path / "m.pth.tar")
    with pytest.raises(CheckpointError, match=r"m\.pth\.tar cannot be read as tensors"):
        checkpoint.read_mapping(tmp_path / "m.pth.tar")
    assert not (tmp_path / "harm").exists()
    torch.load(tmp_path / "m.pth.tar", weights_only=False)
    assert (tmp_path / "harm").exists(), "the file would have done harm"


@pytest.mark.parametrize("content", [b"", b"not found", b"PK\x03\x04 cut"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "weights"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match="weights cannot be read as safetensors"):
        checkpoint.read(path)
    with pytest.raises(CheckpointError, match="weights cannot be read as tensors"):
        checkpoint.read_mapping(path)


@pytest.mark.parametrize("content", [{"state_dict": {}}, [1, 2]])
def test_a_mapping_without_its_entry_is_refused(tmp_path: Path, content: object) -> None:
    torch.save(content, tmp_path / "m.pth.tar")
    with pytest.raises(CheckpointError, match="has no entry `mapping`"):
        checkpoint.read_mapping(tmp_path / "m.pth.tar")
