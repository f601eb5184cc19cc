"""Every portrait that passed the analysis moves, with every option that is in range."""

from itertools import product

from likeness_common.media import Acting, Expression
from tests.contract.engine_rules.speech import babble
from tests.contract.engine_rules.subject import Subject


def every_portrait_moves(subject: Subject) -> None:
    speech = subject.heard(babble(0.3))
    films = {name: tuple(subject.film(speech, portrait=name).frames) for name in subject.portraits}
    assert [name for name, frames in films.items() if len(set(frames)) < 2] == []
    assert len(set(films.values())) == len(films), "different portraits look the same"


def every_acting_is_drawn(subject: Subject) -> None:
    speech = babble(0.2)
    actings = [Acting(expression, intensity) for expression, intensity in product(Expression, (0.0, 2.0))]
    for acting in (*actings, Acting(eye_contact=True)):
        assert len(subject.film(speech, acting=acting).frames) == 5


def every_sample_rate_is_heard(subject: Subject) -> None:
    for rate in (8000, 11_025, 22_050, 44_100, 48_000):
        frames = subject.film(subject.heard(babble(0.4, rate))).frames
        assert len(frames) == 10
        assert len(set(frames)) > 1, f"{rate} Hz"
