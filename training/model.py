"""The network: two gated recurrent layers over log-mel frames.

Cho et al., "Learning phrase representations using RNN encoder-decoder", 2014. It has seen more than it is asked about:
at hop t it names the sound of hop t - LATE_HOPS, and as a first opinion that of t - EARLY_HOPS. A recurrent network
keeps its whole past in a few hundred numbers, which fit into a checkpoint.
"""

import torch
from torch import Tensor, nn

from likeness_animator.engines.mesh.listening.classes import CLASSES
from likeness_animator.engines.mesh.listening.mel import BANDS

WIDTH = 128
LAYERS = 2


class MouthShapes(nn.Module):
    """Features (batch, hops, BANDS) and state (LAYERS, batch, WIDTH) to logits (batch, hops, 2, classes) and state."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Sequential(nn.Linear(BANDS, WIDTH), nn.ReLU())
        self.remember = nn.GRU(WIDTH, WIDTH, LAYERS, batch_first=True, dropout=0.1)
        self.leave = nn.Linear(WIDTH, 2 * len(CLASSES))

    def forward(self, features: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """See class."""
        remembered, after = self.remember(self.enter(features), state)
        return self.leave(remembered).unflatten(-1, (2, len(CLASSES))), after


class Step(nn.Module):
    """What is exported: one hop (1, 1, BANDS) and a state to weights (2, classes) and the next state."""

    def __init__(self, network: MouthShapes) -> None:
        super().__init__()
        self.network = network

    def forward(self, features: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """See class."""
        logits, after = self.network(features, state)
        return torch.softmax(logits[0, 0], dim=-1), after
