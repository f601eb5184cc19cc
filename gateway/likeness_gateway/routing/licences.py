"""Which licences forbid commercial use."""

import re

_NON_COMMERCIAL = re.compile(r"\bNC\b|non-?commercial|\bCPML\b", re.IGNORECASE)


def forbids_commercial_use(licence: str) -> bool:
    """Whether an SPDX identifier (or LicenseRef) names a licence for non-commercial use only.

    Covers the CC-BY-NC family, Coqui's CPML, and LicenseRefs that say so in their name.
    """
    return _NON_COMMERCIAL.search(licence) is not None
