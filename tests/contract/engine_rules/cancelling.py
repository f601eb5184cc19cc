"""Animations end when they are left, and free what they hold."""

import asyncio
import threading

from likeness_common.media import AudioChunk
from tests.contract.engine_rules.held import held_bytes
from tests.contract.engine_rules.speech import babble, push, quiet
from tests.contract.engine_rules.subject import Subject

SESSIONS = 4
HELD_AFTER_CLOSE_BYTES = 256 * 1024
ENDS_WITHIN_S = 5.0
"""Of a thread that has told its last: five times what it is allowed, for machines with much else to do."""


def sessions_close_at_any_time(subject: Subject) -> None:
    """Before anything was pushed, midway, and twice; a closed session draws nothing more."""
    speech = babble(1.0 + subject.info.lookahead_ms / 1000)
    unused = subject.open(speech)
    unused.close()
    unused.close()
    for drawn in (0, 1):
        session = subject.open(speech)
        pending = session.push(AudioChunk(0, 0, speech.pcm))
        for _ in range(drawn):
            next(pending)
        session.close()
        assert list(pending) == []
        session.close()


def closed_sessions_hold_nothing(subject: Subject) -> None:
    speech = babble(0.5)
    subject.film(speech)
    with held_bytes() as held:
        before = held()
        sessions = [subject.open(speech) for _ in range(SESSIONS)]
        for session in sessions:
            list(push(session, speech))
            session.close()
        assert (held() - before) / SESSIONS < HELD_AFTER_CLOSE_BYTES


def left_animations_leave_no_thread(subject: Subject) -> None:
    """Through the animator: left before the first frame, and after it with all the others to draw."""
    asyncio.run(_leave_early(subject))


async def _leave_early(subject: Subject) -> None:
    animator, speech = subject.animator(), quiet(5.0 + subject.info.lookahead_ms / 1000)
    portrait = await animator.upload_portrait(subject.photo)
    options = subject.options(speech)
    async with animator.open(portrait.id, options) as session:  # what the engine starts once for all may stay
        await session.finish()
        assert [batch.first_frame async for batch in session.frames()] == [0]
    before = _threads()
    for reads in (0, 1):
        async with animator.open(portrait.id, options) as session:
            await session.push(AudioChunk(0, 0, speech.pcm))
            frames = session.frames()
            for _ in range(reads):
                assert (await anext(frames)).first_frame == 0
        for thread in _threads() - before:
            thread.join(ENDS_WITHIN_S)
            assert not thread.is_alive(), f"{thread.name} goes on"


def _threads() -> set[threading.Thread]:
    """All but those of the event loop's own pool, which grows as it likes."""
    return {thread for thread in threading.enumerate() if not thread.name.startswith("asyncio_")}
