"""What is exported, at reduced size and with stand-in weights."""

from functools import cache

from likeness_animator.engines.sadtalker import export
from likeness_animator.engines.sadtalker.loading import Networks
from likeness_animator.export.graph import Graph
from tests.parity.sadtalker import golden

SIZE = 128
"""The smallest that the networks can halve as often as they do."""


@cache
def graphs(*, half: bool = False) -> tuple[Graph, ...]:
    """All of them."""
    mappings = {"keypoints": golden.small("mapping"), "keypoints_full": golden.small("mapping_full")}
    names = ("generator", "kp_detector", "audio2exp", "audio2pose", "face_3drecon")
    return tuple(export.graphs(Networks(*map(golden.small, names), mappings), SIZE, half))


def graph(name: str, *, half: bool = False) -> Graph:
    """One of them."""
    return next(graph for graph in graphs(half=half) if graph.name == name)
