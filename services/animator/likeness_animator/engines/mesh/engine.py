"""The `mesh` engine."""

from collections import OrderedDict
from threading import Lock

from likeness_animator import framing
from likeness_animator.engine import Engine
from likeness_animator.engines.mesh import acting
from likeness_animator.engines.mesh.puppet import Puppet
from likeness_animator.engines.mesh.session import MeshSession
from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_common.errors import InvalidArgument, Reason
from likeness_common.media import Framing, VideoFormat
from likeness_common.stages.animator import AnimationOptions, EngineInfo

CACHED_PUPPETS = 8

MESH_INFO = EngineInfo(
    name="mesh",
    description="Warps the photo with smooth fields and draws the inside of the mouth; real time on any CPU.",
    streaming=True,
    needs_marks=False,
    max_side=framing.MAX_SIDE,
    memory_mib=64,
    expected_rtf=0.15,
    lookahead_ms=acting.LOOKAHEAD_MS,
    runners=("numpy", "onnxruntime"),
    weights=(),
    code_licence="Apache-2.0",
    weight_licences=(),
)

_Key = tuple[str, Framing, int, int]


class MeshEngine(Engine):
    """Animates portraits without weights. Safe to use from several threads, one thread per session."""

    info = MESH_INFO

    def __init__(self, cached_puppets: int = CACHED_PUPPETS) -> None:
        self._capacity = cached_puppets
        self._puppets: OrderedDict[_Key, Puppet] = OrderedDict()
        self._lock = Lock()

    def open(self, portrait: AnalysedPortrait, options: AnimationOptions) -> MeshSession:
        """Start an animation. Raises InvalidArgument for sizes, frame rates or checkpoints it cannot use."""
        if not 10 <= options.video.fps <= 60:
            raise InvalidArgument(
                Reason.FIELD_OUT_OF_RANGE,
                f"video.fps is {options.video.fps}: choose 10 to 60",
                field="video.fps",
            )
        video = framing.effective_video(portrait, options.video, options.framing)
        return MeshSession(self._puppet(portrait, video, options.framing), video, options)

    def _puppet(self, portrait: AnalysedPortrait, video: VideoFormat, mode: Framing) -> Puppet:
        key = (portrait.info.id, mode, video.width, video.height)
        with self._lock:
            if key in self._puppets:
                self._puppets.move_to_end(key)
                return self._puppets[key]
        puppet = Puppet(portrait, video, mode)
        with self._lock:
            self._puppets[key] = puppet
            while len(self._puppets) > self._capacity:
                self._puppets.popitem(last=False)
        return puppet
