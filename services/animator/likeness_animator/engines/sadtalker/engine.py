"""The `sadtalker` engine.

Zhang et al., "SadTalker: Learning Realistic 3D Motion Coefficients for Stylized Audio-Driven Single Image Talking Face
Animation", CVPR 2023, with its official checkpoints. torch is imported when the first film begins, not before.
"""

from collections.abc import Callable, Mapping
from functools import partial
from importlib.util import find_spec
from threading import Lock
from typing import Any, Self

from likeness_animator import framing
from likeness_animator.engine import Engine
from likeness_animator.engines.sadtalker import guide
from likeness_animator.engines.sadtalker.model import Model
from likeness_animator.engines.sadtalker.options import MANIFESTS, Options, SadTalkerSettings
from likeness_animator.engines.sadtalker.paste import Canvas
from likeness_animator.engines.sadtalker.session import SadTalkerSession
from likeness_animator.engines.sadtalker.subject import Subjects
from likeness_animator.engines.sadtalker.track import NO_GUIDE, Guide
from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_animator.runners import Runner
from likeness_animator.runners.bundle import open_bundle, read_manifest
from likeness_common.stages.animator import AnimationOptions, EngineInfo
from likeness_common.weights import WeightStore, load

PACKAGES = ("torch", "safetensors")
LOOKAHEAD_MS = 2200
"""At worst 55 of the networks' frames, which the pose of a chunk's first frame waits for; less within a chunk."""

Graphs = Callable[[], Mapping[str, Runner]]
ReadGuide = Callable[[Model], Guide]


class SadTalkerEngine(Engine):
    """Draws with one set of weights, read when the first film begins. Safe to use from several threads."""

    def __init__(
        self,
        graphs: Graphs,
        settings: SadTalkerSettings | None = None,
        side: int = 0,
        read_guide: ReadGuide = lambda _: NO_GUIDE,
    ) -> None:
        """`graphs` makes the runners of all graphs, by their names; see `Model`.

        `side` is that of the pictures that they draw; 0 is what the settings say. `read_guide` gives what films follow.
        """
        self._settings = settings or SadTalkerSettings()
        self._side = side or self._settings.size
        self._graphs = graphs
        self._read_guide = read_guide
        self._model: Model | None = None
        self._guide: Guide | None = None
        self._loading = Lock()
        self._subjects = Subjects(self._settings.cached_portraits)
        self.info = info(self._settings)

    @classmethod
    def create(cls, weights: WeightStore, settings: Any) -> Self:
        """See Engine; `settings` is a SadTalkerSettings.

        Raises ModuleNotFoundError without the packages of the extra, and FailedPrecondition (ENGINE_UNAVAILABLE) where
        the settings name a bundle of graphs or a video that cannot be read.
        """
        chosen = settings or SadTalkerSettings()
        guide.check(chosen)
        read_guide = partial(guide.read, weights, chosen)
        if chosen.bundle is None:
            _require(PACKAGES)
            return cls(lambda: _from_weights(weights, chosen), chosen, read_guide=read_guide)
        bundle, runner = chosen.bundle, read_manifest(chosen.bundle).format
        return cls(lambda: open_bundle(bundle, runner, chosen.device), chosen, read_guide=read_guide)

    def open(self, portrait: AnalysedPortrait, options: AnimationOptions) -> SadTalkerSession:
        """Start an animation.

        Raises InvalidArgument for sizes, portraits or checkpoints it cannot use, FailedPrecondition
        (ENGINE_UNAVAILABLE) when the weights or the device are missing, or a video to follow cannot be used.
        """
        framing.effective_video(portrait, options.video, options.framing)  # refuses sizes before any work
        chosen = Options.of(self._settings, self._side, options.acting, options.framing)
        model, followed = self._loaded()
        subject = self._subjects.get(model, portrait, chosen)
        canvas = Canvas(portrait, subject.source, options.video, options.framing, subject.rest)
        return SadTalkerSession(model, subject, canvas, options, chosen, followed)

    def _loaded(self) -> tuple[Model, Guide]:
        with self._loading:
            if self._model is None:
                self._model = Model(self._graphs())
            if self._guide is None:
                self._guide = self._read_guide(self._model)
            return self._model, self._guide


def info(settings: SadTalkerSettings) -> EngineInfo:
    """What the engine can do as it is set up."""
    manifest = load(MANIFESTS[settings.size])
    return EngineInfo(
        name="sadtalker",
        description="Draws the head anew with SadTalker's networks; wants a GPU or patience.",
        streaming=not settings.exact,
        needs_marks=False,
        max_side=framing.MAX_SIDE,
        memory_mib=3500 if settings.size == 256 else 5000,
        expected_rtf=settings.expected_rtf or (160.0 if settings.size == 256 else 640.0),
        lookahead_ms=settings.exact_limit_s * 1000 if settings.exact else LOOKAHEAD_MS,
        runners=("torch", "onnxruntime", "coreml"),
        weights=() if settings.bundle else (manifest.name,),
        code_licence="Apache-2.0",
        weight_licences=(manifest.licence,),
        fixed_size=True,
    )


def _from_weights(weights: WeightStore, settings: SadTalkerSettings) -> Mapping[str, Runner]:
    from likeness_animator.engines.sadtalker import loading  # noqa: PLC0415 - imports torch, which takes seconds

    manifest = load(MANIFESTS[settings.size])
    files = {file.name: weights.path(manifest, file.name) for file in manifest.files}
    return loading.runners(loading.read(files), settings.device, settings.precision)


def _require(packages: tuple[str, ...]) -> None:
    """Raises ModuleNotFoundError for a package that is not installed, without importing any."""
    for package in packages:
        if find_spec(package) is None:
            raise ModuleNotFoundError(f"No module named {package!r}", name=package)
