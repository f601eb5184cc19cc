"""A convolution of 7x7x7 to few channels with a quarter of the multiplications.

It is four kernels of 4x4 (one row and one column are zeros) by F(4x4, 4x4), which share what is transformed. The seven
depths are summed after the product.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from likeness_animator.engines.sadtalker.fast.toom import FOUR_OF_FOUR, Transform

_SIZE, _TILE = FOUR_OF_FOUR.size, FOUR_OF_FOUR.outputs
_INPUTS = Transform(FOUR_OF_FOUR)
_TAPS = 7
_TALL = 4
"""Rows of tiles at a time."""


class Wide:
    """A convolution with `weight` (out, in, 7, 7, 7) and zero padding that keeps the size."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        kernels = torch.from_numpy(np.ascontiguousarray(FOUR_OF_FOUR.kernels()))
        quarters = functional.pad(weight.double(), (0, 1, 0, 1)).unflatten(4, (2, 4)).unflatten(3, (2, 4))
        nested = torch.einsum("ip,ocdapbq,jq->abijcdo", kernels, quarters, kernels).to(weight.dtype)
        self.kernels = nested.reshape(4, _SIZE * _SIZE, weight.shape[1], _TAPS * weight.shape[0])
        self.results = torch.from_numpy(FOUR_OF_FOUR.results().copy()).to(weight.dtype)
        self.bias, self.outputs = bias, weight.shape[0]

    def __call__(self, x: Tensor) -> Tensor:
        """Maps (D, H, W, out) of (D, H, W, in); H and W are multiples of four."""
        depth, height, width, _ = x.shape
        frame = functional.pad(x, (0, 0, 3, 4, 3, 4))
        out = x.new_empty(depth, height, width, self.outputs)
        for top in range(0, height // _TILE, _TALL):
            count = min(_TALL, height // _TILE - top)
            rows = slice(_TILE * top, _TILE * (top + count))
            products = self._products(frame[:, rows.start : rows.stop + 7], count)
            self._write(products, out[:, rows])
        return out

    def _products(self, frame: Tensor, tall: int) -> Tensor:
        """At the points, (7, 7, tall, D, across + 1, 7, out); the last across is meaningless."""
        depth, _, wide, inputs = frame.shape
        across = (wide - 7) // _TILE
        rows = frame.new_empty(_SIZE, tall + 1, depth, wide, inputs)
        sums = rows.new_empty(_INPUTS.temporaries, *rows.shape[1:])
        views = [frame[:, row : row + _TILE * tall + 1 : _TILE].transpose(0, 1) for row in range(_SIZE)]
        _INPUTS(views, rows.unbind(), sums.unbind())
        tiles = frame.new_empty(_SIZE, _SIZE, tall + 1, depth, across + 1, inputs)
        sums = tiles.new_empty(_INPUTS.temporaries, *tiles.shape[1:])
        columns = [rows[:, :, :, column : column + _TILE * across + 1 : _TILE] for column in range(_SIZE)]
        _INPUTS(columns, tiles.unbind(1), sums.unbind())
        # The kernels to the right and below read the next tile and the next row of them: the same rows, further on.
        flat, row = tiles.view(_SIZE * _SIZE, -1, inputs), depth * (across + 1)
        out = frame.new_empty(_SIZE * _SIZE, tall * row, self.kernels.shape[3])
        found = out[:, :-1]
        for index, offset in enumerate((0, 1, row, row + 1)):
            part = flat[:, offset : offset + tall * row - 1]
            torch.baddbmm(found, part, self.kernels[index], beta=float(index > 0), out=found)
        return out.view(_SIZE, _SIZE, tall, depth, across + 1, _TAPS, self.outputs)

    def _write(self, products: Tensor, out: Tensor) -> None:
        products = products[:, :, :, :, :-1]
        middle = _TAPS // 2
        total, depth = products[..., middle, :].clone(), products.shape[3]
        for tap in range(_TAPS):
            shift = tap - middle
            if shift and abs(shift) < depth:
                to = slice(max(0, -shift), depth - max(0, shift))
                of = slice(max(0, shift), depth - max(0, -shift))
                total[:, :, :, to].add_(products[:, :, :, of, :, tap])
        columns = torch.tensordot(self.results, total, 1)
        found = self.results @ columns.view(_TILE, _SIZE, -1)
        split = out.unflatten(2, (-1, _TILE)).unflatten(1, (-1, _TILE)).permute(2, 4, 1, 0, 3, 5)
        torch.add(found.view(split.shape), self.bias, out=split)
