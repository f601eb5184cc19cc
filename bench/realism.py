"""How real the mesh engine's films look, measured in the films: lips, life and likeness, on several portraits.

Scripts and portraits are fixed. Every figure comes from the landmark models run on every decoded picture, against the
phonemes of the voice and against the photo, never from what the engine says of itself. Figures outside their limits
are marked with a !, and then the exit status is 1. `--quick` takes about three minutes on two cores, everything half an
hour.
"""

import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench import report
from bench.meter import figures, flite, shooting, trials, voices
from bench.meter.figures import Figure
from bench.meter.film import Speech
from bench.portraits import PORTRAITS
from likeness_common.media import Framing, VideoFormat

VIDEO = VideoFormat(640, 640)
"""Gives faces of a little over 200 pixels, the size from which on sync has a limit."""

WHOLE = {"off centre": VideoFormat(640, 640), "1080p": VideoFormat(1920, 1080)}
"""Portraits that are shown whole."""

Table = dict[str, list[Figure]]
"""From what was measured to its figures."""

VARIANTS = ("gmw/en-US+f3", "gmw/en-US+m7", "gmw/en-GB-scotland")


@dataclass(frozen=True)
class Plan:
    """What to run; the first portraits say two scripts."""

    portraits: tuple[str, ...]
    stories: int
    offsets_ms: tuple[int, ...]
    voices: int
    minutes: tuple[str, ...]


EVERYTHING = Plan(tuple(PORTRAITS), 4, (-200, -120, -40, 40, 80, 120, 160, 200), 9, ("astronaut", "hopper"))
BRIEFLY = Plan(("astronaut", "hopper", "shaded"), 0, (-120, 40, 200), 1, ())


def shots_of(crew: shooting.Crew, plan: Plan) -> dict[str, list[shooting.Shot]]:
    """Films of every portrait."""
    shots: dict[str, list[shooting.Shot]] = {}
    for index, name in enumerate(plan.portraits):
        framing = Framing.FULL if name in WHOLE else Framing.AUTO
        for script in (voices.SPEECH, voices.STORY) if index < plan.stories else (voices.SPEECH,):
            shot = crew.shoot(PORTRAITS[name](), voices.said(script), WHOLE.get(name, VIDEO), framing)
            shots.setdefault(name, []).append(shot)
            print(f"  {name}: lips that stay open: {', '.join(shot.closure.missed) or 'none'}", file=sys.stderr)
    return shots


def voice_figures(crew: shooting.Crew, count: int) -> dict[str, list[Figure]]:
    """Sync and closure from the sound alone, for several voices on one portrait."""
    said: dict[str, Callable[[], Speech]] = {"espeak": lambda: voices.said(voices.SPEECH)}
    said |= {name: partial(voices.said_by_variant, voices.SPEECH, name) for name in VARIANTS}
    if flite.installed():
        said |= {f"flite {name}": partial(flite.said, voices.SPEECH, name) for name in flite.VOICES}
    portrait = PORTRAITS["hopper"]()
    chosen = list(said.items())[:count]
    return {name: figures.heard(crew.shoot(portrait, speak(), VIDEO, marks=False)) for name, speak in chosen}


def tables_of(crew: shooting.Crew, plan: Plan, worst: Path | None) -> Iterator[tuple[str, Table]]:
    """The tables of a plan with their titles, each as soon as it is measured."""
    shots = shots_of(crew, plan)
    if worst:
        shooting.save_worst(shots, worst)
    yield "Portraits", {name: figures.median([figures.of(shot) for shot in taken]) for name, taken in shots.items()}
    yield "Gaps of vowels", figures.vowels([shot for taken in shots.values() for shot in taken])
    if plan.offsets_ms:
        yield "Injected offsets", trials.offsets(shots["hopper"][0], plan.offsets_ms)
        yield "The meter on bad films", trials.bad_films(shots["hopper"][0])
    if plan.voices:
        yield "From the sound alone", voice_figures(crew, plan.voices)
    if plan.minutes:
        yield "Two minutes", trials.minutes(crew, plan.minutes)


def main() -> None:
    """Measure and print."""
    arguments = report.parser(__doc__ or "")
    arguments.add_argument("--quick", action="store_true", help="three portraits, one script")
    arguments.add_argument("--portraits", nargs="+", choices=tuple(PORTRAITS), help="only these")
    arguments.add_argument("--worst", type=Path, help="folder for the pictures least like their photo")
    options = arguments.parse_args()
    plan = BRIEFLY if options.quick else EVERYTHING
    if options.portraits:
        plan = Plan(tuple(options.portraits), 0, (), 0, ())
    tables: dict[str, Table] = {}
    for title, rows in tables_of(shooting.Crew(), plan, options.worst):
        tables[title] = rows
        if not options.json:
            head = [figure.name for figure in next(iter(rows.values()))]
            report.table(title, ["", *head], [[row, *map(str, line)] for row, line in rows.items()])
    if options.json:
        report.emit_json(_plain(tables))
    good = all(figure.good for rows in tables.values() for line in rows.values() for figure in line)
    sys.exit(0 if good else 1)


def _plain(tables: dict[str, Table]) -> dict[str, Any]:
    """For JSON, which knows no infinity: a limit that is not there is null, and so is what could not be measured."""
    return {
        title: {row: {figure.name: _finite(asdict(figure)) for figure in line} for row, line in rows.items()}
        for title, rows in tables.items()
    }


def _finite(entries: dict[str, Any]) -> dict[str, Any]:
    return {key: value if key == "name" or math.isfinite(value) else None for key, value in entries.items()}


if __name__ == "__main__":
    main()
