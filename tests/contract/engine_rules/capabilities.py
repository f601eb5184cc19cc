"""What an engine says of itself is true."""

from math import ceil

import pytest

from likeness_common.errors import InvalidArgument
from likeness_common.media import VideoFormat
from likeness_common.weights import load
from tests.contract.engine_rules.speech import babble, push, quiet
from tests.contract.engine_rules.subject import SMALL, Subject

RUNNERS = {"numpy", "torch", "onnxruntime", "coreml"}
SIDES = range(64, 1921, 2)
STEP_S = 0.01


def info_is_complete(subject: Subject) -> None:
    info = subject.info
    assert info.name == subject.name
    assert info.description.endswith(".")
    assert info.code_licence
    assert info.runners
    assert set(info.runners) <= RUNNERS
    assert info.max_side in SIDES
    assert info.memory_mib > 0
    assert info.expected_rtf > 0
    assert info.lookahead_ms >= 0
    assert info.unavailable_reason == ""
    for name in info.weights:
        assert load(name).licence in info.weight_licences


def info_is_constant(subject: Subject) -> None:
    before = subject.info
    subject.film(babble(0.2))
    assert subject.engine.info == before
    assert subject.another().info == before


def frames_come_within_the_lookahead(subject: Subject) -> None:
    if not subject.info.streaming:
        return
    speech = babble(1.0 + subject.info.lookahead_ms / 1000)
    rate, session = speech.rate_hz, subject.open(speech)
    step, drawn = round(STEP_S * rate), 0
    wait = ceil(subject.info.lookahead_ms * rate / 1000)
    for received in range(step, speech.samples + 1, step):
        drawn += sum(batch.count for batch in push(session, speech.cut(received), [step], received - step))
        due = sum(SMALL.frame_start_sample(frame + 1, rate) + wait <= received for frame in range(SMALL.fps))
        assert drawn >= due, f"{received} samples heard"
    session.close()


def the_largest_side_is_drawn(subject: Subject) -> None:
    side = subject.info.max_side
    for video in (VideoFormat(side, 64), VideoFormat(64, side)):
        assert len(subject.film(babble(0.04), video).frames[0]) == video.frame_bytes


def larger_sides_are_refused(subject: Subject) -> None:
    side = subject.info.max_side + 2
    for video in (VideoFormat(side, 64), VideoFormat(64, side)):
        with pytest.raises(InvalidArgument) as refused:
            subject.open(quiet(0.1), video)
        assert refused.value.field.startswith("video")


def marks_are_needed_when_it_says_so(subject: Subject) -> None:
    speech, silence = babble(1.0), quiet(1.0)
    heard = subject.film(speech.unmarked()).frames
    if subject.info.needs_marks:
        assert subject.film(speech).frames != heard
    else:
        assert subject.film(silence).frames != heard
