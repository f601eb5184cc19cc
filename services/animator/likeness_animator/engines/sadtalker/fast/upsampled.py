"""Convolutions of 3x3 after nearest upsampling, computed on the small maps.

Along an axis with a kernel (a, b, c), the first copy of a value x[i] becomes a (x[i-1] - x[i]) + (a + b + c) x[i], the
last c (x[i+1] - x[i]) + (a + b + c) x[i], and those between (a + b + c) x[i]. In two dimensions that is one product of
the values, two each of their differences along either axis, and four of the differences of differences: nine for all
the copies, where the large maps would need nine for each.
"""

import torch
from torch import Tensor
from torch.nn import functional

from likeness_animator.engines.sadtalker.fast.winograd import SIZE, TILE

_WAYS = ((1.0, 1.0, 1.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
"""What remains of a kernel for values, and for differences to the value before and to the one after."""
_ENDS = ((slice(None, -1), -1), (slice(1, None), 1))
"""Where the difference to the value before and to the one after stands, x[i] - x[i-1] at i, and its sign."""


class Upsampled:
    """A convolution with `weight` (out, in, depth, 3, 3), zero padding, of maps enlarged in height and width."""

    def __init__(self, weight: Tensor, bias: Tensor, factor: int) -> None:
        self.copies = min(factor, 3)
        ways = torch.tensor(_WAYS, dtype=torch.float64)
        parts = torch.einsum("vh,ocdhw,uw->dcvuo", ways, weight.double(), ways).to(weight.dtype)
        self.whole = parts[:, :, 0, 0].contiguous()
        self.down = parts[:, :, 1:, 0].flatten(2).contiguous()
        self.across = parts[:, :, 0, 1:].flatten(2).contiguous()
        self.both = parts[:, :, 1:, 1:].flatten(2).contiguous()
        self.bias, self.depth = bias, weight.shape[2]

    def __call__(self, x: Tensor) -> Tensor:
        """All copies, down and across, of maps (D, H, W, in): (copies, copies, D, H, W, out).

        The first, one for all between if there are, the last.
        """
        reach = self.depth // 2
        frame = functional.pad(x, (0, 0, 1, 1, 1, 1, reach, reach))
        down, across = frame.diff(dim=1), frame.diff(dim=2)
        whole = _product(frame[:, 1:-1, 1:-1], self.whole).add_(self.bias)
        vertical = _product(down[:, :, 1:-1], self.down).unflatten(-1, (2, -1))
        horizontal = _product(across[:, 1:-1], self.across).unflatten(-1, (2, -1))
        both = _product(down.diff(dim=2), self.both).unflatten(-1, (2, 2, -1))
        out = whole.new_empty(self.copies, self.copies, *whole.shape)
        if self.copies > 2:
            out[1, 1] = whole
        last = self.copies - 1
        for row, (rows, sign) in enumerate(_ENDS):
            above = torch.add(whole, vertical[:, rows, :, row], alpha=sign)
            beside = torch.add(whole, horizontal[:, :, rows, row], alpha=sign)
            if self.copies > 2:
                out[last * row, 1], out[1, last * row] = above, beside
            for column, (columns, other) in enumerate(_ENDS):
                place = out[last * row, last * column]
                torch.add(above, horizontal[:, :, columns, column], alpha=other, out=place)
                place.add_(both[:, rows, columns, row, column], alpha=sign * other)
        return out


def _product(maps: Tensor, kernels: Tensor) -> Tensor:
    """Maps (D + taps - 1, H, W, in) times kernels (taps, in, out), which span several of them: (D, H, W, out)."""
    depth, height, width, inputs = maps.shape
    flat, one = maps.reshape(-1, inputs), height * width
    rows = (depth - len(kernels) + 1) * one
    out = flat[:rows] @ kernels[0]
    for offset, kernel in enumerate(kernels[1:], start=1):
        out.addmm_(flat[offset * one : offset * one + rows], kernel)
    return out.view(-1, height, width, kernels.shape[2])


def spread(copies: Tensor, factor: int, out: Tensor) -> None:
    """Write copies (copies, copies, D, H, W, C) as maps (D, factor * H, factor * W, C)."""
    height, width = copies.shape[3:5]
    places = out.unflatten(2, (width, factor)).unflatten(1, (height, factor)).permute(2, 4, 0, 1, 3, 5)
    which = [0, *[1] * (factor - 2), len(copies) - 1]
    for row, vertical in enumerate(which):
        for column, horizontal in enumerate(which):
            places[row, column].copy_(copies[vertical, horizontal])


class Enlarged:
    """A source for Winograd's convolution: enlarged maps that exist only as their copies.

    Those are framed with zeros, (copies, copies, D, H + 2, W + 2, C).
    """

    def __init__(self, copies: Tensor, factor: int) -> None:
        self.copies, self.depth, self.step = copies, copies.shape[2], TILE // factor
        self.height, self.width = (factor * (side - 2) for side in copies.shape[3:5])
        which = [0, *[1] * (factor - 2), len(copies) - 1]
        # A tile begins one place before the copies of a value.
        self.places = [(which[index % factor], 1 + index // factor) for index in range(-1, SIZE - 1)]

    def rows(self, top: int, count: int) -> list[Tensor]:
        """See Source."""
        reach = self.step * (count - 1) + 1
        starts = [(copy, offset + self.step * top) for copy, offset in self.places]
        return [self.copies[copy][:, :, start : start + reach : self.step] for copy, start in starts]

    def columns(self, rows: Tensor) -> list[Tensor]:
        """See Source."""
        reach = self.step * (self.width // TILE - 1) + 1
        return [rows[:, copy, ..., start : start + reach : self.step, :] for copy, start in self.places]
