"""Long stretches of made-up speech, and what a face decides to do with them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from likeness_animator.engines.mesh.blinking import Blinking
from likeness_animator.engines.mesh.brows import Brows
from likeness_animator.engines.mesh.gaze import Gaze
from likeness_animator.engines.mesh.head_motion import HeadMotion
from likeness_animator.engines.mesh.phrasing import Cue, Phrasing
from likeness_animator.engines.mesh.pose import HeadPose

FPS = 25
HOPS = 100
LEAD_S = 0.12

Curve = NDArray[np.float64]


@dataclass(frozen=True)
class Life:
    """Minutes of a face: `blinks` are starts in seconds, the curves have one value per frame."""

    cues: list[Cue]
    blinks: list[float]
    shut: Curve
    head: list[HeadPose]
    gaze: Curve
    brow: Curve

    @property
    def rotation(self) -> Curve:
        """Yaw, pitch and roll, (frames, 3)."""
        return np.array([[pose.yaw, pose.pitch, pose.roll] for pose in self.head])


def murmur(seconds: int, seed: int = 0) -> tuple[Curve, Curve]:
    """Loudness and pitch (Hz) by hop: phrases of 1 to 3 s with accents, and pauses of 0.25 to 0.7 s."""
    random = np.random.default_rng(seed)
    loudness: list[float] = []
    pitch: list[float] = []
    while len(loudness) < seconds * HOPS:
        length, pause = int(random.uniform(100, 300)), int(random.uniform(25, 70))
        time = np.arange(length) / HOPS
        accents = 1 + 0.5 * np.sin(2 * np.pi * random.uniform(0.5, 1.0) * time + random.uniform(0, 6))
        loudness += [*(3000 * accents * (0.35 + 0.65 * np.sin(np.pi * 4.5 * time) ** 2)), *([20.0] * pause)]
        pitch += [*(110 * (1.1 - 0.06 * time) * (1 + 0.12 * (accents - 1))), *([0.0] * pause)]
    return np.array(loudness[: seconds * HOPS]), np.array(pitch[: seconds * HOPS])


def silence(seconds: int) -> tuple[Curve, Curve]:
    """Nothing to hear."""
    return np.zeros(seconds * HOPS), np.zeros(seconds * HOPS)


def live(sound: tuple[Curve, Curve], seed: int, *, contact: bool = False, energy: float = 1.0) -> Life:
    """Play a face to a sound."""
    phrasing, blinking, gaze, head, brows = Phrasing(), Blinking(), Gaze(), HeadMotion(), Brows()
    cues: list[Cue] = []
    blinks: list[float] = []
    frames: list[tuple[float, HeadPose, tuple[float, float], float]] = []
    for hop, (loudness, pitch) in enumerate(zip(*(part.tolist() for part in sound), strict=True)):
        cue = phrasing.hear(loudness, 10 * pitch, pause=False, stressed=False)
        start = cue.time - LEAD_S
        glanced = gaze.decide(cue, start, seed, contact=contact)
        blinking.decide(cue, start, seed, 1.0, glanced)
        head.decide(cue, start, seed)
        brows.decide(cue, start, seed)
        cues.append(cue)
        blinks += [begin for begin, *_ in blinking.blinks if begin > (blinks[-1] if blinks else -9)]
        if hop % (HOPS // FPS) == 0 and start >= 0:
            pose = head.at(start, seed, energy)
            frames.append((blinking.shut(start), pose, gaze.at(start, pose, contact=contact), brows.at(start, seed)))
    shut, poses, looks, raised = zip(*frames, strict=True)
    return Life(cues, blinks, np.array(shut), list(poses), np.array(looks), np.array(raised))
