"""Convolutions of 3x3 in height and width by Winograd's F(4x4, 3x3): a quarter of the multiplications.

Maps are stacks with channels last, (depth, height, width, channels), of which the kernel may span several. They are
worked on in strips of a few rows, so that what lies between the steps stays in the cache.
"""

from collections.abc import Iterator
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from likeness_animator.engines.sadtalker.fast.toom import FOUR_OF_THREE, Transform

TILE = FOUR_OF_THREE.outputs
SIZE = FOUR_OF_THREE.size
_INPUTS = Transform(FOUR_OF_THREE.inputs())
_RESULTS = Transform(FOUR_OF_THREE.results())
_ONE = SIZE + 1
"""The product at the points (1, 1), which enters every result with the factor 1: where a bias is added."""
_ROWS = 256
"""Rows of the matrices that are multiplied: enough for the speed of the product, few enough for the cache."""


class Source(Protocol):
    """Maps to be convolved, with zeros around them, as views of which each holds one place of all tiles."""

    depth: int
    down: int
    across: int

    def rows(self, top: int, count: int) -> list[Tensor]:
        """The six rows of tiles in `count` rows of tiles from `top`: (..., D, count, columns, C)."""

    def columns(self, rows: Tensor) -> list[Tensor]:
        """The six columns of tiles in transformed rows (6, ..., D, count, columns, C): (6, D, count, across, C)."""


class Framed:
    """Maps (D, H, W, C) inside a frame of zeros, one wide: (D, H + 2, W + 2, C); H and W are multiples of four."""

    def __init__(self, frame: Tensor) -> None:
        self.frame = frame
        self.depth, self.down, self.across = frame.shape[0], (frame.shape[1] - 2) // TILE, (frame.shape[2] - 2) // TILE

    def rows(self, top: int, count: int) -> list[Tensor]:
        """See Source."""
        starts = range(TILE * top, TILE * top + SIZE)
        return [self.frame[:, start : start + TILE * (count - 1) + 1 : TILE] for start in starts]

    def columns(self, rows: Tensor) -> list[Tensor]:
        """See Source."""
        return [rows[..., start : start + TILE * (self.across - 1) + 1 : TILE, :] for start in range(SIZE)]


class Winograd:
    """A convolution with `weight` (out, in, depth, 3, 3) and zero padding that keeps the size."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        self.outputs, self.inputs, self.depth = weight.shape[:3]
        kernels = FOUR_OF_THREE.kernels()
        nested = torch.from_numpy(np.kron(kernels, kernels))
        # One depth at a time, with the taps first: what is large is then written once, as the product reads it.
        taps = [tap.permute(2, 3, 1, 0).reshape(nested.shape[1], -1) for tap in weight.unbind(2)]
        found = torch.stack([(nested @ tap.double()).to(weight.dtype) for tap in taps])
        self.kernels = found.view(self.depth, SIZE * SIZE, self.inputs, self.outputs)
        self.bias = bias

    def __call__(self, source: Source) -> Tensor:
        """Maps (D, H, W, out)."""
        out = self.bias.new_empty(source.depth, TILE * source.down, TILE * source.across, self.outputs)
        for _ in self.strips(source, out):
            pass
        return out

    def same(self, x: Tensor) -> Tensor:
        """Maps (D, H, W, out) of (D, H, W, in) of any size."""
        height, width = x.shape[1:3]
        frame = functional.pad(x, (0, 0, 1, 1 + -width % TILE, 1, 1 + -height % TILE))
        return self(Framed(frame))[:, :height, :width]

    def strips(self, source: Source, out: Tensor | None = None) -> Iterator[tuple[slice, Tensor]]:
        """Rows from top to bottom and the maps there, (D, rows, W, out), written to `out` or valid until the next."""
        tall = max(1, min(source.down, _ROWS // (source.depth * source.across)))
        work = None
        for top in range(0, source.down, tall):
            count = min(tall, source.down - top)
            views = source.rows(top, count)
            if work is None or work.tall != count:
                work = _Workspace(self, views[0], source.depth, count, source.across)
            rows = slice(TILE * top, TILE * (top + count))
            place = work.strip if out is None else out[:, rows]
            work.read(views, source)
            work.multiply(self.kernels, self.bias)
            work.write(place)
            yield rows, place


class _Workspace:
    """Buffers for `tall` rows of tiles, and the three steps through them."""

    def __init__(self, layer: Winograd, view: Tensor, depth: int, tall: int, across: int) -> None:
        self.depth, self.tall, self.across = depth, tall, across
        self.inputs, self.outputs, self.before = layer.inputs, layer.outputs, layer.depth // 2
        new, full = view.new_empty, depth + 2 * self.before
        self.rows = new(SIZE, *view.shape)
        self.row_sums = new(_INPUTS.temporaries, *view.shape)
        self.tiles = new(SIZE, SIZE, full, tall, across, self.inputs)
        self.tiles[:, :, : self.before] = 0
        self.tiles[:, :, full - self.before :] = 0
        self.tile_sums = new(_INPUTS.temporaries, SIZE, depth, tall, across, self.inputs)
        self.products = new(SIZE * SIZE, depth * tall * across, self.outputs)
        self.columns = new(TILE, SIZE, depth, tall, across, self.outputs)
        self.product_sums = new(_RESULTS.temporaries, SIZE, depth, tall, across, self.outputs)
        self.column_sums = new(_RESULTS.temporaries, TILE, depth, tall, across, self.outputs)
        self.strip = new(depth, TILE * tall, TILE * across, self.outputs)

    def read(self, views: list[Tensor], source: Source) -> None:
        """Transform tiles of 6x6, which overlap by two."""
        _INPUTS(views, self.rows.unbind(), self.row_sums.unbind())
        inner = self.tiles[:, :, self.before : self.before + self.depth]
        _INPUTS(source.columns(self.rows), inner.unbind(1), self.tile_sums.unbind())

    def multiply(self, kernels: Tensor, bias: Tensor) -> None:
        """Multiply by the kernels of every depth in turn."""
        one = self.tall * self.across
        tiles = self.tiles.view(SIZE * SIZE, -1, self.inputs)
        torch.bmm(tiles[:, : self.depth * one], kernels[0], out=self.products)
        for depth in range(1, len(kernels)):
            reached = tiles[:, depth * one : (depth + self.depth) * one]
            torch.baddbmm(self.products, reached, kernels[depth], out=self.products)
        self.products[_ONE].add_(bias)

    def write(self, place: Tensor) -> None:
        """Transform back to tiles of 4x4."""
        grid = (SIZE, SIZE, self.depth, self.tall, self.across, self.outputs)
        _RESULTS(self.products.view(grid).unbind(), self.columns.unbind(), self.product_sums.unbind())
        split = place.unflatten(2, (self.across, TILE)).unflatten(1, (self.tall, TILE))
        _RESULTS(self.columns.unbind(1), split.permute(4, 2, 0, 1, 3, 5).unbind(), self.column_sums.unbind())
