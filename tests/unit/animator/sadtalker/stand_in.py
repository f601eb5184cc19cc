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
    networks = Networks(
        golden.small("generator"),
        golden.small("kp_detector"),
        golden.small("audio2exp"),
        golden.small("audio2pose"),
        golden.small("face_3drecon"),
        {"keypoints": golden.small("mapping"), "keypoints_full": golden.small("mapping_full")},
    )
    return tuple(export.graphs(networks, SIZE, half))


def graph(name: str, *, half: bool = False) -> Graph:
    """One of them."""
    return next(graph for graph in graphs(half=half) if graph.name == name)
