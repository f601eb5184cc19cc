"""Ends runs early."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from likeness_common.errors import Cancelled, Reason


class Stop:
    """Set once, from any thread, when nobody wants any more what is being computed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._is_set = False
        self._actions: list[Callable[[], None]] = []

    def set(self) -> None:
        """Stop what goes on and whatever begins later."""
        with self._lock:
            self._is_set = True
            for action in self._actions:
                action()

    def check(self) -> None:
        """Raises Cancelled (RENDER_CANCELLED) once it is set."""
        if self._is_set:
            raise Cancelled(Reason.RENDER_CANCELLED, "the animation was left before its end; open another one")

    @contextmanager
    def calling(self, action: Callable[[], None]) -> Iterator[None]:
        """For libraries that have to be told: `action` is called when it is set within the block, or was before."""
        with self._lock:
            self._actions.append(action)
            if self._is_set:
                action()
        try:
            yield
        finally:
            with self._lock:
                self._actions.remove(action)
