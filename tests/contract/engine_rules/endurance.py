"""Speech of any length: nothing grows, nothing drifts."""

from contextlib import closing
from math import ceil

import numpy as np
from numpy.typing import NDArray

from likeness_animator.local import MAX_CHECKPOINT_BYTES
from likeness_common.media import VideoFormat
from tests.contract.engine_rules.held import held_bytes, peak_growth
from tests.contract.engine_rules.speech import Speech, babble, push, quiet
from tests.contract.engine_rules.subject import Film, Subject

MEASURED = VideoFormat(512, 512)
"""The size at which engines state their memory."""

SLOW = VideoFormat(64, 64, 10)
PARTS, PART_S = 4, 2.5
GROWTH_BYTES_PER_S = 4 * 1024

REST_S, LONG_S = 3, 6
LEVELS = 3.0
"""Of 255: a head at rest sways slower than seconds, which in films of `mesh` makes up to 1.2 beyond its liveliness."""

EARLY_S, LATER_S, BURST_S, FADES_S, AFTER_S = 1.0, 12.8, 0.4, 0.2, 0.6
"""12.8 s lie between two bursts, so that both fall alike into windows of 8, 10, 16, 20 or 32 frames at 25 a second."""


def memory_stays_below_what_it_says(subject: Subject) -> None:
    side = min(subject.info.max_side, MEASURED.width)
    with peak_growth() as growth:
        subject.film(babble(1.0), VideoFormat(side, side))
        assert growth() < subject.info.memory_mib * 2**20


def nothing_grows_with_the_speech(subject: Subject) -> None:
    """Neither what the session holds nor its checkpoint, after the first seconds."""
    part = babble(PART_S - 0.5).then(quiet(0.5))
    with held_bytes() as held, closing(subject.open(part, SLOW)) as session:
        settled, now, start = 0, 0, 0
        for index in range(PARTS):
            later = Speech(bytes(2 * start)).then(part)
            sizes = [len(batch.checkpoint) for batch in push(session, later, start_sample=start)]
            assert max(sizes) <= MAX_CHECKPOINT_BYTES
            start = later.samples
            del later
            now = held()  # every time: the first look at a tensor makes what torch then keeps with it
            if index + 1 == PARTS // 2:
                settled = now
        assert now - settled < GROWTH_BYTES_PER_S * PARTS // 2 * PART_S


def a_face_at_rest_does_not_drift(subject: Subject) -> None:
    """Over a long silence, and over long speech between silences."""
    silence, talk = quiet(REST_S), babble(LONG_S)
    for between in (quiet(LONG_S), talk):
        film = subject.film(subject.heard(silence.then(between).then(silence)), SLOW)
        rest = REST_S * SLOW.fps
        first, last = film.pictures[:rest], film.pictures[-rest:]
        assert _apart(first, last) <= _liveliness(first, last) + LEVELS


def sound_and_picture_stay_in_step(subject: Subject) -> None:
    """A burst of sound shows as soon after many seconds as after one, and never before it could be known of."""
    ahead_s = subject.info.lookahead_ms / 1000
    after, first_s = quiet(AFTER_S + ahead_s), EARLY_S + ahead_s
    silent = _drawn(subject, quiet(first_s + LATER_S).then(after))
    early, late = (_shows(subject, silent, at, after) for at in (first_s, first_s + LATER_S))
    assert abs(late - early) <= 1, f"shown {early} frames after its start, later {late}"


def _shows(subject: Subject, silent: Film, at_s: float, after: Speech) -> int:
    """Frames from a burst of sound to the one by which half of what it changes in the picture has shown.

    The very first difference says less, and so does the largest: chance decides when a faint one reaches a whole level.
    """
    burst = round(at_s * SLOW.fps)
    before = [batch for batch in silent.batches if batch.end_frame <= burst - _known(subject)]
    first, checkpoint = (before[-1].end_frame, before[-1].checkpoint) if before else (0, b"")
    speech = subject.heard(quiet(at_s).then(babble(BURST_S)).then(after))
    heard = _drawn(subject, speech, checkpoint).pictures
    still = silent.pictures[first : first + len(heard)]
    distance = np.abs(heard[: len(still)] - still).mean(axis=tuple(range(1, still.ndim)))
    assert distance.any(), f"sound after {at_s} s does not show"
    assert not distance[: max(0, burst - _known(subject) - first)].any(), (
        f"sound after {at_s} s shows before it is known"
    )
    shown = distance[: burst - first + round((BURST_S + FADES_S) * SLOW.fps)].cumsum()
    return first + int(np.argmax(shown >= shown[-1] / 2)) - burst


def _drawn(subject: Subject, speech: Speech, checkpoint: bytes = b"") -> Film:
    """What is drawn before the speech is finished, all of which is there at once."""
    with closing(subject.open(speech, SLOW, checkpoint=checkpoint)) as session:
        return Film(session.video, list(push(session, speech, [speech.samples])))


def _known(subject: Subject) -> int:
    """Frames by which sound can be known of before it comes."""
    return ceil(subject.info.lookahead_ms * SLOW.fps / 1000) + 1


def _apart(first: NDArray[np.float64], last: NDArray[np.float64]) -> float:
    """How far the mean pictures differ, in levels."""
    return float(np.abs(first.mean(axis=0) - last.mean(axis=0)).mean())


def _liveliness(*films: NDArray[np.float64]) -> float:
    """How far single frames are from the mean picture of their film, in levels."""
    return max(float(np.abs(film - film.mean(axis=0)).mean()) for film in films)
