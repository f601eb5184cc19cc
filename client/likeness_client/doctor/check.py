"""What a check found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. `fix` says what to do and is empty when all is well."""

    subject: str
    detail: str
    fix: str = ""

    @property
    def ok(self) -> bool:
        """Whether there is nothing to fix."""
        return not self.fix


def well(subject: str, detail: str) -> Finding:
    """Nothing to fix."""
    return Finding(subject, detail)


def problem(subject: str, detail: str, fix: str) -> Finding:
    """Something to fix."""
    return Finding(subject, detail, fix)
