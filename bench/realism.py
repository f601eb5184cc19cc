"""How real the mesh engine's films look, measured in the films: lips, life and likeness, on several portraits.

Scripts and portraits are fixed. Every figure comes from the landmark models run on every decoded picture, against the
phonemes of the voice and against the photo, never from what the engine says of itself. Figures outside their limits
are marked with a !, and then the exit status is 1. `--quick` takes about a minute on two cores, everything about ten.
"""

import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench import report
from bench.meter import figures, flite, shooting, trials, voices
from bench.meter.figures import Figure
from bench.meter.film import Speech
from bench.portraits import PORTRAITS
from likeness_common.media import Framing, VideoFormat

QUICK = ("astronaut", "hopper", "shaded")
VIDEO = VideoFormat(640, 640)
"""Gives faces of a little over 200 pixels, the size from which on sync has a limit."""

WIDE = {"off centre": VideoFormat(640, 640), "1080p": VideoFormat(1920, 1080)}
"""Portraits that are shown whole."""

VARIANTS = ("gmw/en-US+f3", "gmw/en-US+m7", "gmw/en-GB-scotland")


@dataclass(frozen=True)
class Plan:
    """What to run."""

    portraits: tuple[str, ...]
    scripts: tuple[str, ...]
    offsets_ms: tuple[int, ...]
    strangers: bool
    minutes: int


EVERYTHING = Plan(tuple(PORTRAITS), (voices.SPEECH, voices.STORY), (-200, -120, -40, 40, 80, 120, 160, 200), True, 2)
BRIEFLY = Plan(QUICK, (voices.SPEECH,), (-120, 40, 200), False, 0)


def portrait_figures(crew: shooting.Crew, plan: Plan, worst: Path | None) -> dict[str, list[Figure]]:
    """Figures of every portrait: each the median over the scripts."""
    rows = {}
    for name in plan.portraits:
        shots = []
        for script in plan.scripts:
            framing = Framing.FULL if name in WIDE else Framing.AUTO
            shots.append(crew.shoot(PORTRAITS[name](), voices.said(script), WIDE.get(name, VIDEO), framing))
        rows[name] = figures.median([figures.of(shot) for shot in shots])
        if worst:
            shooting.save_worst(shots, worst, name)
        print(f"  {name} done", file=sys.stderr)
    return rows


def voice_figures(crew: shooting.Crew, plan: Plan) -> dict[str, list[Figure]]:
    """Sync and closure from the sound alone, for several voices on one portrait."""
    said: dict[str, Speech] = {"espeak": voices.said(voices.SPEECH)}
    if plan.strangers:
        said |= {identifier: voices.said_by_variant(voices.SPEECH, identifier) for identifier in VARIANTS}
        if flite.installed():
            said |= {f"flite {name}": flite.said(voices.SPEECH, name) for name in flite.VOICES}
    portrait = PORTRAITS["hopper"]()
    return {name: figures.heard(crew.shoot(portrait, speech, VIDEO, marks=False)) for name, speech in said.items()}


def main() -> None:
    """Measure and print."""
    arguments = report.parser(__doc__ or "")
    arguments.add_argument("--quick", action="store_true", help="three portraits, one script")
    arguments.add_argument("--portraits", nargs="+", choices=tuple(PORTRAITS), help="only these")
    arguments.add_argument("--worst", type=Path, help="folder for the pictures least like their photo")
    options = arguments.parse_args()
    plan = BRIEFLY if options.quick else EVERYTHING
    if options.portraits:
        plan = Plan(tuple(options.portraits), plan.scripts, (), False, 0)
    crew = shooting.Crew()
    tables = {"Portraits": portrait_figures(crew, plan, options.worst)}
    if plan.offsets_ms:
        tables["Injected offsets"] = trials.offsets(crew, plan.offsets_ms)
        tables["The meter on bad films"] = trials.bad_films(crew)
        tables["From the sound alone"] = voice_figures(crew, plan)
    if plan.minutes:
        tables["Two minutes"] = trials.minutes(crew, QUICK[:2])
    failed = _print(tables, options.json)
    sys.exit(1 if failed else 0)


def _print(tables: dict[str, dict[str, list[Figure]]], as_json: bool) -> bool:
    """Show the tables, and return whether a figure is outside its limits."""
    if as_json:
        result: dict[str, Any] = {
            title: {row: {figure.name: asdict(figure) for figure in line} for row, line in rows.items()}
            for title, rows in tables.items()
        }
        report.emit_json(result)
    else:
        for title, rows in tables.items():
            head = [figure.name for figure in next(iter(rows.values()))]
            report.table(title, ["", *head], [[row, *map(str, line)] for row, line in rows.items()])
    return any(not figure.good for rows in tables.values() for line in rows.values() for figure in line)


if __name__ == "__main__":
    main()
