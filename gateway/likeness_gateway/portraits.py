"""Photos that callers have sent, kept by content hash."""

import os
from collections.abc import Iterable
from pathlib import Path

from likeness_common.errors import InvalidArgument, NotFound, Reason
from likeness_common.media import Portrait
from likeness_common.stages.animator import Animator
from likeness_gateway.worker import Worker


class Portraits:
    """Image files under `directory`, together at most `max_bytes`; the least recently used go first.

    The animator analyses them, and gets them again when it has lost them.
    """

    def __init__(self, directory: Path, max_bytes: int, animator: Animator, disk: Worker) -> None:
        self._directory = directory
        self._max_bytes = max_bytes
        self._animator = animator
        self._disk = disk

    async def upload(self, image: bytes) -> Portrait:
        """Analyse and keep an image file. Raises InvalidArgument (IMAGE_*, FACE_*) for one that cannot speak."""
        portrait = await self._animator.upload_portrait(image)
        await self.keep(portrait.id, image)
        return portrait

    async def keep(self, name: str, image: bytes) -> None:
        """Keep an image file under its id."""
        await self._disk.call(self._write, name, image)

    async def check(self, name: str) -> None:
        """Raise NotFound (PORTRAIT_NOT_FOUND) when neither this gateway nor the animator has the portrait."""
        if not await self._disk.call(self._path(name).exists):
            await self.ensure(name)

    async def ensure(self, name: str) -> Portrait:
        """Make a portrait available to the animator. Raises NotFound when nobody has it, InvalidArgument when bad."""
        try:
            return await self._animator.get_portrait(name)
        except NotFound:
            return await self.send(name)

    async def send(self, name: str) -> Portrait:
        """Send a kept image to the animator. Raises NotFound when it is not kept, InvalidArgument when it is bad."""
        image = await self._disk.call(self._read, name)
        if image is None:
            message = f"spec.portrait_id {name} is not known here; send the photo with UploadPortrait first"
            raise NotFound(Reason.PORTRAIT_NOT_FOUND, message, field="spec.portrait_id")
        try:
            return await self._animator.upload_portrait(image)
        except InvalidArgument:
            await self._disk.call(self._path(name).unlink, True)
            raise

    def _path(self, name: str) -> Path:
        return self._directory / name

    def _read(self, name: str) -> bytes | None:
        path = self._path(name)
        try:
            image = path.read_bytes()
            os.utime(path)
        except FileNotFoundError:
            return None
        return image

    def _write(self, name: str, image: bytes) -> None:
        path = self._path(name)
        if path.exists():
            os.utime(path)
            return
        self._directory.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(image)
        part.rename(path)
        self._make_room()

    def _make_room(self) -> None:
        """Remove the least recently used files beyond the limit."""
        left = self._max_bytes
        for path, stat in sorted(_stats(self._directory), key=lambda item: item[1].st_mtime_ns, reverse=True):
            left -= stat.st_size
            if left < 0:
                path.unlink(missing_ok=True)


def _stats(directory: Path) -> Iterable[tuple[Path, os.stat_result]]:
    return [(path, path.stat()) for path in directory.iterdir()]
