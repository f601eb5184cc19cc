"""Every kind of error has its exit code and one clear line."""

import pytest

from likeness_client.cli.exits import describe, exit_code
from likeness_common import errors
from likeness_common.errors import LikenessError, Reason

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.InvalidArgument(Reason.SCRIPT_EMPTY, "it is empty"), 3),
        (errors.NotFound(Reason.PORTRAIT_NOT_FOUND, "upload it first"), 3),
        (errors.AlreadyExists(Reason.REQUEST_ID_REUSED, "choose another"), 3),
        (errors.FailedPrecondition(Reason.LICENCE_FORBIDDEN, "choose another voice"), 3),
        (errors.ResourceExhausted(Reason.BUDGET_EXCEEDED, "it costs more"), 3),
        (errors.ResourceExhausted(Reason.SERVER_BUSY, "all slots are taken"), 4),
        (errors.FailedPrecondition(Reason.ENGINE_UNAVAILABLE, "pull its weights"), 4),
        (errors.Unavailable(Reason.SERVER_DRAINING, "it is being stopped"), 4),
        (errors.Unavailable(Reason.SERVICE_UNREACHABLE, "the animator went away"), 4),
        (errors.DeadlineExceeded(Reason.DEADLINE_EXCEEDED, "not done in time"), 5),
        (errors.Internal(Reason.INTERNAL, "a fault"), 6),
        (errors.Cancelled(Reason.RENDER_CANCELLED, "an operator stopped it"), 130),
    ],
    ids=lambda value: value.reason.value if isinstance(value, LikenessError) else "",
)
def test_exit_codes(error: LikenessError, code: int) -> None:
    assert exit_code(error) == code
    assert describe(error) == f"error: {error.message} [{error.reason.value}]"


@pytest.mark.parametrize(
    ("field", "option"),
    [
        ("spec.script.text", "TEXT"),
        ("script.voice", "--voice"),
        ("spec.output.width", "--size"),
        ("spec.portrait_image", "--portrait"),
        ("spec.recording.file", "--audio"),
        ("spec.acting.intensity", "--intensity"),
        ("spec.acting.expression", "--expression"),
        ("spec.finish_within", "--deadline"),
        ("name", "RENDER"),
        ("something.new", "something.new"),
    ],
)
def test_the_option_at_fault_is_named(field: str, option: str) -> None:
    error = errors.InvalidArgument(Reason.FIELD_INVALID, "it is\nwrong", field=field)
    assert describe(error) == f"error: {option}: it is wrong [FIELD_INVALID]"


@pytest.mark.parametrize(
    ("field", "message", "line"),
    [
        ("spec.consent.reference", "spec.consent.reference is empty", "--consent is empty"),
        ("spec.script.sentence_pause_ms", "spec.script.sentence_pause_ms is 9999", "--pause is 9999"),
        ("spec.script.language", "script.language 'xx' is unknown", "--language 'xx' is unknown"),
        ("something.new", "something.new is wrong", "something.new is wrong"),
    ],
)
def test_the_option_is_named_once(field: str, message: str, line: str) -> None:
    error = errors.InvalidArgument(Reason.FIELD_INVALID, message, field=field)
    assert describe(error) == f"error: {line} [FIELD_INVALID]"


@pytest.mark.parametrize("reason", [Reason.LANGUAGE_UNKNOWN, Reason.VOICE_UNKNOWN])
def test_unknown_languages_and_voices_point_to_the_list(reason: Reason) -> None:
    for message in ("it is unknown", "it is unknown; ListVoices names all"):
        line = describe(errors.InvalidArgument(reason, message, field="script.language"))
        assert line.count("`likeness voices`") == 1
