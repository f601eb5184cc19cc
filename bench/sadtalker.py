"""What a frame of SadTalker costs on one core: the plain networks against the rewritten frame graph.

    python -m bench.sadtalker [--side 256] [--repeat 2] [--json]

Weights are stand-ins of the official shapes. All forms draw the same frame in turn, and the best of `--repeat` counts.
Operations are those of convolutions and products of matrices, two a multiplication (torch.utils.flop_counter); the
additions of transforms are not all among them, but they are in the seconds. "Per frame", the plain form encodes the
photo anew, as the reference implementation does; the other rows keep what was encoded, as the frame graph does.
"""

import resource
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils.flop_counter import FlopCounterMode

from bench import report
from likeness_animator.engines.sadtalker.fast.generator import FastGenerator
from tests.parity.sadtalker.golden import network, picture, tensor
from tests.parity.sadtalker.pictures import LARGEST, MEAN


@dataclass(frozen=True)
class Cost:
    """One form of the networks, a frame."""

    form: str
    gflop: float
    seconds: float
    """Of the processor."""
    gflop_ratio: float = 1.0
    seconds_ratio: float = 1.0
    largest_error: float = 0.0
    mean_error: float = 0.0


def gflop(work: Callable[[], Tensor]) -> float:
    """Operations in convolutions and products; nothing is computed for it."""
    with FakeTensorMode(allow_non_fake_inputs=True), FlopCounterMode(display=False) as counter:
        work()
    return float(counter.get_total_flops()) / 1e9


def timed(work: Callable[[], Tensor]) -> tuple[float, Tensor]:
    """Seconds of this process, and the result."""
    started = time.process_time()
    result = work()
    return time.process_time() - started, result


def compare(forms: dict[str, Callable[[], Tensor]], repeat: int) -> list[Cost]:
    """Costs of all forms, which take turns, relative to the first."""
    operations = {form: gflop(work) for form, work in forms.items()}
    seconds = {form: float("inf") for form in forms}
    pictures = dict[str, Tensor]()
    for _ in range(repeat):
        for form, work in forms.items():
            spent, pictures[form] = timed(work)
            seconds[form] = min(seconds[form], spent)
    first = next(iter(forms))
    costs = []
    for form in forms:
        error = (pictures[form] - pictures[first]).abs()
        ratios = operations[form] / operations[first], seconds[form] / seconds[first]
        costs.append(Cost(form, operations[form], seconds[form], *ratios, float(error.max()), float(error.mean())))
    return costs


def peak_mb() -> float:
    """The most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@torch.inference_mode()
def measure(side: int, repeat: int) -> dict[str, object]:
    """All figures. The fast form goes first: the peak of memory is its own, with the plain weights beside it."""
    plain = network("generator")
    photo = torch.nn.functional.interpolate(picture("generator"), size=(side, side))
    source, driving = tensor("generator", "kp_source"), tensor("generator", "kp_driving")
    ready, fast = timed_module(lambda: FastGenerator(plain))
    encoding, features = timed(lambda: plain.encode(photo))
    first, _ = timed(lambda: fast(features, source, driving))
    memory = peak_mb()
    forms: dict[str, Callable[[], Tensor]] = {
        "plain, per frame": lambda: plain(plain.encode(photo), source, driving),
        "plain, photo encoded before": lambda: plain(features, source, driving),
        "fast, photo encoded before": lambda: fast(features, source, driving),
    }
    costs = compare(forms, repeat)
    return {
        "side": side,
        "frame": [asdict(cost) for cost in costs],
        "transform_weights_s": ready,
        "encode_photo_s": encoding,
        "first_frame_s": encoding + first,
        "peak_mb": memory,
        "same": all(cost.largest_error <= LARGEST and cost.mean_error <= MEAN for cost in costs),
    }


def timed_module(work: Callable[[], FastGenerator]) -> tuple[float, FastGenerator]:
    """Seconds of this process, and what was made."""
    started = time.process_time()
    made = work()
    return time.process_time() - started, made


def main() -> None:
    """Print the table."""
    arguments = report.parser(__doc__ or "")
    arguments.add_argument("--side", type=int, default=256, help="of pictures (256)")
    arguments.add_argument("--repeat", type=int, default=2, help="runs of each form (2)")
    asked = arguments.parse_args()
    torch.set_num_threads(1)
    found = measure(asked.side, asked.repeat)
    if asked.json:
        report.emit_json(found)
        return
    frame = found["frame"]
    assert isinstance(frame, list)
    head = ["", "GFLOP", "CPU s", "GFLOP ratio", "CPU ratio", "largest error", "mean error"]
    report.table(f"A frame of {asked.side}x{asked.side} on one core", head, [list(cost.values()) for cost in frame])
    rows: list[list[object]] = [
        ["weights transformed, once, CPU s", found["transform_weights_s"]],
        ["photo encoded, once a portrait, CPU s", found["encode_photo_s"]],
        ["first frame with the photo encoded, CPU s", found["first_frame_s"]],
        ["peak memory, fast form and the plain weights, MB", found["peak_mb"]],
        [f"same picture (largest {LARGEST:g} and mean {MEAN:g})", "yes" if found["same"] else "NO"],
    ]
    report.table("Around it", ["", ""], rows)


if __name__ == "__main__":
    main()
