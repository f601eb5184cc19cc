"""Enums keep their meaning both ways, and a number that nobody knows is refused."""

import itertools
from collections.abc import Callable
from enum import Enum
from typing import Any

import pytest

from likeness.gateway.v1 import render_pb2
from likeness.media.v1 import acting_pb2, portrait_pb2, timing_pb2, video_pb2
from likeness_common.convert.acting import acting_from, acting_to
from likeness_common.convert.media import (
    container_from,
    container_to,
    framing_from,
    framing_to,
    mark_from,
    mark_to,
    video_format_from,
    video_format_to,
)
from likeness_common.convert.renders import (
    consent_from,
    consent_to,
    on_disconnect_from,
    on_disconnect_to,
    state_from,
    state_to,
)
from likeness_common.errors import Internal, InvalidArgument, Reason
from likeness_common.media import Acting, Container, Expression, Framing, Mark, MarkKind, PixelFormat, VideoFormat
from likeness_common.renders import Consent, ConsentKind, OnDisconnect, RenderState

pytestmark = pytest.mark.unit

WIRE: dict[type[Enum], Callable[[Any], Any]] = {
    MarkKind: lambda kind: mark_from(mark_to(Mark(kind, 0, 1, 0, 1, "a"))).kind,
    PixelFormat: lambda pixels: video_format_from(video_format_to(VideoFormat(64, 64, 25, pixels))).pixel_format,
    Framing: lambda framing: framing_from(framing_to(framing)),
    Container: lambda container: container_from(container_to(container)),
    Expression: lambda expression: acting_from(acting_to(Acting(expression))).expression,
    OnDisconnect: lambda choice: on_disconnect_from(on_disconnect_to(choice)),
    RenderState: lambda state: state_from(state_to(state)),
}
UNKNOWN = 99
REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "framing": (lambda: framing_from(UNKNOWN), "use AUTO or FULL"),
    "on_disconnect": (lambda: on_disconnect_from(UNKNOWN), "use CANCEL or CONTINUE"),
    "container": (lambda: container_from(UNKNOWN), "use FRAGMENTED_MP4, FASTSTART_MP4 or WEBM"),
    "acting.expression": (
        lambda: acting_from(acting_pb2.Acting(expression=UNKNOWN)),  # type: ignore[arg-type]  # from a later caller
        "use NEUTRAL, WARM, SERIOUS or EXCITED",
    ),
    "video.pixel_format": (
        lambda: video_format_from(video_pb2.VideoFormat(pixel_format=UNKNOWN)),  # type: ignore[arg-type]  # likewise
        "use I420 or RGB24",
    ),
}


@pytest.mark.parametrize("member", list(itertools.chain(*WIRE)), ids=str)
def test_every_member_survives_the_wire(member: Enum) -> None:
    assert WIRE[type(member)](member) is member


def test_what_is_not_set_is_the_default() -> None:
    assert framing_from(portrait_pb2.FRAMING_MODE_UNSPECIFIED) is Framing.AUTO
    assert container_from(video_pb2.CONTAINER_UNSPECIFIED) is Container.FRAGMENTED_MP4
    assert video_format_from(video_pb2.VideoFormat()).pixel_format is PixelFormat.I420
    assert acting_from(acting_pb2.Acting()) == Acting()
    assert on_disconnect_from(render_pb2.ON_DISCONNECT_UNSPECIFIED) is OnDisconnect.CANCEL
    assert consent_from(render_pb2.Consent()) is None


@pytest.mark.parametrize("field", REFUSED)
def test_a_number_outside_an_enum_is_refused_by_its_field(field: str) -> None:
    read, advice = REFUSED[field]
    with pytest.raises(InvalidArgument, match=f"{field} {UNKNOWN} is not known; {advice}") as caught:
        read()
    assert (caught.value.reason, caught.value.field) == (Reason.FIELD_INVALID, field)


@pytest.mark.parametrize("kind", ConsentKind)
def test_a_consent_survives_the_wire(kind: ConsentKind) -> None:
    assert consent_from(consent_to(Consent(kind, "contract 7"))) == Consent(kind, "contract 7")


def test_a_state_of_a_later_server_is_no_fault_of_the_caller() -> None:
    with pytest.raises(Internal, match=f"state {UNKNOWN}, which this client is too old to know"):
        state_from(UNKNOWN)


def test_a_mark_needs_a_kind() -> None:
    with pytest.raises(InvalidArgument, match="SENTENCE, WORD or PHONEME") as caught:
        mark_from(timing_pb2.Mark())
    assert (caught.value.reason, caught.value.field) == (Reason.FIELD_MISSING, "mark.kind")
