"""What is exported, at reduced size and with stand-in weights."""

from functools import cache

from likeness_animator.engines.sadtalker import export
from likeness_animator.export.graph import Graph
from tests.fakes.sadtalker import SIDE, small_networks


@cache
def graphs(*, half: bool = False) -> tuple[Graph, ...]:
    """All of them."""
    return tuple(export.graphs(small_networks(), SIDE, half))


def graph(name: str, *, half: bool = False) -> Graph:
    """One of them."""
    return next(graph for graph in graphs(half=half) if graph.name == name)
