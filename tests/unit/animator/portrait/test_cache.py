"""Portraits by content hash."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from likeness_animator.portrait import AnalysedPortrait, PortraitCache
from likeness_animator.portrait.landmarks import Roi
from likeness_animator.portrait.matte import SIDE as MATTE_SIDE
from likeness_animator.portrait.matte import Matte
from likeness_common.errors import InvalidArgument, NotFound, Reason
from likeness_common.media import Box, Portrait, portrait_id

pytestmark = pytest.mark.unit

SIDE = 100
PORTRAIT_BYTES = SIDE * SIDE * 3 + 478 * 3 * 4 + MATTE_SIDE * MATTE_SIDE


class Analysis:
    """Counts its runs, and waits in each until `gate` opens."""

    def __init__(self) -> None:
        self.runs = 0
        self.gate = threading.Event()
        self.gate.set()
        self.started = threading.Event()

    def __call__(self, image: bytes) -> AnalysedPortrait:
        self.runs += 1
        self.started.set()
        assert self.gate.wait(10)
        if image == b"bad":
            raise InvalidArgument(Reason.FACE_NOT_FOUND, "no face")
        info = Portrait(portrait_id(image), SIDE, SIDE, Box(0, 0, 1, 1))
        matte = Matte(np.zeros((MATTE_SIDE, MATTE_SIDE), np.uint8), Roi(np.zeros(2, np.float32), 1.0, 0.0))
        picture, landmarks = np.zeros((SIDE, SIDE, 3), np.uint8), np.zeros((478, 3), np.float32)
        return AnalysedPortrait(info, picture, landmarks, matte)


def test_a_photo_is_analysed_once() -> None:
    analysis = Analysis()
    cache = PortraitCache(analysis)
    first = cache.add(b"photo")
    assert cache.add(b"photo") is first
    assert cache.get(portrait_id(b"photo")) is first
    assert analysis.runs == 1


def test_an_unknown_portrait_has_to_be_uploaded() -> None:
    with pytest.raises(NotFound, match="Upload the photo") as raised:
        PortraitCache(Analysis()).get("0" * 64)
    assert raised.value.reason is Reason.PORTRAIT_NOT_FOUND
    assert raised.value.field == "portrait_id"


def test_the_least_recently_used_is_dropped() -> None:
    analysis = Analysis()
    cache = PortraitCache(analysis, budget_bytes=2 * PORTRAIT_BYTES)
    cache.add(b"1")
    cache.add(b"2")
    cache.get(portrait_id(b"1"))
    cache.add(b"3")
    cache.get(portrait_id(b"1"))
    cache.get(portrait_id(b"3"))
    with pytest.raises(NotFound):
        cache.get(portrait_id(b"2"))


def test_a_matte_counts() -> None:
    cache = PortraitCache(Analysis(), budget_bytes=2 * PORTRAIT_BYTES - 1)
    cache.add(b"1")
    cache.add(b"2")
    with pytest.raises(NotFound):
        cache.get(portrait_id(b"1"))


def test_the_newest_is_kept_even_beyond_the_budget() -> None:
    cache = PortraitCache(Analysis(), budget_bytes=0)
    cache.add(b"1")
    cache.add(b"2")
    assert cache.get(portrait_id(b"2"))
    with pytest.raises(NotFound):
        cache.get(portrait_id(b"1"))


def test_the_same_photo_from_many_threads_is_analysed_once() -> None:
    analysis = Analysis()
    analysis.gate.clear()
    cache = PortraitCache(analysis)
    with ThreadPoolExecutor(4) as pool:
        results = [pool.submit(cache.add, b"photo") for _ in range(4)]
        assert analysis.started.wait(10)
        analysis.gate.set()
        portraits = {id(result.result()) for result in results}
    assert len(portraits) == 1
    assert analysis.runs == 1


def test_a_refused_photo_is_refused_for_all_who_wait_and_tried_anew_later() -> None:
    analysis = Analysis()
    analysis.gate.clear()
    cache = PortraitCache(analysis)
    with ThreadPoolExecutor(2) as pool:
        results = [pool.submit(cache.add, b"bad") for _ in range(2)]
        assert analysis.started.wait(10)
        analysis.gate.set()
        reasons = {type(result.exception()) for result in results}
    assert reasons == {InvalidArgument}
    runs = analysis.runs
    with pytest.raises(InvalidArgument):
        cache.add(b"bad")
    assert analysis.runs == runs + 1
