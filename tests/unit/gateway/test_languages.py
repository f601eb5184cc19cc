"""Languages are checked when a render is asked for, as leniently as the voices read them."""

from dataclasses import replace

import grpc
import pytest

from likeness.gateway.v1 import render_service_pb2
from likeness.tts.v1 import voice_pb2
from likeness_common.errors import InvalidArgument, Reason
from likeness_gateway.languages import check_language
from tests.fakes.speech import VOICE
from tests.unit.gateway.conftest import Served
from tests.unit.gateway.requests import read, spec
from tests.watched import error_info, field_of

pytestmark = pytest.mark.unit

POLYGLOT = replace(VOICE, languages=("en-us", "de", "he", "id", "nb", "pt-br", "zh"))


@pytest.mark.parametrize(
    "language", ["en-us", "en", "EN_gb", "de-AT", "zh-HK", "iw", "in", "nn", "he", " pt ", "zh-hant-tw"]
)
def test_every_variety_is_left_to_the_voice(language: str) -> None:
    check_language(language, POLYGLOT)


@pytest.mark.parametrize("language", ["xx-yy", "klingonese", "e", "-", "deu" * 1000])
def test_other_languages_are_refused(language: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        check_language(language, POLYGLOT)
    assert caught.value.reason is Reason.LANGUAGE_UNKNOWN
    assert len(caught.value.message) < 200


def test_near_languages_are_named() -> None:
    with pytest.raises(InvalidArgument, match="did you mean pt-br") as caught:
        check_language("pr-br", POLYGLOT)
    assert caught.value.metadata == {"nearest": "pt-br"}


@pytest.mark.parametrize("method", ["RenderVideo", "CreateRender", "EstimateRender"])
async def test_no_call_accepts_an_unknown_language(served: Served, method: str) -> None:
    wanted = spec(script=voice_pb2.Script(text="Hello.", language="klingonese"))
    call = getattr(served.stub, method)(getattr(render_service_pb2, f"{method}Request")(spec=wanted))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await (read(call) if method == "RenderVideo" else call)
    assert error_info(caught.value).reason == "LANGUAGE_UNKNOWN"
    assert field_of(caught.value) == "spec.script.language"
    assert not served.gateway.renders.live
