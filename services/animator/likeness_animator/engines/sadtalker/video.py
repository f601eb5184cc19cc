"""The pictures of a video file, 25 a second."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from likeness_animator.engines.sadtalker.mel import FPS
from likeness_common.errors import FailedPrecondition, Reason

Pixels = NDArray[np.uint8]

MAX_SECONDS = 60
MAX_SIDE = 4096
_CUTTING = 1.0
"""Seconds that a video cut to length may be longer: programs cut between pictures, or at keyframes."""
_SLACK = 0.03
"""Of a frame, for files that keep times in whole milliseconds."""


def unusable(path: Path, finding: str, fix: str) -> FailedPrecondition:
    """The error for a video that heads cannot follow; `finding` goes on after its name."""
    return FailedPrecondition(
        Reason.ENGINE_UNAVAILABLE,
        f"The video {path}, which films by 'sadtalker' are to follow, {finding}. {fix}, or set pose_video and "
        "expression_video otherwise.",
        field="engine",
    )


def check(path: Path) -> None:
    """Look at a file without decoding its pictures.

    Raises FailedPrecondition (ENGINE_UNAVAILABLE), which names it and the fix, when it is missing or no video, or says
    that it is longer than MAX_SECONDS or wider or higher than MAX_SIDE.
    """
    with _opened(path):
        pass


def pictures(path: Path) -> Iterator[tuple[Pixels, int]]:
    """Upright RGB pictures (H, W, 3) with how many frames at 25 a second show them; those that none shows are left out.

    A frame shows the picture that is there at its time, by the times in the file. Holds two pictures at a time. Raises
    as `check` does, also when the file turns out to be other than it says.
    """
    frames = 0
    for picture, end in _with_ends(path):
        due = math.ceil(end * FPS - _SLACK)
        if due > frames:
            yield picture, due - frames
            frames = due


def _with_ends(path: Path) -> Iterator[tuple[Pixels, float]]:
    """Each picture with the second at which the next one follows; the last one stays as long as the one before it."""
    held, length = None, 0.0
    for picture, time in _decoded(path):
        if held is not None:
            length = time - held[1]
            _check_time(path, time, length)
            yield held[0], time
        held = picture, time
    if held is None or not length:
        raise unusable(path, "has fewer than two pictures", _convert(path))
    yield held[0], held[1] + length


def _decoded(path: Path) -> Iterator[tuple[Pixels, float]]:
    """Each picture that can be decoded with its second; OpenCV turns it upright and has the first at 0."""
    with _opened(path) as video:
        while (read := video.read())[0]:
            second = video.get(cv2.CAP_PROP_POS_MSEC) / 1000
            yield np.asarray(cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB), np.uint8), second


@contextmanager
def _opened(path: Path) -> Iterator[cv2.VideoCapture]:
    if not path.is_file():
        raise unusable(path, "is not there", "Put it there")
    video = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    try:
        if not video.isOpened():
            raise unusable(path, "holds no pictures that can be decoded", _convert(path))
        _check_header(path, video)
        yield video
    finally:
        video.release()


def _check_header(path: Path, video: cv2.VideoCapture) -> None:
    width, height = (int(video.get(side)) for side in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
    if max(width, height) > MAX_SIDE:
        fix = f"Make it smaller with `ffmpeg -i {path} -an -vf scale=1280:-2 smaller.mp4`"
        raise unusable(path, f"has {width}x{height} pixels; at most {MAX_SIDE} a side work", fix)
    rate = video.get(cv2.CAP_PROP_FPS)
    _check_length(path, video.get(cv2.CAP_PROP_FRAME_COUNT) / rate if rate > 0 else 0.0)


def _check_time(path: Path, time: float, passed: float) -> None:
    if passed <= 0:
        raise unusable(path, f"has no rising times for its pictures from {time:.2f} s on", _convert(path))
    _check_length(path, time)


def _check_length(path: Path, seconds: float) -> None:
    if seconds > MAX_SECONDS + _CUTTING:
        fix = f"Cut it with `ffmpeg -i {path} -an -t {MAX_SECONDS} shorter.mp4`"
        raise unusable(path, f"is longer than {MAX_SECONDS} s", fix)


def _convert(path: Path) -> str:
    return f"Convert it with `ffmpeg -i {path} -an converted.mp4`"
