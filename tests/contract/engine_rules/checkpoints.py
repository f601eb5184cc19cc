"""An animation continues from any of its checkpoints, and from nothing else."""

from dataclasses import replace

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from likeness_animator.local import MAX_CHECKPOINT_BYTES
from likeness_common.errors import InvalidArgument, Reason
from likeness_common.media import VideoFormat
from tests.contract.engine_rules.speech import babble, quiet
from tests.contract.engine_rules.subject import SMALL, Film, Subject

SPEECH = babble(0.6).then(quiet(0.4)).then(babble(0.2))


def animations_continue_from_any_checkpoint(subject: Subject) -> None:
    """With the speech from its beginning, or from where the next frame starts; and leave the same checkpoints."""
    whole = subject.film(SPEECH)
    last = len(whole.batches) - 1

    @given(st.integers(0, last - 1), st.booleans())
    @example(0, True)
    @example(0, False)
    @example(last, False)
    @settings(max_examples=3, deadline=None, database=None, derandomize=True, phases=(Phase.explicit, Phase.generate))
    def check(index: int, from_beginning: bool) -> None:
        batch = whole.batches[index]
        start = 0 if from_beginning else SMALL.frame_start_sample(batch.end_frame, SPEECH.rate_hz)
        session = subject.open(SPEECH, checkpoint=batch.checkpoint)
        assert session.first_frame == batch.end_frame
        rest = subject.film(SPEECH, start_sample=start, checkpoint=batch.checkpoint)
        assert rest.frames == whole.frames[batch.end_frame :]
        assert [part.checkpoint for part in rest.batches[-1:]] == [whole.batches[-1].checkpoint][: len(rest.batches)]

    check()


def foreign_checkpoints_are_refused(subject: Subject) -> None:
    """Garbage, pieces, and those of other frame rates, sample rates and engines."""
    good = _middle(subject.film(SPEECH.cut(24_000)))
    slower = subject.film(SPEECH.cut(24_000), VideoFormat(64, 64, 10))
    other_rate = subject.film(replace(SPEECH.unmarked(), rate_hz=16_000).cut(16_000))
    others = [b"x", b"{}", b"[]", b"null", bytes(100), bytes(range(256)), b'{"version":1,"next":3}']
    cut = [good[: len(good) // 2], good[:-1], good + b"x"]
    strangers = [replace(subject, name=name) for name in subject.entries if name != subject.name]
    films = [slower, other_rate, *(stranger.film(SPEECH.cut(4800)) for stranger in strangers)]
    for checkpoint in (*others, *cut, *map(_middle, films)):
        with pytest.raises(InvalidArgument) as refused:
            subject.open(SPEECH, checkpoint=checkpoint)
        assert refused.value.field == "checkpoint"
        assert refused.value.reason is Reason.FIELD_INVALID
        assert "checkpoint" in refused.value.message


def checkpoints_come_with_every_batch_and_stay_small(subject: Subject) -> None:
    film = subject.film(SPEECH)
    assert all(0 < len(batch.checkpoint) <= MAX_CHECKPOINT_BYTES for batch in film.batches)


def _middle(film: Film) -> bytes:
    return film.batches[len(film.batches) // 2].checkpoint
