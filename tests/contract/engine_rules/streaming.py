"""Frames come in order, as many and as large as they should."""

import numpy as np

from likeness_common.media import Framing, PixelFormat, VideoFormat
from tests.contract.engine_rules.speech import babble, quiet
from tests.contract.engine_rules.subject import SMALL, Subject

STOPS_WITHIN_S = 1.0


def frames_follow_each_other(subject: Subject) -> None:
    expected = 0
    for batch in subject.film(babble(1.3)).batches:
        assert batch.first_frame == expected
        assert batch.count > 0
        assert len(batch.data) == batch.count * SMALL.frame_bytes
        expected = batch.end_frame


def frames_cover_the_speech(subject: Subject) -> None:
    """Fewest frames that last as long as the sound, and one where there is none."""
    for rate, fps, samples in (
        (24_000, 25, 0),
        (24_000, 25, 1),
        (24_000, 25, 4800),
        (24_000, 25, 4801),
        (22_050, 24, 11_025),
        (11_025, 60, 1837),
        (11_025, 60, 1838),
        (48_000, 10, 48_000),
        (8000, 30, 2401),
    ):
        film = subject.film(babble(2.1, rate).cut(samples), VideoFormat(64, 64, fps))
        assert len(film.frames) == max(1, -(-samples * fps // rate)), f"{samples} samples at {rate} Hz, {fps} fps"


def formats_are_honoured(subject: Subject) -> None:
    for video in (
        VideoFormat(64, 96),
        VideoFormat(130, 66, 30),
        VideoFormat(64, 64, 25, PixelFormat.RGB24),
        VideoFormat(98, 64, 10, PixelFormat.RGB24),
    ):
        film = subject.film(babble(0.2), video)
        assert film.video == video
        assert {len(batch.data) / batch.count for batch in film.batches} == {video.frame_bytes}


def both_pixel_formats_show_the_same(subject: Subject) -> None:
    speech = babble(0.2)
    colours = subject.film(speech, VideoFormat(64, 64, 25, PixelFormat.RGB24)).frames[-1]
    red, green, blue = np.frombuffer(colours, np.uint8).reshape(-1, 3).astype(np.float64).T
    brightness = 16 + (65.481 * red + 128.553 * green + 24.966 * blue) / 255  # BT.601, limited range
    luma = subject.film(speech).pictures[-1].ravel()
    assert np.abs(brightness - luma).mean() < 1.0


def full_framing_keeps_the_aspect_ratio(subject: Subject) -> None:
    asked = VideoFormat(128, 128)
    picture = subject.portraits["wide"].info
    film = subject.film(babble(0.1), asked, portrait="wide", framing=Framing.FULL)
    assert film.video.width <= asked.width
    assert film.video.height <= asked.height
    assert abs(film.video.height - film.video.width * picture.height / picture.width) <= 2
    assert (film.video.fps, film.video.pixel_format) == (asked.fps, asked.pixel_format)
    assert all(len(frame) == film.video.frame_bytes for frame in film.frames)


def batches_fit_a_message(subject: Subject) -> None:
    side = min(subject.info.max_side, 640)
    video = VideoFormat(side, side, 25, PixelFormat.RGB24)
    speech = quiet(max(8, video.frames_per_message + 3) / 25)
    film = subject.film(speech, video, chunks=[speech.samples])
    assert max(batch.count for batch in film.batches) <= video.frames_per_message


def batches_end_within_a_second(subject: Subject) -> None:
    """An animation stops after the batch under way: at the speed it claims, one takes no longer than stopping may."""
    speech = babble(1.0)
    longest = max(batch.count for batch in subject.film(speech, chunks=[speech.samples]).batches)
    assert longest == 1 or longest / SMALL.fps * subject.info.expected_rtf <= STOPS_WITHIN_S
