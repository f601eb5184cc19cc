"""What callers can do with renders."""

import asyncio
from collections.abc import Mapping, Sequence

from likeness_common.errors import AlreadyExists, Reason
from likeness_gateway.model import RenderRecord
from likeness_gateway.renders.admission import Admission
from likeness_gateway.renders.ending import cancelled, server_stopping
from likeness_gateway.renders.live import LiveRender
from likeness_gateway.renders.order import Order
from likeness_gateway.renders.runner import Runner
from likeness_gateway.renders.store import Cursor, RenderStore, RequestIdTaken
from likeness_gateway.renders.watch import render_not_found


class RenderManager:
    """Starts, follows, cancels and lists renders."""

    def __init__(self, store: RenderStore, admission: Admission, runner: Runner) -> None:
        self._store = store
        self._admission = admission
        self._runner = runner

    @property
    def live(self) -> Mapping[str, LiveRender]:
        """Renders of this process that have not ended, by id."""
        return self._runner.live

    async def start(self, order: Order) -> LiveRender:
        """Begin a render, or find the one that an earlier order with the same request id and body began.

        An earlier attempt that failed or was cancelled is made anew. Raises AlreadyExists (REQUEST_ID_REUSED),
        ResourceExhausted (SERVER_BUSY), Unavailable (SERVER_DRAINING), and what routing raises.
        """
        while True:
            earlier = await self._store.by_request_id(order.request_id) if order.request_id else None
            if earlier is not None and (render := await self._rejoin(order, earlier)):
                return render
            self._runner.check_room()
            render = await self._admission.admit(order)
            try:
                await self._runner.launch(render, earlier.id if earlier else "")
            except RequestIdTaken:
                continue
            return render

    async def find(self, render_id: str) -> LiveRender:
        """A render, running or ended. Raises NotFound (RENDER_NOT_FOUND)."""
        if live := self._runner.live.get(render_id):
            return live
        record = await self._store.get(render_id)
        if record is None:
            raise render_not_found(render_id)
        return self._past(record)

    async def get(self, render_id: str) -> RenderRecord:
        """Where a render stands. Raises NotFound (RENDER_NOT_FOUND)."""
        return (await self.find(render_id)).record

    async def page(self, size: int, after: Cursor | None) -> Sequence[RenderRecord]:
        """At most `size` renders after a place in the list, the newest first."""
        records = await self._store.page(size, after)
        live = self._runner.live
        return [live[record.id].record if record.id in live else record for record in records]

    async def cancel(self, render_id: str) -> RenderRecord:
        """Stop a render and wait until it has stopped; one that has ended stays as it is."""
        render = await self.find(render_id)
        render.stop(cancelled())
        await render.finished()
        return render.record

    @property
    def running(self) -> bool:
        """Whether any render runs or waits."""
        return bool(self._runner.live)

    async def drain(self, grace_s: float) -> None:
        """Take nothing new, let what runs finish for `grace_s`, then end it."""
        self._runner.closing = True
        supervisors = {render.supervisor for render in self._runner.live.values() if render.supervisor}
        if supervisors:
            await asyncio.wait(supervisors, timeout=grace_s)
        await self._runner.stop_all()

    async def _rejoin(self, order: Order, earlier: RenderRecord) -> LiveRender | None:
        """The render of an earlier order, or None when it has to be made anew."""
        if earlier.body_sha256 != order.body_sha256:
            raise AlreadyExists(
                Reason.REQUEST_ID_REUSED,
                f"request_id {order.request_id} belongs to renders/{earlier.id}, which was asked for with another "
                "spec; use a new request_id",
                field="request_id",
            )
        render = self._runner.live.get(earlier.id)
        if render is None:
            return None if earlier.failure is not None else self._past(earlier)
        if render.stop_reason is not None:
            return None
        if order.detached and render.detach():
            await self._store.update(render.record)
        return render

    def _past(self, record: RenderRecord) -> LiveRender:
        if not record.state.ended:
            raise server_stopping()
        return self._admission.archived(record)
