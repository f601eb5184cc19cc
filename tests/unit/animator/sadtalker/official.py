"""Files with the names, shapes and sizes of SadTalker's checkpoints, and nothing in them."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.parity.sadtalker.golden import DATA

Shapes = Mapping[str, Sequence[int]]

NAMES = {
    "kp_extractor.": "kp_detector",
    "generator.": "generator",
    "audio2exp.": "audio2exp",
    "audio2pose.": "audio2pose",
    "face_3drecon.": "face_3drecon",
}
"""What the parity data call the networks behind the prefixes of the checkpoint."""


def shapes() -> dict[str, Sequence[int]]:
    """All tensors of a SadTalker_V0.0.2 file."""
    return {
        prefix + key: shape
        for prefix, name in NAMES.items()
        for key, shape in json.loads((DATA / f"manifest_{name}.json").read_text())["shapes"].items()
    }


def write(path: Path, tensors: Shapes) -> None:
    """A safetensors file full of zeros, as the format's own library lays it out, but without room on the disk.

    Its layout: the length of the header, the header as JSON padded to 8 bytes, and the data, long integers first.
    """
    counters = sorted(name for name in tensors if name.endswith("num_batches_tracked"))
    header, end = dict[str, object](), 0
    for name in [*counters, *sorted(tensors.keys() - set(counters))]:
        kind, size = ("I64", 8) if name in counters else ("F32", 4)
        start, end = end, end + size * math.prod(tensors[name])
        header[name] = {"dtype": kind, "shape": list(tensors[name]), "data_offsets": [start, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.truncate(file.tell() + end)
