"""What is run as one piece: named arrays in, named arrays out. Runners execute these graphs, exports convert them.

The source graphs run once for a portrait, the motion graphs for every frame at little cost, the frame graph draws.
"""

from torch import Tensor, nn

from likeness_animator.engines.sadtalker import motion
from likeness_animator.engines.sadtalker.networks.expression import Audio2Exp
from likeness_animator.engines.sadtalker.networks.generator import Generator
from likeness_animator.engines.sadtalker.networks.keypoints import KeypointDetector
from likeness_animator.engines.sadtalker.networks.mapping import MappingNet
from likeness_animator.engines.sadtalker.networks.pose import Audio2Pose


class SourceGraph(nn.Module):
    """`photo` (1, 3, S, S) to `features` (1, 32, 16, S / 4, S / 4) and canonical `keypoints` (1, 15, 3)."""

    def __init__(self, generator: Generator, detector: KeypointDetector) -> None:
        super().__init__()
        self.generator, self.detector = generator, detector

    def forward(self, photo: Tensor) -> tuple[Tensor, Tensor]:
        """See the class."""
        return self.generator.encode(photo), self.detector(photo)


class SpeechGraph(nn.Module):
    """What the speech around a frame means for it.

    `mel` (N, 1, 80, 16), the portrait's own expression `reference` (N, 64) and closed lids `blink` (N, 1) to
    `expression` (N, 64) and, for the head's pose, what was `heard` (N, 6).
    """

    def __init__(self, expression: Audio2Exp, pose: Audio2Pose) -> None:
        super().__init__()
        self.expression, self.pose = expression, pose

    def forward(self, mel: Tensor, reference: Tensor, blink: Tensor) -> tuple[Tensor, Tensor]:
        """See the class."""
        return self.expression(mel, reference, blink), self.pose.hear(mel)


class PoseGraph(nn.Module):
    """How the head moves in 32 frames.

    What was `heard` (N, 32, 6), the portrait's pose `reference` (N, 6), chance `latent` (N, 64) and a `style` (N) of 0
    to 45 to the head's `motion` (N, 32, 6), which adds to the reference.
    """

    def __init__(self, pose: Audio2Pose) -> None:
        super().__init__()
        self.decoder = pose.decoder

    def forward(self, heard: Tensor, reference: Tensor, latent: Tensor, style: Tensor) -> Tensor:
        """See the class."""
        out: Tensor = self.decoder(heard, reference, latent, style)
        return out


class KeypointGraph(nn.Module):
    """`window` (N, C, 27) of coefficients and `canonical` keypoints (N, 15, 3) to a frame's `keypoints` (N, 15, 3)."""

    def __init__(self, mapping: MappingNet) -> None:
        super().__init__()
        self.mapping = mapping

    def forward(self, window: Tensor, canonical: Tensor) -> Tensor:
        """See the class."""
        return motion.keypoints(canonical, self.mapping(window))


class FrameGraph(nn.Module):
    """What a frame looks like.

    `features` of the portrait, its keypoints `source` and those of the frame, `driving` (N, 15, 3), to `picture`
    (N, 3, S, S), 0 to 1.
    """

    def __init__(self, generator: nn.Module) -> None:
        super().__init__()
        self.generator = generator

    def forward(self, features: Tensor, source: Tensor, driving: Tensor) -> Tensor:
        """See the class."""
        count = driving.shape[0]
        out: Tensor = self.generator(features.expand(count, *features.shape[1:]), source.expand(count, -1, -1), driving)
        return out
