"""Remote bodies of the stages: gRPC clients that look like the real thing."""

from likeness_common.clients.animator import RemoteAnimator
from likeness_common.clients.channel import open_channel
from likeness_common.clients.compositor import RemoteCompositor
from likeness_common.clients.speech import RemoteSpeech

__all__ = ["RemoteAnimator", "RemoteCompositor", "RemoteSpeech", "open_channel"]
