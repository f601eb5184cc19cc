"""Cook-Toom algorithms: `outputs` results of a `taps`-long correlation with outputs + taps - 1 multiplications.

y = A ((G w) * (B d)), where B and A only add and scale. After Winograd, "Arithmetic Complexity of Computations" (1980),
and Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2016), who nest it in two dimensions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Matrix = NDArray[np.float64]
Terms = list[tuple[int, float]]
"""Indices and factors of a sum."""


@dataclass(frozen=True, slots=True)
class Toom:
    """The three matrices: inputs B (n, n), kernels G (n, taps), results A (outputs, n); n = outputs + taps - 1."""

    outputs: int
    taps: int
    points: tuple[float, ...]

    @property
    def size(self) -> int:
        """Inputs, and multiplications."""
        return self.outputs + self.taps - 1

    def inputs(self) -> Matrix:
        """B: the products of all other (x - point), and of all for the point at infinity, by falling index."""
        rows = [np.poly([q for q in self.points if q != p])[::-1] for p in self.points]
        return np.stack([*(np.append(row, 0) for row in rows), np.poly(self.points)[::-1]])

    def kernels(self) -> Matrix:
        """G: the kernel's polynomial at the points."""
        scale = [np.prod([p - q for q in self.points if q != p]) for p in self.points]
        finite = np.vander(self.points, self.taps, increasing=True) / np.array(scale)[:, None]
        return np.vstack([finite, np.eye(self.taps)[-1:]])

    def results(self) -> Matrix:
        """A: back from values at the points."""
        finite = np.vander(self.points, self.outputs, increasing=True)
        return np.vstack([finite, np.eye(self.outputs)[-1:]]).T


FOUR_OF_THREE = Toom(4, 3, (0, 1, -1, 2, -2))
FOUR_OF_FOUR = Toom(4, 4, (1, -1, 2, -2, 0.5, -0.5))


class Transform:
    """Multiplies by the matrix of the inputs, of which the rows of opposite points form pairs.

    What the two of a pair share is added up once.
    """

    temporaries = 2

    def __init__(self, toom: Toom) -> None:
        matrix = toom.inputs()
        self._pairs = [(pair, _halves(*matrix[list(pair)])) for pair in _pairs(matrix)]
        paired = {index for pair, _ in self._pairs for index in pair}
        self._alone = [(row, _terms(matrix[row])) for row in range(len(matrix)) if row not in paired]

    def __call__(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], temporaries: Sequence[Tensor]) -> None:
        """Write all `outputs`; `temporaries` have their shape."""
        even, odd = temporaries
        for (i, j), ((even_terms, even_scale), (odd_terms, odd_scale)) in self._pairs:
            _sum(inputs, even_terms, even)
            _sum(inputs, odd_terms, odd)
            if even_scale != 1:
                even.mul_(even_scale)
            torch.add(even, odd, alpha=odd_scale, out=outputs[i])
            torch.sub(even, odd, alpha=odd_scale, out=outputs[j])
        for row, terms in self._alone:
            _sum(inputs, terms, outputs[row])


def _sum(inputs: Sequence[Tensor], terms: Terms, out: Tensor) -> None:
    """The first factor must be 1."""
    (first, _), *others = terms
    if not others:
        out.copy_(inputs[first])
        return
    total = inputs[first]
    for index, factor in others:
        total = torch.add(total, inputs[index], alpha=factor, out=out)


def _terms(row: Matrix) -> Terms:
    terms = [(int(index), float(row[index])) for index in np.flatnonzero(row)]
    terms.sort(key=lambda term: term[1] != 1)
    if terms[0][1] != 1:
        raise ValueError("a sum needs a term with the factor 1")
    return terms


def _halves(row: Matrix, opposite: Matrix) -> tuple[tuple[Terms, float], tuple[Terms, float]]:
    """What two rows share and what they differ in, each as a sum that starts with the factor 1, and its scale."""
    found = []
    for half in ((row + opposite) / 2, (row - opposite) / 2):
        scale = half[np.flatnonzero(half)[-1]]
        found.append((_terms(half / scale), float(scale)))
    return found[0], found[1]


def _pairs(matrix: Matrix) -> list[tuple[int, int]]:
    """Rows that differ in nothing but the signs of every other entry."""
    signs = (-1.0) ** np.arange(matrix.shape[1])
    return [
        (i, j)
        for i, j in combinations(range(len(matrix)), 2)
        if np.count_nonzero(matrix[i]) > 1
        and (np.allclose(matrix[i] * signs, matrix[j]) or np.allclose(matrix[i] * signs, -matrix[j]))
    ]
