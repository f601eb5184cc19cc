"""One suite over the bodies of runners."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from likeness_animator.export import coreml, onnx
from likeness_animator.export.graph import Graph, reference
from likeness_animator.runners import Runner, Stop
from likeness_animator.runners.bundle import Deviation
from likeness_animator.runners.coreml import CoreMlRunner, predicts
from likeness_animator.runners.onnx import OnnxRunner
from likeness_animator.runners.torch import TorchRunner
from likeness_common.errors import Cancelled, Reason

pytestmark = pytest.mark.contract


class Mix(nn.Module):
    """Small, with two outputs and an input of whole numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = nn.Parameter(torch.arange(8.0).reshape(4, 2))

    def forward(self, left: Tensor, right: Tensor, row: Tensor) -> tuple[Tensor, Tensor]:
        return left + self.rows[row], left * right


_EXACT = Deviation(0.0, 0.0)
_INPUTS = {
    "left": torch.tensor([[1.0, 2.0]]),
    "right": torch.tensor([[3.0, 4.0]]),
    "row": torch.tensor([2], dtype=torch.int32),
}
GRAPH = Graph("mix", Mix().eval(), Mix().eval(), _INPUTS, {"sum": _EXACT, "product": _EXACT}, heavy=False)


def torch_runner(_: Path) -> Runner:
    return TorchRunner(Mix(), GRAPH.input_specs, reference(GRAPH).specs)


def onnx_runner(folder: Path) -> Runner:
    onnx.write(GRAPH, folder / "mix.onnx", "float32")
    return OnnxRunner.open(folder / "mix.onnx", threads=1)


def coreml_runner(folder: Path) -> Runner:
    coreml.write(GRAPH, folder / "mix.mlpackage", "float32")
    return CoreMlRunner.open(folder / "mix.mlpackage", GRAPH.input_specs, reference(GRAPH).specs, "cpu")


BODIES = [
    torch_runner,
    onnx_runner,
    pytest.param(coreml_runner, marks=pytest.mark.skipif(not predicts(), reason="Core ML predicts on macOS only")),
]


@pytest.fixture(params=BODIES)
def runner(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Runner]:
    make: Callable[[Path], Runner] = request.param
    opened = make(tmp_path)
    yield opened
    opened.close()


def test_it_says_what_it_takes_and_gives(runner: Runner) -> None:
    assert [str(spec) for spec in runner.inputs] == ["left float32 (1, 2)", "right float32 (1, 2)", "row int32 (1)"]
    assert [str(spec) for spec in runner.outputs] == ["sum float32 (1, 2)", "product float32 (1, 2)"]


def test_outputs_have_their_names(runner: Runner) -> None:
    found = runner.run(GRAPH.arrays)
    assert list(found) == ["sum", "product"]
    np.testing.assert_array_equal(found["sum"], [[5.0, 7.0]])
    np.testing.assert_array_equal(found["product"], [[3.0, 8.0]])


def test_a_result_belongs_to_the_caller(runner: Runner) -> None:
    first = runner.run(GRAPH.arrays)["sum"]
    first += 1
    np.testing.assert_array_equal(runner.run(GRAPH.arrays)["sum"], [[5.0, 7.0]])


def test_what_is_bound_stays_as_it_was(runner: Runner) -> None:
    right = np.array([[3.0, 4.0]], np.float32)
    bound = runner.bind(right=right).bind(row=np.array([2], np.int32))
    right[:] = 0
    assert [spec.name for spec in bound.inputs] == ["left"]
    np.testing.assert_array_equal(bound.run({"left": np.ones((1, 2), np.float32)})["product"], [[3.0, 4.0]])


class Midway(Stop):
    """Set once a run has begun."""

    @contextmanager
    def calling(self, action: Callable[[], None]) -> Iterator[None]:
        with super().calling(action):
            self.set()
            yield


def test_a_run_that_nobody_wants_does_not_begin_and_leaves_the_runner_as_it_was(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = Stop()
    runner.run(GRAPH.arrays, stop)
    stop.set()
    with monkeypatch.context() as patched:
        patched.setattr(runner, "_run", lambda *_: pytest.fail("it ran"))
        with pytest.raises(Cancelled) as stopped:
            runner.run(GRAPH.arrays, stop)
    assert stopped.value.reason is Reason.RENDER_CANCELLED
    np.testing.assert_array_equal(runner.run(GRAPH.arrays)["sum"], [[5.0, 7.0]])


def test_torch_stops_between_two_operations_and_onnx_within_a_run(tmp_path: Path) -> None:
    stop, after = Stop(), []

    class Stopped(Mix):
        def forward(self, left: Tensor, right: Tensor, row: Tensor) -> tuple[Tensor, Tensor]:
            stop.set()
            after.append(left + right)
            return super().forward(left, right, row)

    with pytest.raises(Cancelled):
        TorchRunner(Stopped(), GRAPH.input_specs, reference(GRAPH).specs).run(GRAPH.arrays, stop)
    assert after == []
    with pytest.raises(Cancelled):
        onnx_runner(tmp_path).run(GRAPH.arrays, Midway())


def test_errors_are_no_stops(tmp_path: Path) -> None:
    """Of the four rows there is no tenth."""
    for make in (torch_runner, onnx_runner):
        with pytest.raises(Exception, match="out of"):
            make(tmp_path).run(GRAPH.arrays | {"row": np.array([9], np.int32)}, Stop())


def test_binding_leaves_the_runner_as_it_was(runner: Runner) -> None:
    bound = runner.bind(right=np.zeros((1, 2), np.float32))
    np.testing.assert_array_equal(runner.run(GRAPH.arrays)["product"], [[3.0, 8.0]])
    runner.close()
    np.testing.assert_array_equal(
        bound.run({name: GRAPH.arrays[name] for name in ("left", "row")})["product"], [[0.0, 0.0]]
    )


def test_arrays_need_not_lie_in_one_piece(runner: Runner) -> None:
    spread = np.asfortranarray(np.tile(np.array([[1.0, 2.0]], np.float32), (3, 3)))[:1, :2]
    found = runner.run(GRAPH.arrays | {"left": spread})
    np.testing.assert_array_equal(found["sum"], [[5.0, 7.0]])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"left": None}, r"lacks its input left; it takes left float32 \(1, 2\), right"),
        ({"lefft": np.zeros((1, 2), np.float32)}, "no input lefft; it takes left"),
        ({"left": np.zeros((2, 2), np.float32)}, r"takes left float32 \(1, 2\), not float32 \(2, 2\)"),
        ({"left": np.zeros(2, np.float32)}, r"takes left float32 \(1, 2\), not float32 \(2,\)"),
        ({"row": np.zeros(1, np.float32)}, r"takes row int32 \(1\), not float32 \(1,\)"),
    ],
)
def test_a_wrong_input_is_named(runner: Runner, change: dict[str, np.ndarray | None], message: str) -> None:
    inputs = {name: array for name, array in (GRAPH.arrays | change).items() if array is not None}
    with pytest.raises(ValueError, match=message):
        runner.run(inputs)


def test_a_wrong_constant_is_named(runner: Runner) -> None:
    with pytest.raises(ValueError, match="no input rihgt"):
        runner.bind(rihgt=np.zeros((1, 2), np.float32))
    with pytest.raises(ValueError, match=r"takes right float32 \(1, 2\), not float64 \(1, 2\)"):
        runner.bind(right=np.zeros((1, 2)))


def test_what_is_bound_cannot_be_given_again(runner: Runner) -> None:
    bound = runner.bind(right=np.zeros((1, 2), np.float32))
    with pytest.raises(ValueError, match="no input right"):
        bound.run(GRAPH.arrays)


def test_a_closed_runner_says_so(runner: Runner) -> None:
    runner.close()
    runner.close()
    with pytest.raises(RuntimeError, match="closed"):
        runner.run(GRAPH.arrays)
    with pytest.raises(RuntimeError, match="closed"):
        runner.bind(right=np.zeros((1, 2), np.float32))


def test_threads_get_their_own_results(runner: Runner) -> None:
    def product(value: int) -> float:
        bound = runner.bind(right=np.full((1, 2), value, np.float32))
        found = [bound.run({name: GRAPH.arrays[name] for name in ("left", "row")})["product"][0, 0] for _ in range(20)]
        assert len(set(found)) == 1
        return float(found[0])

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(product, range(8))) == [float(value) for value in range(8)]
