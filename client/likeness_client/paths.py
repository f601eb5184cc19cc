"""Where things are kept on this machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from likeness_common.weights import default_root


@dataclass(frozen=True, slots=True)
class Home:
    """`data` holds renders, portraits and traces; `weights` is the root of the WeightStore."""

    data: Path
    weights: Path


def home_from(environ: Mapping[str, str]) -> Home:
    """LIKENESS_HOME holds everything when it is set; otherwise ~/.local/share/likeness (XDG) and ~/.cache/likeness."""
    if chosen := environ.get("LIKENESS_HOME"):
        root = Path(chosen).expanduser().resolve()
        return Home(root / "data", root)
    share = Path(environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return Home(share / "likeness", default_root())
