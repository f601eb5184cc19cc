"""Trains the network and writes the ONNX file that Likeness ships.

Run as `python -m training.train out/corpus.npz --steps 1800`; several corpus files are joined. Same corpus, seed and
libraries, same weights.
"""

import argparse
import hashlib
import math
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from likeness_animator.engines.mesh.listening import network as listening
from likeness_animator.engines.mesh.listening.classes import CLASSES
from likeness_animator.engines.mesh.listening.mel import BANDS
from likeness_animator.onnx import onnxruntime
from training.labels import IGNORED
from training.model import LAYERS, WIDTH, MouthShapes, Step

BATCH = 48
PEAK_RATE = 3e-3
HELD_OUT = 64
"""Clips at the end of the corpus that only measure."""


def class_weights(labels: Tensor) -> Tensor:
    """Rare classes count more, by the fourth root of their rarity; what closes the lips counts half as much again."""
    counts = torch.bincount(labels[labels >= 0].flatten(), minlength=len(CLASSES)).clamp(min=1).float()
    weights = (counts.mean() / counts).clamp(max=16) ** 0.25
    for name in "pf":
        weights[CLASSES.index(name)] *= 1.5
    return weights


def delayed(labels: Tensor, hops: int) -> Tensor:
    """Labels `hops` later, as the network will be asked for them."""
    return torch.cat([torch.full_like(labels[:, :hops], IGNORED), labels[:, :-hops]], dim=1)


def loss_of(logits: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """Cross entropy of the second opinion, and with less weight of the first."""
    loss = nn.CrossEntropyLoss(weights, ignore_index=IGNORED, label_smoothing=0.02)
    late: Tensor = loss(logits[:, :, 1].transpose(1, 2), delayed(labels, listening.LATE_HOPS))
    early: Tensor = loss(logits[:, :, 0].transpose(1, 2), delayed(labels, listening.EARLY_HOPS))
    return late + 0.5 * early


def train(features: Tensor, labels: Tensor, steps: int, seed: int) -> MouthShapes:
    """A trained network; the learning rate rises, and falls along a cosine."""
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    network, weights = MouthShapes(), class_weights(labels)
    optimiser = torch.optim.AdamW(network.parameters(), lr=PEAK_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: learning_rate(step, steps))
    for step in range(steps):
        chosen = torch.from_numpy(random.integers(0, len(features), BATCH))
        seen = mask(random, features[chosen].float())
        logits, _ = network(seen, torch.zeros(LAYERS, BATCH, WIDTH))
        loss = loss_of(logits, labels[chosen].long(), weights)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step % 100 == 0:
            print(f"step {step} of {steps}: loss {loss.item():.3f}", flush=True)
    network.eval()
    return network


def learning_rate(step: int, steps: int) -> float:
    """Share of the highest rate at a step."""
    return min(1.0, (step + 1) / 100) * (0.5 + 0.5 * math.cos(math.pi * step / steps))


def mask(random: np.random.Generator, features: Tensor) -> Tensor:
    """Hide a few bands of a batch, and shift its levels, so that no single cue is relied on."""
    first, count = int(random.integers(0, BANDS)), int(random.integers(0, 7))
    shifted = features + torch.from_numpy(random.normal(0, 0.15, (len(features), 1, BANDS)).astype(np.float32))
    shifted[:, :, first : first + count] = shifted.min()
    return shifted


@torch.no_grad()
def accuracy(network: MouthShapes, features: Tensor, labels: Tensor) -> list[float]:
    """Share of hops named rightly by the first and the second opinion."""
    logits, _ = network(features.float(), torch.zeros(LAYERS, len(features), WIDTH))
    found = []
    for opinion, hops in enumerate((listening.EARLY_HOPS, listening.LATE_HOPS)):
        wanted = delayed(labels.long(), hops)
        right = logits[:, :, opinion].argmax(-1) == wanted
        found.append(float(right[wanted != IGNORED].float().mean()))
    return found


def export(network: MouthShapes, path: Path) -> None:
    """Write one step of the network as ONNX, and make sure that it computes the same."""
    inputs = (torch.randn(1, 1, BANDS), torch.randn(LAYERS, 1, WIDTH))
    step = Step(network).eval()
    takes, gives = ["features", "state"], ["weights", "next_state"]
    torch.onnx.export(step, inputs, path, dynamo=False, opset_version=17, input_names=takes, output_names=gives)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    results = session.run(None, {"features": inputs[0].numpy(), "state": inputs[1].numpy()})
    for result, expected in zip(results, step(*inputs), strict=True):
        np.testing.assert_allclose(result, expected.detach().numpy(), atol=1e-5)


def main() -> None:
    """Train, export and print what a model card needs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path, nargs="+")
    parser.add_argument("--steps", type=int, default=1800)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path, default=listening.WEIGHTS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    loaded = [np.load(path) for path in options.corpus]
    features = torch.from_numpy(np.concatenate([file["features"] for file in loaded]))
    labels = torch.from_numpy(np.concatenate([file["labels"] for file in loaded])).int()
    network = train(features[:-HELD_OUT], labels[:-HELD_OUT], options.steps, options.seed)
    print("accuracy", accuracy(network, features[-HELD_OUT:], labels[-HELD_OUT:]))
    export(network, options.output)
    print(hashlib.sha256(options.output.read_bytes()).hexdigest(), options.output.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
