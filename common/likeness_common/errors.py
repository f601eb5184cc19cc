"""Errors that own their gRPC status and their machine-readable reason. One interceptor sends them (grpc_errors.py)."""

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

import grpc

ERROR_DOMAIN = "likeness.dev"


class Reason(Enum):
    """The `reason` of google.rpc.ErrorInfo. Clients may switch on these; they never change meaning."""

    SCRIPT_EMPTY = "SCRIPT_EMPTY"
    SCRIPT_TOO_LONG = "SCRIPT_TOO_LONG"
    SCRIPT_INVALID_CHARACTER = "SCRIPT_INVALID_CHARACTER"
    SCRIPT_NOT_SPEAKABLE = "SCRIPT_NOT_SPEAKABLE"
    RECORDING_EMPTY = "RECORDING_EMPTY"
    RECORDING_TOO_LARGE = "RECORDING_TOO_LARGE"
    RECORDING_TOO_LONG = "RECORDING_TOO_LONG"
    RECORDING_UNREADABLE = "RECORDING_UNREADABLE"
    VOICE_UNKNOWN = "VOICE_UNKNOWN"
    LANGUAGE_UNKNOWN = "LANGUAGE_UNKNOWN"
    FIELD_OUT_OF_RANGE = "FIELD_OUT_OF_RANGE"
    FIELD_MISSING = "FIELD_MISSING"
    FIELD_INVALID = "FIELD_INVALID"
    IMAGE_UNREADABLE = "IMAGE_UNREADABLE"
    IMAGE_TRUNCATED = "IMAGE_TRUNCATED"
    IMAGE_TOO_LARGE = "IMAGE_TOO_LARGE"
    IMAGE_TOO_SMALL = "IMAGE_TOO_SMALL"
    IMAGE_ANIMATED = "IMAGE_ANIMATED"
    FACE_NOT_FOUND = "FACE_NOT_FOUND"
    FACE_TOO_SMALL = "FACE_TOO_SMALL"
    FACE_TURNED_AWAY = "FACE_TURNED_AWAY"
    PORTRAIT_NOT_FOUND = "PORTRAIT_NOT_FOUND"
    RENDER_NOT_FOUND = "RENDER_NOT_FOUND"
    RENDER_CANCELLED = "RENDER_CANCELLED"
    REQUEST_ID_REUSED = "REQUEST_ID_REUSED"
    ENGINE_UNKNOWN = "ENGINE_UNKNOWN"
    ENGINE_UNAVAILABLE = "ENGINE_UNAVAILABLE"
    TIER_UNAVAILABLE = "TIER_UNAVAILABLE"
    BUDGET_EXCEEDED = "BUDGET_EXCEEDED"
    LICENCE_FORBIDDEN = "LICENCE_FORBIDDEN"
    CONSENT_MISSING = "CONSENT_MISSING"
    STREAM_PROTOCOL = "STREAM_PROTOCOL"
    SERVER_BUSY = "SERVER_BUSY"
    SERVER_DRAINING = "SERVER_DRAINING"
    SERVICE_UNREACHABLE = "SERVICE_UNREACHABLE"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    INTERNAL = "INTERNAL"


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """A request field, by its path, and what is wrong with it."""

    field: str
    description: str


class LikenessError(Exception):
    """Base of all errors that reach a caller. The message says what is wrong and how to fix it.

    `field` names the request field at fault, `metadata` goes into ErrorInfo, and `retry_after_s` into RetryInfo.
    """

    code: ClassVar[grpc.StatusCode] = grpc.StatusCode.INTERNAL

    def __init__(
        self,
        reason: Reason,
        message: str,
        *,
        field: str = "",
        metadata: dict[str, str] | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.field = field
        self.metadata = metadata or {}
        self.retry_after_s = retry_after_s


class InvalidArgument(LikenessError):
    """The request itself is wrong; sending it again will not help."""

    code = grpc.StatusCode.INVALID_ARGUMENT


class NotFound(LikenessError):
    """The named thing is not here."""

    code = grpc.StatusCode.NOT_FOUND


class AlreadyExists(LikenessError):
    """The name is taken by something else."""

    code = grpc.StatusCode.ALREADY_EXISTS


class FailedPrecondition(LikenessError):
    """The system is not in the state that the request needs."""

    code = grpc.StatusCode.FAILED_PRECONDITION


class ResourceExhausted(LikenessError):
    """A limit or a budget is used up."""

    code = grpc.StatusCode.RESOURCE_EXHAUSTED


class Unavailable(LikenessError):
    """A part is down or busy; trying again may help."""

    code = grpc.StatusCode.UNAVAILABLE


class DeadlineExceeded(LikenessError):
    """The time the caller gave is over."""

    code = grpc.StatusCode.DEADLINE_EXCEEDED


class Cancelled(LikenessError):
    """The caller, or an operator, stopped the work."""

    code = grpc.StatusCode.CANCELLED


class Internal(LikenessError):
    """A fault of ours."""

    code = grpc.StatusCode.INTERNAL


ERROR_KINDS: tuple[type[LikenessError], ...] = (
    InvalidArgument,
    NotFound,
    AlreadyExists,
    FailedPrecondition,
    ResourceExhausted,
    Unavailable,
    DeadlineExceeded,
    Cancelled,
    Internal,
)
"""Every kind of error there is, one per status code."""
