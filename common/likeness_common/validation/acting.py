"""Checks of how a face is to behave."""

from likeness_common.media import Acting
from likeness_common.validation.script import check_range

INTENSITY_RANGE = (0.0, 2.0)


def check_acting(acting: Acting, field: str = "acting") -> None:
    """Refuse an intensity outside likeness.media.v1.Acting, and NaN: FIELD_OUT_OF_RANGE."""
    check_range(f"{field}.intensity", acting.intensity, INTENSITY_RANGE)
