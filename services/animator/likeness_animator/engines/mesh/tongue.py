"""The tongue where it shows: lying, raised behind the upper teeth, and with its tip between the teeth.

Each is drawn as premultiplied RGBA, (height, width, 4), colours 0 to 255, at places given in mm: `x` to the right of
the middle, `y` downwards, both (height, width).
"""

import numpy as np

from likeness_animator.engines.mesh.fields.curves import bell
from likeness_animator.engines.mesh.shape import Array
from likeness_animator.engines.mesh.teeth import soft

LYING_HALF_WIDTH_MM = 19.0
UNDERSIDE_RADIUS_MM = 9.0
"""Of the rounded tip, seen from below."""
UNDERSIDE_SHADE = 0.92
BLADE_HALF_WIDTH_MM, BLADE_MM, BLADE_HIDDEN_MM = 13.5, 2.8, 2.5
"""Of the tip between the teeth: how wide it is, how far it reaches below the upper ones and how far up behind them."""
CONTACT_MM, CONTACT_SHADE = 0.45, 0.25
RIM_SHADOW, RIM_SHADOW_MM = 0.4, 1.0


def lying(x: Array, y: Array, colour: Array) -> Array:
    """A soft mound with a groove along its middle; y counts from its top."""
    depth = y - 0.012 * x**2 - 0.5 * bell(x / 2.5)
    body = soft(depth, 1.2) * np.clip((LYING_HALF_WIDTH_MM - np.abs(x)) / 3, 0, 1)
    shade = (0.78 + 0.22 * bell((depth - 3) / 4)) * (1 - 0.5 * (np.abs(x) / LYING_HALF_WIDTH_MM) ** 2)
    return _premultiplied(colour, shade * (1 - 0.16 * bell(x / 1.8)), body)


def underside(x: Array, y: Array, colour: Array) -> Array:
    """What an l shows: a rounded tip that points up, dark and darker towards the floor; y counts from the tip."""
    wide = np.sqrt(2 * UNDERSIDE_RADIUS_MM * np.clip(y, 0.5, None))
    side = np.clip(np.abs(x) / wide, 0, 1)
    body = soft(y - x**2 / (2 * UNDERSIDE_RADIUS_MM), 1.4)
    # The band that ties the tongue to the floor of the mouth stands in a shallow groove.
    groove = 0.1 * bell(x / 0.7) - 0.24 * bell(x / 2.0)
    deep = np.clip((y - 3) / 9, 0, 1)
    shade = UNDERSIDE_SHADE * (1 - 0.4 * side**3) * (1 - 0.45 * deep) * (1 + groove)
    return _premultiplied(colour, shade, body)


def blade(x: Array, y: Array, colour: Array) -> Array:
    """What a th shows: a thin tip lit from above, upper teeth resting on it; y counts from their edge."""
    side = np.clip(np.abs(x) / BLADE_HALF_WIDTH_MM, 0, 1)
    round_ends = np.sqrt(1 - side**2.5)
    inside = BLADE_MM * round_ends - 0.2 * bell(x / 1.6) - y
    body = soft(inside, 0.8) * soft(y + BLADE_HIDDEN_MM * round_ends, 0.8)
    contact = CONTACT_SHADE * np.exp(-np.clip(y, 0, None) / CONTACT_MM)
    # The top faces the light, the rim turns away from it.
    lit = 1.04 - 0.3 * np.clip(1 - inside / 1.0, 0, 1) ** 2 - 0.1 * bell(x / 1.5)
    shade = lit * (1 - contact) * (1 - 0.35 * side**3)
    layer = _premultiplied(colour, shade, body)
    # It shades what lies below its rim.
    shadow = RIM_SHADOW * np.exp(-np.clip(-inside, 0, None) / RIM_SHADOW_MM) * (1 - body) * round_ends * (y > 0)
    layer[..., 3] += shadow
    return layer


def _premultiplied(colour: Array, shade: Array, body: Array) -> Array:
    return np.dstack([colour * (shade * body)[..., None], body])
