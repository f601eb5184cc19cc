"""One render: speech, animation and composition run side by side and pass their output on."""

from likeness_gateway.pipeline.meter import Meter
from likeness_gateway.pipeline.run import Pipeline, Sink, Stages

__all__ = ["Meter", "Pipeline", "Sink", "Stages"]
