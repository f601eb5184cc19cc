"""What can be chosen about films by SadTalker: by whoever runs the service, and by whoever asks for a film."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from likeness_animator.engines.sadtalker.source import Preparation
from likeness_common.media import Acting, Framing

STYLES = 46
"""Ways of moving the head that the pose network has learned."""
MANIFESTS = {256: "sadtalker", 512: "sadtalker-512"}
"""Weights by the side of the pictures that they draw."""
LEAST_EXPRESSION = 0.6
"""Of the expression at intensity 0: lips follow the speech at any intensity."""


class SadTalkerSettings(BaseModel):
    """What holds for all films of a service."""

    model_config = ConfigDict(frozen=True)

    size: Annotated[Literal[256, 512], BeforeValidator(int)] = Field(
        256, description="Side in pixels of what the networks draw; 512 takes four times as long."
    )
    whole_photo: bool = Field(
        default=False, description="For AUTO framing, draw all of the photo squeezed into a square instead of the head."
    )
    expression_scale: float = Field(1.0, ge=0.5, le=3, description="Strength of the expression, lips included.")
    pose_style: int = Field(0, ge=0, lt=STYLES, description="Which of the learned ways the head moves in.")
    still: bool = Field(default=False, description="Keep the head as it is in the photo.")
    pose_video: Path | None = Field(
        None, description="Video of at most 60 s; how the head moves in it is added, over and over."
    )
    expression_video: Path | None = Field(
        None, description="Video of at most 60 s; speech moves the lips of its expressions and blinks, over and over."
    )
    exact: bool = Field(
        default=False,
        description="Draw only once all speech is there, with the blinks that the reference implementation draws.",
    )
    exact_limit_s: int = Field(60, ge=1, le=600, description="Longest speech with `exact`, in seconds.")
    bundle: Path | None = Field(
        None,
        description="Folder that `likeness export sadtalker` wrote, to run its graphs; none runs the weights in torch.",
    )
    device: str = Field(
        "",
        description="cpu, cuda or mps; for a bundle of ONNX cpu, cuda or coreml, of Core ML all, cpu, gpu or ane. "
        "Empty: an NVIDIA GPU if torch has one, else what the runner takes by itself.",
    )
    precision: Literal["float32", "float16", "bfloat16"] = Field(
        "float32",
        description="Of the networks that see pictures, run in torch; less than float32 pays on a GPU. A bundle has "
        "that of its export.",
    )
    expected_rtf: float = Field(
        0.0,
        ge=0,
        description="Seconds of compute per second of video here, with which the gateway plans; 0 states what two "
        "cores of a laptop take.",
    )
    cached_portraits: int = Field(
        4, ge=1, le=64, description="Portraits kept ready, 8 MB each at a size of 256 and 32 MB at 512."
    )

    @field_validator("pose_video")
    @classmethod
    def _check_still(cls, path: Path | None, others: ValidationInfo) -> Path | None:
        if path and others.data.get("still"):
            raise ValueError("still keeps the head as it is: leave out one of both")
        return path

    @model_validator(mode="after")
    def _bundles_have_their_precision(self) -> Self:
        if self.bundle is not None and self.precision != "float32":
            raise ValueError(
                "precision is for weights run in torch, and a bundle has that of its export: leave one of the two out"
            )
        return self


@dataclass(frozen=True, slots=True)
class Options:
    """What holds for one film.

    `motion_scale` weighs how far the head moves from where it is in the photo; 1 is as the networks have learned.
    """

    size: int
    preparation: Preparation
    expression_scale: float = 1.0
    motion_scale: float = 1.0
    style: int = 0
    still: bool = False
    exact_limit_s: int = 0
    """Longest speech that is waited for before the first frame; 0 draws along with the speech."""

    @classmethod
    def of(cls, settings: SadTalkerSettings, size: int, acting: Acting, framing: Framing) -> Self:
        """As the service is set up, with networks that draw `size`, and as the film is asked for."""
        auto = Preparation.RESIZE if settings.whole_photo else Preparation.CROP
        return cls(
            size=size,
            preparation=Preparation.FULL if framing is Framing.FULL else auto,
            expression_scale=settings.expression_scale * (LEAST_EXPRESSION + (1 - LEAST_EXPRESSION) * acting.intensity),
            motion_scale=acting.intensity,
            style=settings.pose_style,
            still=settings.still,
            exact_limit_s=settings.exact_limit_s if settings.exact else 0,
        )

    @property
    def crop_told(self) -> bool:
        """Whether the mapping network is the one that is told where the head was cut."""
        return self.preparation is Preparation.FULL
