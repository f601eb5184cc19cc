"""Pictures of video files, 25 a second."""

import re
import subprocess
import weakref
from pathlib import Path

import av
import cv2
import imageio_ffmpeg
import numpy as np
import pytest

from likeness_animator.engines.sadtalker import video
from likeness_common.errors import FailedPrecondition, Reason

from .clips import shade, shades, write

pytestmark = pytest.mark.unit


def shown(path: Path) -> list[int]:
    """The picture that each frame shows."""
    return [shade(picture) for picture, count in video.pictures(path) for _ in range(count)]


@pytest.mark.parametrize("fps", [10, 24, 25, 30, 50, 60])
def test_frames_show_the_picture_that_is_there_at_their_time(tmp_path: Path, fps: int) -> None:
    path = write(tmp_path / "clip.avi", shades(fps), fps)
    assert shown(path) == [frame * fps // 25 for frame in range(25)]


def varying(path: Path, times_ms: list[int]) -> Path:
    """A lossless file with a picture at each of the times."""
    with av.open(str(path), "w") as file:
        stream = file.add_stream("ffv1", rate=1000, width=48, height=32, pix_fmt="yuv420p")
        for time, picture in zip(times_ms, shades(len(times_ms)), strict=True):
            frame = av.VideoFrame.from_ndarray(picture, "rgb24")
            frame.pts = time
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path


def test_pictures_stay_until_the_next_one_comes(tmp_path: Path) -> None:
    path = varying(tmp_path / "clip.mkv", [500, 600, 1000, 1020, 1100])
    assert [(shade(picture), count) for picture, count in video.pictures(path)] == [(0, 3), (1, 10), (3, 2), (4, 2)]


def test_pictures_are_upright_and_rgb(tmp_path: Path) -> None:
    picture = np.zeros((32, 48, 3), np.uint8)
    picture[:16] = 255, 0, 0
    path = write(tmp_path / "clip.avi", [picture] * 2)
    turned = tmp_path / "turned.mp4"
    program = imageio_ffmpeg.get_ffmpeg_exe()
    subprocess.run([program, "-v", "error", "-display_rotation", "90", "-i", path, "-c", "copy", turned], check=True)
    upright, sideways = next(video.pictures(path))[0], next(video.pictures(turned))[0]
    assert sideways.shape == (48, 32, 3)
    np.testing.assert_array_equal(sideways, cv2.rotate(upright, cv2.ROTATE_90_COUNTERCLOCKWISE))
    assert upright[4, 4, 0] > 200
    assert upright[4, 4, 2] < 50


def test_no_more_than_three_pictures_are_held(tmp_path: Path) -> None:
    held: list[weakref.ref[video.Pixels]] = []
    for picture, _ in video.pictures(write(tmp_path / "clip.avi", shades(60))):
        held.append(weakref.ref(picture))
        assert sum(each() is not None for each in held) <= 3
    assert len(held) == 60


def test_of_a_file_that_is_cut_off_what_is_there_is_shown(tmp_path: Path) -> None:
    path = write(tmp_path / "clip.avi", shades(50))
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 4])
    video.check(path)
    assert shown(path) == list(range(len(shown(path))))
    assert 0 < len(shown(path)) < 50


def refused(path: Path) -> str:
    with pytest.raises(FailedPrecondition, match=re.escape(str(path))) as caught:
        shown(path)
    assert caught.value.reason is Reason.ENGINE_UNAVAILABLE
    return caught.value.message


@pytest.mark.parametrize("content", [b"", b"no video", b"\x00\x00\x00\x18ftypmp42" + bytes(2000)])
def test_files_that_are_no_video_are_refused_at_once(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    with pytest.raises(FailedPrecondition, match=r"can be decoded\. Convert it with `ffmpeg"):
        video.check(path)


def test_missing_files_and_folders_are_refused_at_once(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "clip.mp4"):
        with pytest.raises(FailedPrecondition, match="is not there"):
            video.check(path)


def test_sound_alone_is_refused_at_once(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "sound.wav"), "w") as file:
        stream = file.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
        frame.sample_rate = 8000
        file.mux(stream.encode(frame))
    with pytest.raises(FailedPrecondition, match="holds no pictures"):
        video.check(tmp_path / "sound.wav")


def test_a_photo_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), shades(1)[0])
    assert "fewer than two pictures" in refused(path)


def test_long_and_large_videos_are_refused_at_once(tmp_path: Path) -> None:
    video.check(write(tmp_path / "minute.avi", shades(61), 1))
    with pytest.raises(FailedPrecondition, match=r"longer than 60 s.*-t 60"):
        video.check(write(tmp_path / "long.avi", shades(62), 1))
    with pytest.raises(FailedPrecondition, match=r"4112x16 pixels.*scale="):
        video.check(write(tmp_path / "wide.avi", [np.zeros((16, 4112, 3), np.uint8)] * 2))


def test_a_video_that_is_longer_than_it_says_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = varying(tmp_path / "clip.mkv", [0, 40, 59_000, 61_200])
    monkeypatch.setattr(video, "_check_header", lambda *_: None)
    assert "longer than 60 s" in refused(path)


def test_pictures_without_times_are_refused(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "clip.h264"), "w", format="h264") as file:
        stream = file.add_stream("libx264", rate=25, width=48, height=32)
        for picture in shades(5):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        file.mux(stream.encode(None))
    assert "no rising times for its pictures from 0.00 s" in refused(tmp_path / "clip.h264")
