"""SadTalker's graphs as functions of arrays, whatever runs them."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from likeness_animator.runners import Runner, Stop

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]
Draw = Callable[[Floats, Stop], Pixels]

_EXPRESSION, _ANGLE, _TRANSLATION = slice(80, 144), slice(224, 227), slice(254, 257)
"""Of what the 3-D reconstruction tells; shape, texture and light are not needed."""


class Model:
    """The graphs for one size of pictures. Safe to use from several threads."""

    def __init__(self, graphs: Mapping[str, Runner]) -> None:
        """`graphs` by name: reconstruction, source, speech, pose, keypoints, keypoints_full and frame."""
        self._graphs = graphs

    def coefficients(self, aligned: Pixels) -> Floats:
        """Expression and pose (70,) of an aligned face (224, 224, 3)."""
        found = self._graphs["reconstruction"].run({"photo": _planes(aligned)})["coefficients"][0]
        return np.concatenate([found[part] for part in (_EXPRESSION, _ANGLE, _TRANSLATION)])

    def source(self, photo: Pixels) -> tuple[Floats, Floats]:
        """Features (1, C, D, S / 4, S / 4) and canonical keypoints (1, 15, 3) of a photo (S, S, 3)."""
        found = self._graphs["source"].run({"photo": _planes(photo)})
        return found["features"], found["keypoints"]

    def speech(self, mel: Floats, reference: Floats, blink: Floats) -> tuple[Floats, Floats]:
        """Expressions (N, 64) and what the pose network heard (N, 6).

        Of log-mel windows (N, 1, 80, 16), the expressions they come on top of (N, 64) and closed lids (N, 1).
        """
        graph = self._graphs["speech"]
        inputs = {"mel": mel, "reference": reference, "blink": blink}
        if graph.inputs[0].shape[0] is None:
            found = graph.run(inputs)
            return found["expression"], found["heard"]
        single = [graph.run({name: array[i : i + 1] for name, array in inputs.items()}) for i in range(len(mel))]
        expressions, heard = (np.concatenate([each[name] for each in single]) for name in ("expression", "heard"))
        return expressions, heard

    def pose(self, heard: Floats, reference: Floats, latent: Floats, style: int) -> Floats:
        """How the head moves in 32 frames, (32, 6), of what was heard (32, 6), its own pose (6,) and chance (64,)."""
        single = {"heard": heard, "reference": reference, "latent": latent}
        inputs = {name: array[np.newaxis] for name, array in single.items()} | {"style": np.array([style], np.int32)}
        motion: Floats = self._graphs["pose"].run(inputs)["motion"][0]
        return motion

    def keypoints(self, window: Floats, canonical: Floats) -> Floats:
        """Keypoints (1, 15, 3) of coefficients around a frame, (70, 27) or (73, 27)."""
        graph = self._graphs["keypoints_full" if len(window) > _ANY_PICTURE else "keypoints"]
        found: Floats = graph.run({"window": window[np.newaxis], "canonical": canonical})["keypoints"]
        return found

    def drawer(self, features: Floats, source: Floats) -> Draw:
        """Draws pictures (S, S, 3) of one portrait with the keypoints `source` from keypoints (1, 15, 3)."""
        graph = self._graphs["frame"].bind(features=features, source=source)

        def draw(driving: Floats, stop: Stop) -> Pixels:
            picture = graph.run({"driving": driving}, stop)["picture"][0]
            return np.asarray(np.rint(picture.transpose(1, 2, 0) * 255).clip(0, 255), np.uint8)

        return draw


_ANY_PICTURE = 70
"""Coefficients that do not tell the crop."""


def _planes(picture: Pixels) -> Floats:
    """(H, W, 3) to (1, 3, H, W), 0 to 1."""
    return np.ascontiguousarray(picture.transpose(2, 0, 1)[np.newaxis], np.float32) / np.float32(255)
