"""From timed sounds to one class per hop."""

import numpy as np
from numpy.typing import NDArray

from likeness_animator.engines.mesh.listening.classes import CLASS_OF, letters_of
from likeness_animator.engines.mesh.listening.mel import HOPS_PER_SECOND
from likeness_animator.engines.mesh.visemes import articulate
from training.voices import Spoken

IGNORED = -100
"""Label of hops that teach nothing: sounds without a known letter."""


def classes_at_hops(spoken: Spoken) -> NDArray[np.int64]:
    """The class sounding in the middle of every whole hop, (hops,)."""
    hops = len(spoken.pcm) * HOPS_PER_SECOND // spoken.rate
    middles = (np.arange(hops) + 0.5) * spoken.rate / HOPS_PER_SECOND
    labels = np.zeros(hops, np.int64)
    for start, end, value in spoken.sounds:
        position = float(start)
        for name, share in _parts(value):
            upto = position + share * (end - start)
            labels[(middles >= position) & (middles < upto)] = name
            position = upto
    return labels


def _parts(value: str) -> list[tuple[int, float]]:
    """Classes of a mark and their shares of its time, split as the mouth model splits it."""
    letters, parts = letters_of(value), articulate(value)
    if not letters:
        return [(IGNORED if parts else 0, 1.0)]
    if len(parts) != len(letters):
        return [(CLASS_OF[letter], 1 / len(letters)) for letter in letters]
    return [(CLASS_OF[letter], part.share) for letter, part in zip(letters, parts, strict=True)]
