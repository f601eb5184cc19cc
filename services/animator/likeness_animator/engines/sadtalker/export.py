"""Export of SadTalker's graphs, each with an example of what it will see."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional

from likeness_animator.engines.sadtalker.graphs import FrameGraph, KeypointGraph, PoseGraph, SourceGraph, SpeechGraph
from likeness_animator.engines.sadtalker.loading import HEAVY, MAPPINGS, Networks, read
from likeness_animator.engines.sadtalker.networks.expression import EXPRESSION
from likeness_animator.engines.sadtalker.networks.mapping import WINDOW
from likeness_animator.engines.sadtalker.networks.pose import FRAMES, LATENT, POSE
from likeness_animator.engines.sadtalker.networks.reconstruction import SIDE
from likeness_animator.engines.sadtalker.options import MANIFESTS
from likeness_animator.engines.sadtalker.portable import portable
from likeness_animator.export import Job
from likeness_animator.export.bundle import write_bundle
from likeness_animator.export.graph import Graph
from likeness_animator.runners.bundle import Deviation
from likeness_common.errors import InvalidArgument, Reason
from likeness_common.weights import WeightStore, load

_SEED = 0
_DETAILS, _FRAMES = (6, 12), 2
"""Of calibration: what photos show, and frames of each."""

_EXACT = {"features": Deviation(1e-3, 1e-4), "picture": Deviation(2e-3, 2e-5)}
_LIMITS = {
    "float32": _EXACT,
    # As ONNX, 8.1e-2, 9.7e-3 and 2.8e-2, 3.7e-4 were measured at 256; Core ML has float16 in its motion, too.
    "float16": {"features": Deviation(2.4e-1, 2.9e-2), "picture": Deviation(2e-1, 5e-3)},
    # 0.57 where edges move by a pixel, and 9.3e-3.
    "int8": _EXACT | {"picture": Deviation(0.9, 2.7e-2)},
}
"""A voxel whose share falls on the other side of the threshold moves, so single pixels may be farther off."""
_OTHERS = {"float32": Deviation(1e-4, 1e-4), "float16": Deviation(2e-2, 5e-3), "int8": Deviation(1e-4, 1e-4)}
"""For float16, four times what was measured of coefficients as ONNX: 4.4e-3, 1.3e-3."""
_SENSITIVE = ("dense_motion_network", "generator/conv", "fourth", "fc", "conv_0", "conv_1", "conv_s", "conv_img")
"""Parts of the frame that stay in float32 beside int8: what says where voxels come from, and what the picture is
handed on through; in the file `generator.third` is called generator/conv.

The other half of the work, which reads the warped face to modulate that, is in int8. With conv_0, conv_1 and conv_s the
mean error is 3.7 times as large, for 0.7 of the time in place of 0.8 on a processor without VNNI. Graphs that run once
a portrait gain nothing from it, and the features would be off by 0.35 in the mean.
"""


def export(job: Job, store: WeightStore, tell: Callable[[str], None]) -> None:
    """Write a bundle of the official weights in `store`; see likeness_animator.export."""
    if job.size not in MANIFESTS:
        sizes = " or ".join(map(str, MANIFESTS))
        raise InvalidArgument(Reason.FIELD_OUT_OF_RANGE, f"size must be {sizes}, not {job.size}", field="size")
    manifest = load(MANIFESTS[job.size])
    files = {file.name: store.path(manifest, file.name) for file in manifest.files}
    hashes = {file.name: file.sha256 for file in manifest.files}
    write_bundle("sadtalker", graphs(read(files), job.size, job.precision), hashes, job, tell)


@torch.no_grad()
def graphs(networks: Networks, size: int, precision: str) -> Iterator[Graph]:
    """Every graph in turn, for pictures of `size`, with limits for the precision. Examples come from a fixed seed."""
    chance = torch.Generator().manual_seed(_SEED)
    calibration = _calibration(networks, size) if precision == "int8" else []

    def graph(name: str, module: nn.Module, outputs: str, **inputs: Tensor) -> Graph:
        module.eval()
        limits = {out: _LIMITS[precision].get(out, _OTHERS[precision]) for out in outputs.split()}
        seen = calibration if name == "frame" else []
        return Graph(name, module, portable(module), inputs, limits, name in HEAVY, seen, _SENSITIVE)

    photo = _photo(size, 8, chance)
    yield graph("reconstruction", networks.reconstruction, "coefficients", photo=_aligned(photo))
    source = SourceGraph(networks.generator, networks.detector)
    yield graph("source", source, "features keypoints", photo=photo)
    features, canonical = source(photo)
    mel = torch.rand(FRAMES, 1, 80, 16, generator=chance) * 8 - 4
    own, lids = torch.randn(1, EXPRESSION, generator=chance) / 2, torch.rand(1, 1, generator=chance)
    speech = SpeechGraph(networks.expression, networks.pose)
    yield graph("speech", speech, "expression heard", mel=mel[:1], reference=own, blink=lids)
    yield graph(
        "pose",
        PoseGraph(networks.pose),
        "motion",
        heard=networks.pose.hear(mel)[None],
        reference=torch.randn(1, POSE, generator=chance) / 10,
        latent=torch.randn(1, LATENT, generator=chance),
        style=torch.tensor([3], dtype=torch.int32),
    )
    for name, mapping in networks.mappings.items():
        keypoints = KeypointGraph(mapping)
        windows = [_window(MAPPINGS[name], chance) for _ in range(2)]
        yield graph(name, keypoints, "keypoints", window=windows[0], canonical=canonical)
    still, moved = (keypoints(window, canonical) for window in windows)
    yield graph("frame", FrameGraph(networks.generator), "picture", features=features, source=still, driving=moved)


def _calibration(networks: Networks, size: int) -> list[dict[str, Tensor]]:
    """More frames, several of a coarse and of a fine photo, from another seed."""
    chance = torch.Generator().manual_seed(_SEED + 1)
    source = SourceGraph(networks.generator, networks.detector).eval()
    keypoints = KeypointGraph(networks.mappings["keypoints"]).eval()
    frames = []
    for detail in _DETAILS:
        features, canonical = source(_photo(size, detail, chance))
        still, *moved = (keypoints(_window(MAPPINGS["keypoints"], chance), canonical) for _ in range(1 + _FRAMES))
        frames += [{"features": features, "source": still, "driving": each} for each in moved]
    return frames


def _photo(size: int, detail: int, chance: torch.Generator) -> Tensor:
    """Soft spots of colour, `detail` a side: (1, 3, size, size)."""
    spots = torch.rand(1, 3, detail, detail, generator=chance)
    return functional.interpolate(spots, size=(size, size), mode="bilinear")


def _aligned(photo: Tensor) -> Tensor:
    return functional.interpolate(photo, size=(SIDE, SIDE), mode="bilinear")


def _window(coefficients: int, chance: torch.Generator) -> Tensor:
    """Motion coefficients of the usual size (1, C, 27), which change a little from frame to frame."""
    mean = torch.randn(1, coefficients, 1, generator=chance) / 3
    return mean + torch.randn(1, coefficients, WINDOW, generator=chance) / 20
