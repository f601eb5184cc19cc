"""Acting to and from likeness.media.v1."""

from likeness.media.v1 import acting_pb2
from likeness_common.convert.enums import inverse, read_member
from likeness_common.media import Acting, Expression

_DEFAULTS = Acting()
_EXPRESSIONS = {
    Expression.NEUTRAL: acting_pb2.EXPRESSION_NEUTRAL,
    Expression.WARM: acting_pb2.EXPRESSION_WARM,
    Expression.SERIOUS: acting_pb2.EXPRESSION_SERIOUS,
    Expression.EXCITED: acting_pb2.EXPRESSION_EXCITED,
}
_EXPRESSIONS_READ = inverse(_EXPRESSIONS, unset=_DEFAULTS.expression)


def acting_from(message: acting_pb2.Acting) -> Acting:
    """Read an acting and fill its defaults in; its range is for likeness_common.validation to check.

    Raises InvalidArgument for an expression outside the enum.
    """
    return Acting(
        read_member(_EXPRESSIONS_READ, message.expression, "acting.expression"),
        message.intensity if message.HasField("intensity") else _DEFAULTS.intensity,
        message.eye_contact,
    )


def acting_to(acting: Acting) -> acting_pb2.Acting:
    """Write an acting."""
    return acting_pb2.Acting(
        expression=_EXPRESSIONS[acting.expression],
        intensity=acting.intensity,
        eye_contact=acting.eye_contact,
    )
