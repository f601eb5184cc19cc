"""What is exported, at reduced size and with stand-in weights."""

from functools import cache

from likeness_animator.engines.sadtalker import export
from likeness_animator.export.graph import Graph
from tests.fakes.sadtalker import small_networks
from tests.parity.sadtalker.golden import SMALL_SIDE


@cache
def graphs(precision: str = "float32") -> tuple[Graph, ...]:
    """All of them."""
    return tuple(export.graphs(small_networks(), SMALL_SIDE, precision))


def graph(name: str, precision: str = "float32") -> Graph:
    """One of them."""
    return next(graph for graph in graphs(precision) if graph.name == name)
