"""What a frame looks like: the numbers that move the face."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class MouthPose:
    """Position of the jaw, lips and tongue. All zero is a closed, relaxed mouth.

    jaw: drop of the chin, 0 closed to 1 as in an open vowel.
    upper, lower: how far each lip leaves the line on which closed lips meet, 0 to 1.
    rounding: 0 the opening spans the whole mouth, 1 it is a small circle.
    width: -1 puckered to 1 spread.
    press: -1 lips pushed out to 1 pressed together.
    tuck: lower lip drawn in under the upper teeth, 0 to 1.
    tongue: 0 lying, 0.6 with its tip raised behind the upper teeth, 1 with its tip between the teeth.
    """

    jaw: float = 0.0
    upper: float = 0.0
    lower: float = 0.0
    rounding: float = 0.0
    width: float = 0.0
    press: float = 0.0
    tuck: float = 0.0
    tongue: float = 0.0


MOUTH_FIELDS = tuple(item.name for item in fields(MouthPose))


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Small motion around the photographed position.

    yaw, pitch, roll: degrees; positive turns to the picture's right, down, and clockwise.
    shift_x, shift_y: millimetres to the right and down.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    shift_x: float = 0.0
    shift_y: float = 0.0


@dataclass(frozen=True, slots=True)
class Pose:
    """Everything that one frame shows.

    blink: 0 as photographed to 1 shut. brow: -1 lowered to 1 raised. gaze_x, gaze_y: millimetres the irises move.
    smile: -1 corners of the mouth down to 1 a wide smile. furrow: brows drawn together, inner_brow: their inner ends
    raised, -1 to 1. lids: -1 eyes wide to 1 narrowed. An expression played at twice its strength goes to twice that.
    """

    mouth: MouthPose = MouthPose()
    head: HeadPose = HeadPose()
    blink: float = 0.0
    brow: float = 0.0
    gaze_x: float = 0.0
    gaze_y: float = 0.0
    smile: float = 0.0
    furrow: float = 0.0
    inner_brow: float = 0.0
    lids: float = 0.0
