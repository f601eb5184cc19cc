"""The same input gives the same bytes."""

from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from tests.contract.engine_rules.speech import babble, push_all
from tests.contract.engine_rules.subject import SEED, Film, Subject

SPEECH = babble(0.4)
SIZES = st.lists(st.sampled_from([1, 7, 159, 960, 2401, 24_000]), min_size=1, max_size=40)


def the_same_input_gives_the_same_frames(subject: Subject) -> None:
    first = subject.film(SPEECH).frames
    assert subject.film(SPEECH).frames == first
    options = subject.options(SPEECH)
    session = subject.another().open(subject.portraits["plain"], options)
    assert Film(session.video, list(push_all(session, SPEECH))).frames == first


def chunking_changes_nothing(subject: Subject) -> None:
    expected = subject.film(SPEECH).frames

    @given(SIZES)
    @example([1] * SPEECH.samples)
    @example([SPEECH.samples])
    @settings(max_examples=3, deadline=None, database=None, derandomize=True, phases=(Phase.explicit, Phase.generate))
    def check(sizes: list[int]) -> None:
        assert subject.film(SPEECH, chunks=sizes).frames == expected

    check()


def another_seed_gives_another_film(subject: Subject) -> None:
    speech = babble(1.0)
    assert subject.film(speech, seed=SEED + 1).frames != subject.film(speech).frames


def sessions_do_not_disturb_each_other(subject: Subject) -> None:
    kinds = (("plain", SEED), ("wide", SEED + 1))
    alone = [subject.film(SPEECH, portrait=portrait, seed=seed).frames for portrait, seed in kinds]

    sessions = [subject.open(SPEECH, portrait=portrait, seed=seed) for portrait, seed in kinds]
    turns = zip_longest(*(push_all(session, SPEECH) for session in sessions))
    batches = list(zip(*turns, strict=True))
    for session, expected, drawn in zip(sessions, alone, batches, strict=True):
        assert Film(session.video, [batch for batch in drawn if batch]).frames == expected

    with ThreadPoolExecutor(2) as pool:
        films = pool.map(lambda kind: subject.film(SPEECH, portrait=kind[0], seed=kind[1]).frames, kinds)
        assert list(films) == alone
