"""A bounded queue between tasks that can be closed, with or without an error."""

import asyncio
from collections import deque
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Channel(Generic[Item]):
    """Carries items in order. A full channel makes its producer wait; an error drops what was not yet taken."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._items: deque[Item] = deque()
        self._closed = False
        self._error: Exception | None = None
        self._changed = asyncio.Condition()

    async def put(self, item: Item) -> None:
        """Append `item`, waiting for room. Raises the error that the channel was closed with."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._closed or len(self._items) < self._capacity)
            self._raise_error()
            if self._closed:
                raise RuntimeError("put on a closed channel")
            self._items.append(item)
            self._changed.notify_all()

    async def close(self, error: Exception | None = None) -> None:
        """Say that nothing more comes, or with `error` that all is lost. The first error stays."""
        async with self._changed:
            self._closed = True
            self._error = self._error or error
            self._changed.notify_all()

    def __aiter__(self) -> "Channel[Item]":
        return self

    async def __anext__(self) -> Item:
        async with self._changed:
            await self._changed.wait_for(lambda: self._closed or len(self._items) > 0)
            self._raise_error()
            if not self._items:
                raise StopAsyncIteration
            item = self._items.popleft()
            self._changed.notify_all()
            return item

    def _raise_error(self) -> None:
        if self._error:
            raise self._error
