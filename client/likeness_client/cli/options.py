"""Options that several commands share, and the render specification they add up to."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from likeness_client.cli import values
from likeness_client.model import Consent, ConsentKind, Output, RenderSpec, Tier
from likeness_client.portraits import read_portrait
from likeness_client.recordings import read_recording
from likeness_common.errors import InvalidArgument, Reason
from likeness_common.media import Acting, Container, Expression, Framing
from likeness_common.stages.speech import MAX_SCRIPT_CHARACTERS, Recording, Script

Gateway = Annotated[
    str | None,
    typer.Option(
        metavar="HOST:PORT",
        envvar="LIKENESS_GATEWAY",
        parser=values.gateway_address,
        help="Server to use; without one, everything runs in this process.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines instead of a table.")]
RenderName = Annotated[
    str,
    typer.Argument(metavar="RENDER", parser=values.render_name, help="Name of the render: renders/<id>, or the id."),
]

DEFAULT_PORT = 50051
_SQUARE = values.Size(512, 512)
_SPEECH, _PICTURE, _LIMITS = "What is said", "What is shown", "Limits and terms"


@dataclass(frozen=True)
class SpecOptions:
    """The options that make up a RenderSpec."""

    text: Annotated[
        str | None, typer.Argument(metavar="TEXT", help="What to say; `-` reads it from standard input.")
    ] = None
    script_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Read what to say from a text file.", rich_help_panel=_SPEECH)
    ] = None
    audio: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Speak a recording instead of a text.", rich_help_panel=_SPEECH),
    ] = None
    voice: Annotated[str, typer.Option(help="See `likeness voices`.", rich_help_panel=_SPEECH)] = "espeak"
    language: Annotated[str, typer.Option(help="Such as en-us or de.", rich_help_panel=_SPEECH)] = "en-us"
    rate: Annotated[float, typer.Option(help="Speed, 0.5 to 2; 1 is the voice's own.", rich_help_panel=_SPEECH)] = 1.0
    pitch: Annotated[float, typer.Option(help="Semitones above or below, -12 to 12.", rich_help_panel=_SPEECH)] = 0.0
    pause: Annotated[
        int, typer.Option(metavar="MS", help="Silence after each sentence, 0 to 5000 ms.", rich_help_panel=_SPEECH)
    ] = 250
    portrait: Annotated[
        str | None,
        typer.Option("--portrait", "-p", metavar="PHOTO", help="A JPEG, PNG or WebP file.", rich_help_panel=_PICTURE),
    ] = None
    size: Annotated[
        values.Size,
        typer.Option(metavar="WxH", parser=values.size, help="Even numbers, 64 to 1920.", rich_help_panel=_PICTURE),
    ] = _SQUARE
    fps: Annotated[int, typer.Option(help="Frames per second, 10 to 60.", rich_help_panel=_PICTURE)] = 25
    framing: Annotated[
        Framing,
        typer.Option(help="Head and shoulders, or the whole picture.", rich_help_panel=_PICTURE),
    ] = Framing.AUTO
    expression: Annotated[
        Expression, typer.Option(help="What the face shows beside its speech.", rich_help_panel=_PICTURE)
    ] = Expression.NEUTRAL
    intensity: Annotated[
        float,
        typer.Option(
            metavar="0..2", help="Strength of expression, brows and head; 0 only speaks.", rich_help_panel=_PICTURE
        ),
    ] = 1.0
    eye_contact: Annotated[
        bool,
        typer.Option("--eye-contact", help="The eyes stay on the viewer as the head moves.", rich_help_panel=_PICTURE),
    ] = False
    container: Annotated[
        Container | None,
        typer.Option(
            help="fmp4 streams while it renders; mp4 and webm are sent when done. Taken from the file's ending.",
            rich_help_panel=_PICTURE,
        ),
    ] = None
    crf: Annotated[int, typer.Option(help="Picture quality, 10 (best) to 40.", rich_help_panel=_PICTURE)] = 23
    tier: Annotated[Tier, typer.Option(help="See `likeness tiers`.", rich_help_panel=_PICTURE)] = Tier.AUTO
    min_tier: Annotated[Tier | None, typer.Option(help="Lowest tier to fall back to.", rich_help_panel=_LIMITS)] = None
    max_cost: Annotated[
        int | None,
        typer.Option(
            metavar="USD", parser=values.cost_micros, help="Never spend more, such as 0.25.", rich_help_panel=_LIMITS
        ),
    ] = None
    deadline: Annotated[
        float | None,
        typer.Option(
            metavar="TIME",
            parser=values.duration_s,
            help="Give up after this, such as 90s or 5m.",
            rich_help_panel=_LIMITS,
        ),
    ] = None
    commercial: Annotated[
        bool,
        typer.Option(
            "--commercial", help="Leave out what its licence forbids for commercial use.", rich_help_panel=_LIMITS
        ),
    ] = False
    consent: Annotated[
        str | None,
        typer.Option(
            metavar="self|WHERE",
            help="Who lets this portrait speak: `self`, or where the person's permission is recorded.",
            rich_help_panel=_LIMITS,
        ),
    ] = None
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same video.", rich_help_panel=_LIMITS)] = 0


def speech_from(options: SpecOptions) -> Script | Recording:
    """What to say. Raises BadParameter unless it is given exactly once, InvalidArgument for a file that is bad."""
    given = [value for value in (options.text, options.script_file, options.audio) if value is not None]
    if len(given) != 1:
        raise typer.BadParameter(
            f"say {'what' if not given else 'only once what'} to say: TEXT in quotes, `-` for standard input, "
            "--script-file FILE or --audio FILE"
        )
    if options.audio is not None:
        _check_no_voice(options)
        return read_recording(options.audio)
    text = _script_text(options)
    return Script(text, options.language, options.voice, options.rate, options.pitch, options.pause)


def _check_no_voice(options: SpecOptions) -> None:
    """Raise BadParameter when a recording comes with options that only a voice can follow."""
    own = SpecOptions()
    for name in ("voice", "language", "rate", "pitch", "pause"):
        if getattr(options, name) != getattr(own, name):
            raise typer.BadParameter(
                "a recording is played as it is; leave this out, or give a text in place of --audio",
                param_hint=f"--{name}",
            )


def _script_text(options: SpecOptions) -> str:
    if options.script_file is not None:
        return _decoded(options.script_file.read_bytes(), str(options.script_file))
    if options.text == "-":
        return _decoded(sys.stdin.buffer.read(), "standard input")
    return options.text or ""


def require_portrait(options: SpecOptions) -> None:
    """Raise BadParameter when no photo is named."""
    if options.portrait is None:
        message = "name the photo that will speak, as in --portrait photo.jpg"
        raise typer.BadParameter(message, param_hint="--portrait")


def spec_from(options: SpecOptions, container: Container) -> RenderSpec:
    """The specification that `options` describe; reads its files. Raises as speech_from does, also for the portrait."""
    speech = speech_from(options)
    image, portrait_id = _portrait(options.portrait)
    return RenderSpec(
        speech=speech,
        portrait_image=image,
        portrait_id=portrait_id,
        output=Output(container, options.size.width, options.size.height, options.fps, options.framing, options.crf),
        tier=options.tier,
        min_tier=options.min_tier,
        max_cost_micros=options.max_cost,
        finish_within_s=options.deadline,
        commercial_use=options.commercial,
        seed=options.seed,
        consent=_consent(options.consent),
        acting=Acting(options.expression, options.intensity, options.eye_contact),
    )


def container_for(options: SpecOptions, output: str) -> Container:
    """The container asked for, or else the one that the output's name stands for. Raises BadParameter for neither."""
    if options.container is not None:
        return options.container
    if output == "-":
        return Container.FRAGMENTED_MP4
    match Path(output).suffix.lower():
        case ".mp4" | ".m4v":
            return Container.FASTSTART_MP4
        case ".webm":
            return Container.WEBM
    raise typer.BadParameter(
        f"{output!r} does not end in .mp4 or .webm; end it so, or say --container fmp4, mp4 or webm",
        param_hint="--output",
    )


def _decoded(data: bytes, source: str) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidArgument(
            Reason.SCRIPT_INVALID_CHARACTER, f"{source} is not UTF-8 text (byte {error.start})", field="text"
        ) from error
    if len(text) > MAX_SCRIPT_CHARACTERS:
        raise InvalidArgument(
            Reason.SCRIPT_TOO_LONG,
            f"the script has {len(text)} characters; shorten it to {MAX_SCRIPT_CHARACTERS}, or split it",
            field="text",
        )
    return text


def _portrait(portrait: str | None) -> tuple[bytes, str]:
    """Bytes of the photo, or the id of an uploaded one."""
    if portrait is None:
        return b"", ""
    if re.fullmatch(r"[0-9a-f]{64}", portrait) and not Path(portrait).exists():
        return b"", portrait
    return read_portrait(Path(portrait)), ""


def _consent(value: str | None) -> Consent | None:
    if value is None:
        return None
    return Consent(ConsentKind.SELF) if value == "self" else Consent(ConsentKind.AUTHORISED, value)
