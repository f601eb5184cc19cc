"""Acting to and from likeness.media.v1."""

from collections.abc import Mapping

from likeness.media.v1 import acting_pb2
from likeness_common.errors import InvalidArgument, Reason
from likeness_common.media import Acting, Expression

_DEFAULTS = Acting()
_EXPRESSIONS: Mapping[int, Expression] = {
    acting_pb2.EXPRESSION_UNSPECIFIED: _DEFAULTS.expression,
    acting_pb2.EXPRESSION_NEUTRAL: Expression.NEUTRAL,
    acting_pb2.EXPRESSION_WARM: Expression.WARM,
    acting_pb2.EXPRESSION_SERIOUS: Expression.SERIOUS,
    acting_pb2.EXPRESSION_EXCITED: Expression.EXCITED,
}
_EXPRESSIONS_OUT = {
    Expression.NEUTRAL: acting_pb2.EXPRESSION_NEUTRAL,
    Expression.WARM: acting_pb2.EXPRESSION_WARM,
    Expression.SERIOUS: acting_pb2.EXPRESSION_SERIOUS,
    Expression.EXCITED: acting_pb2.EXPRESSION_EXCITED,
}


def acting_from(message: acting_pb2.Acting) -> Acting:
    """Read an acting and fill its defaults in; its range is for likeness_common.validation to check.

    Raises InvalidArgument for an expression outside the enum.
    """
    if message.expression not in _EXPRESSIONS:
        raise InvalidArgument(
            Reason.FIELD_INVALID,
            f"acting.expression {message.expression} is not known; use NEUTRAL, WARM, SERIOUS or EXCITED",
            field="acting.expression",
        )
    return Acting(
        _EXPRESSIONS[message.expression],
        message.intensity if message.HasField("intensity") else _DEFAULTS.intensity,
        message.eye_contact,
    )


def acting_to(acting: Acting) -> acting_pb2.Acting:
    """Write an acting."""
    return acting_pb2.Acting(
        expression=_EXPRESSIONS_OUT[acting.expression],
        intensity=acting.intensity,
        eye_contact=acting.eye_contact,
    )
