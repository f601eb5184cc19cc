"""Less than float32, for the networks that see pictures."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from torch import nn

from likeness_animator.engines.sadtalker import loading
from likeness_animator.engines.sadtalker.engine import SadTalkerEngine
from likeness_animator.engines.sadtalker.loading import HEAVY
from likeness_animator.engines.sadtalker.options import SadTalkerSettings
from likeness_animator.engines.sadtalker.portable import FlatDenseMotion, portable
from likeness_animator.export.graph import deviation_of
from likeness_animator.export.rounded import traced
from likeness_animator.runners.bundle import Deviation
from likeness_animator.runners.precision import PRECISIONS, lowered
from tests.fakes.sadtalker import small_graphs
from tests.unit.animator.sadtalker import stand_in

pytestmark = pytest.mark.unit

LIMITS = {
    # Twice what was measured: 2.0e-4, 1.8e-5; 1.7e-3, 4.6e-4; 1.8e-4, 4.1e-5; 1.0e-2, 9.4e-4.
    "float16": {
        "coefficients": Deviation(4e-4, 4e-5),
        "features": Deviation(4e-3, 1e-3),
        "keypoints": Deviation(4e-4, 8e-5),
        "picture": Deviation(2e-2, 2e-3),
    },
    # 1.2e-3, 1.5e-4; 7.1e-3, 1.7e-3; 1.9e-3, 4.2e-4; 9.8e-2, 7.7e-3.
    "bfloat16": {
        "coefficients": Deviation(3e-3, 3e-4),
        "features": Deviation(2e-2, 4e-3),
        "keypoints": Deviation(4e-3, 9e-4),
        "picture": Deviation(0.2, 1.6e-2),
    },
}


@pytest.mark.parametrize("precision", LIMITS)
@pytest.mark.parametrize("name", HEAVY)
def test_heavy_graphs_are_computed_in_it(name: str, precision: str) -> None:
    case = stand_in.graph(name)
    wanted, found = (small_graphs(kind)[name].run(case.arrays) for kind in ("float32", precision))
    for output, array in found.items():
        assert array.dtype == np.float32
        off, limit = deviation_of(array, wanted[output]), LIMITS[precision][output]
        # A tenth of the limit at least: it is what is used.
        assert limit.largest / 10 < off.largest <= limit.largest
        assert limit.mean / 10 < off.mean <= limit.mean


@pytest.mark.parametrize("name", ["speech", "pose", "keypoints", "keypoints_full"])
def test_motion_is_not(name: str) -> None:
    case = stand_in.graph(name)
    wanted, found = (small_graphs(kind)[name].run(case.arrays) for kind in ("float32", "bfloat16"))
    assert all(np.array_equal(found[output], wanted[output]) for output in wanted)


@torch.inference_mode()
def test_where_voxels_come_from_is_computed_in_float32() -> None:
    case = stand_in.graph("frame")
    graph = lowered(portable(case.module), torch.float16)
    (motion,) = (part for part in graph.modules() if isinstance(part, FlatDenseMotion))
    assert motion.mask.weight.dtype == torch.float16
    found = motion(*case.inputs.values())
    assert (found.deformation.dtype, found.mask.dtype) == (torch.float32, torch.float32)
    assert found.occlusion.dtype == torch.float16


def test_the_module_itself_stays_as_it_is() -> None:
    module = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    copied = lowered(module, torch.bfloat16)
    assert copied(torch.ones(1, 2)).dtype == torch.bfloat16
    assert module(torch.ones(1, 2)).dtype == torch.float32


def test_settings_know_the_precisions() -> None:
    assert [SadTalkerSettings.model_validate({"precision": name}).precision for name in PRECISIONS] == list(PRECISIONS)
    with pytest.raises(ValidationError, match="'float32', 'float16' or 'bfloat16'"):
        SadTalkerSettings.model_validate({"precision": "float64"})


def test_a_bundle_brings_its_own(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="leave one of the two out"):
        SadTalkerSettings(precision="float16", bundle=tmp_path)
    assert SadTalkerSettings(precision="float32", bundle=tmp_path).bundle == tmp_path


@torch.no_grad()
def test_what_is_traced_in_float16_is_rounded_float32() -> None:
    layer = lowered(nn.Conv2d(3, 4, 3, stride=2, padding=1), torch.float16)
    assert isinstance(layer, nn.Conv2d)
    x = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    found = traced(layer, x.half())
    assert found.dtype == torch.float16
    torch.testing.assert_close(found, layer(x), rtol=2e-3, atol=2e-3)
    with pytest.raises(TypeError, match=r"is in float16, its input in torch\.float32"):
        traced(layer, x)


def test_an_engine_loads_in_the_precision_of_its_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[tuple[Any, ...]]()

    def runners(*arguments: Any) -> dict[str, Any]:
        asked.append(arguments)
        return {}

    monkeypatch.setattr(loading, "read", lambda _files: "networks")
    monkeypatch.setattr(loading, "runners", runners)
    weights: Any = SimpleNamespace(path=lambda _manifest, name: Path(name))
    engine = SadTalkerEngine.create(weights, SadTalkerSettings(device="cuda", precision="bfloat16"))
    engine._loaded()
    assert asked == [("networks", "cuda", "bfloat16")]
