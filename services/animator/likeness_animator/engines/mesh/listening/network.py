"""The network, one hop at a time. Trained in `training/`, where its model card says on what and how well."""

import functools
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from likeness_animator.engines.mesh.listening.classes import CLASSES
from likeness_animator.engines.mesh.listening.mel import Floats
from likeness_animator.onnx import onnxruntime

WEIGHTS = Path(__file__).with_name("mouth_shapes.onnx")
EARLY_HOPS, LATE_HOPS = 3, 7
"""A hop's class is named 30 ms later for the first time, and for good 70 ms later."""
STATE_SHAPE = (2, 1, 128)
STEPS = 255
"""Weights are whole numbers from 0 to STEPS: small in a checkpoint, and blind to the last bits of a processor."""

Weights = NDArray[np.uint8]


class Network:
    """Names the sounds of speech, hop by hop; keeps no state, and may be shared between threads."""

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(WEIGHTS, options, providers=["CPUExecutionProvider"])

    def step(self, features: Floats, state: Floats) -> tuple[Weights, Floats]:
        """Features (BANDS,) of a hop and a state of STATE_SHAPE to weights and the next state.

        The weights (2, classes) are for the hops EARLY_HOPS and LATE_HOPS ago; each row adds up to about STEPS.
        """
        weights, after = self._session.run(None, {"features": features[None, None], "state": state})
        return np.rint(weights * np.float32(STEPS)).astype(np.uint8), after


@functools.cache
def network() -> Network:
    """The one network of this process: it is constant, and loading it takes some milliseconds."""
    return Network()


SILENT: Weights = np.array([STEPS] + [0] * (len(CLASSES) - 1), np.uint8)
"""Weights of a hop in which nobody speaks."""
