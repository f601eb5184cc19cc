"""Model weights: manifests, sources, and a content-addressed store. `python -m likeness_common.weights pull face`."""

from likeness_common.weights.manifest import Manifest, WeightFile, load, names, required
from likeness_common.weights.source import Progress, ProgressCallback
from likeness_common.weights.store import FileState, StoredFile, WeightStore, default_root

__all__ = [
    "FileState",
    "Manifest",
    "Progress",
    "ProgressCallback",
    "StoredFile",
    "WeightFile",
    "WeightStore",
    "default_root",
    "load",
    "names",
    "required",
]
