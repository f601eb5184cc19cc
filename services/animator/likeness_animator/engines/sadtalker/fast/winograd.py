"""Convolutions of 3x3 in height and width by Winograd's F(4x4, 3x3): a quarter of the multiplications.

Maps are stacks with channels last, (depth, height, width, channels), of which the kernel may span several. They are
worked on in strips of a few rows, so that what lies between the steps stays in the cache.
"""

import math
from collections.abc import Iterator
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from likeness_animator.engines.sadtalker.fast.toom import FOUR_OF_THREE, Transform

TILE, SIZE = FOUR_OF_THREE.outputs, FOUR_OF_THREE.size
_INPUTS = Transform(FOUR_OF_THREE)
_ROWS = 256
"""Tiles worked on at a time: enough for the speed of the product, few enough for the cache."""
_WIDTH = 512
"""Channels of results at a time, for the same reasons."""


class Source(Protocol):
    """Maps (D, H, W, C) to be convolved, with zeros around them, as views of which each holds one place of all tiles.

    H and W are multiples of four.
    """

    depth: int
    height: int
    width: int

    def rows(self, top: int, count: int) -> list[Tensor]:
        """The six rows of tiles in `count` rows of tiles from `top`: (..., D, count, columns, C)."""

    def columns(self, rows: Tensor) -> list[Tensor]:
        """The six columns of tiles in transformed rows (6, ..., D, count, columns, C): (6, D, count, across, C)."""


class Framed:
    """Maps (D, H, W, C) inside a frame of zeros, one wide: (D, H + 2, W + 2, C)."""

    def __init__(self, frame: Tensor) -> None:
        self.frame = frame
        self.depth, self.height, self.width = frame.shape[0], frame.shape[1] - 2, frame.shape[2] - 2

    def rows(self, top: int, count: int) -> list[Tensor]:
        """See Source."""
        starts = range(TILE * top, TILE * top + SIZE)
        return [self.frame[:, start : start + TILE * (count - 1) + 1 : TILE] for start in starts]

    def columns(self, rows: Tensor) -> list[Tensor]:
        """See Source."""
        return [rows[..., start : start + self.width - TILE + 1 : TILE, :] for start in range(SIZE)]


class Winograd:
    """A convolution with `weight` (out, in, depth, 3, 3) and zero padding that keeps the size."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        self.outputs, self.inputs, self.depth = weight.shape[:3]
        self.bias, self.results = bias, torch.from_numpy(FOUR_OF_THREE.results().copy()).to(weight.dtype)
        kernels = FOUR_OF_THREE.kernels()
        nested = torch.from_numpy(np.kron(kernels, kernels))
        # One depth at a time, with the taps first: what is large is then written once, as the product reads it.
        taps = [tap.permute(2, 3, 1, 0).reshape(nested.shape[1], -1) for tap in weight.unbind(2)]
        found = torch.stack([(nested @ tap.double()).to(weight.dtype) for tap in taps])
        found = found.view(self.depth, len(nested), self.inputs, self.outputs)
        self.kernels = [part.contiguous() for part in found.split(_WIDTH, dim=3)]

    def __call__(self, source: Source) -> Tensor:
        """Maps (D, H, W, out)."""
        out = self.bias.new_empty(source.depth, source.height, source.width, self.outputs)
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
        down, across = source.height // TILE, source.width // TILE
        tall = max(1, min(down, _ROWS // (source.depth * across)))
        work = None
        for top in range(0, down, tall):
            count = min(tall, down - top)
            views = source.rows(top, count)
            if work is None or work.tall != count:
                work = _Workspace(self, views[0], source.depth, count, across)
            rows = slice(TILE * top, TILE * (top + count))
            place = work.strip if out is None else out[:, rows]
            work.read(views, source)
            parts = place.split(_WIDTH, dim=3), self.bias.split(_WIDTH)
            for kernels, part, bias in zip(self.kernels, *parts, strict=True):
                work.multiply(kernels)
                work.write(bias, part)
            yield rows, place


class _Workspace:
    """Buffers for `tall` rows of tiles, and the three steps through them."""

    def __init__(self, layer: Winograd, view: Tensor, depth: int, tall: int, across: int) -> None:
        self.layer, self.depth, self.tall, self.across = layer, depth, tall, across
        self.before = layer.depth // 2
        new, full = view.new_empty, depth + 2 * self.before
        self.rows = new(SIZE, *view.shape)
        self.row_sums = new(Transform.temporaries, *view.shape)
        self.tiles = new(SIZE, SIZE, full, tall, across, layer.inputs)
        self.tiles[:, :, : self.before] = 0
        self.tiles[:, :, full - self.before :] = 0
        self.tile_sums = new(Transform.temporaries, SIZE, depth, tall, across, layer.inputs)
        flat = depth * tall * across * min(_WIDTH, layer.outputs)
        self.products, self.columns, self.found = new(SIZE * SIZE * flat), new(TILE * SIZE * flat), new(TILE**2 * flat)
        self.strip = new(depth, TILE * tall, TILE * across, layer.outputs)

    def read(self, views: list[Tensor], source: Source) -> None:
        """Transform tiles, which overlap by two."""
        _INPUTS(views, self.rows.unbind(), self.row_sums.unbind())
        inner = self.tiles[:, :, self.before : self.before + self.depth]
        _INPUTS(source.columns(self.rows), inner.unbind(1), self.tile_sums.unbind())

    def multiply(self, kernels: Tensor) -> None:
        """Multiply by the kernels of every depth in turn."""
        one = self.tall * self.across
        tiles = self.tiles.view(kernels.shape[1], -1, kernels.shape[2])
        products = _start(self.products, len(tiles), self.depth * one, kernels.shape[3])
        torch.bmm(tiles[:, : self.depth * one], kernels[0], out=products)
        for depth in range(1, len(kernels)):
            reached = tiles[:, depth * one : (depth + self.depth) * one]
            torch.baddbmm(products, reached, kernels[depth], out=products)

    def write(self, bias: Tensor, place: Tensor) -> None:
        """Transform back, and add the bias."""
        matrix = self.layer.results
        flat = self.depth * self.tall * self.across * len(bias)
        columns = _start(self.columns, TILE, SIZE * flat)
        torch.mm(matrix, _start(self.products, SIZE, SIZE * flat), out=columns)
        found = _start(self.found, TILE, TILE, flat)
        torch.bmm(matrix.expand(TILE, TILE, SIZE), columns.view(TILE, SIZE, flat), out=found)
        split = place.unflatten(2, (self.across, TILE)).unflatten(1, (self.tall, TILE)).permute(2, 4, 0, 1, 3, 5)
        torch.add(found.view(split.shape), bias, out=split)


def _start(buffer: Tensor, *shape: int) -> Tensor:
    """The first of a buffer's numbers, in a shape."""
    return buffer[: math.prod(shape)].view(shape)
