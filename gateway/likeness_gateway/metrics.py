"""Prometheus metrics of the gateway."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from likeness_gateway.model import RenderRecord

_FIRST_SEGMENT_BUCKETS = (0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0, 1.5, 2.0, 4.0, 8.0, 30.0)
_RTF_BUCKETS = (0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0, 10.0, 50.0)


class Metrics:
    """Counts renders in `registry`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._renders = Counter(
            "likeness_renders_total", "Renders that have ended.", ["tier", "state", "reason"], registry=registry
        )
        self._first_segment = Histogram(
            "likeness_first_segment_seconds",
            "Time from the request to the first media segment.",
            ["tier"],
            buckets=_FIRST_SEGMENT_BUCKETS,
            registry=registry,
        )
        self._rtf = Histogram(
            "likeness_render_rtf",
            "Seconds of rendering per second of video.",
            ["tier"],
            buckets=_RTF_BUCKETS,
            registry=registry,
        )
        self._active = Gauge("likeness_renders_running", "Renders that have a slot.", registry=registry)
        self._queued = Gauge("likeness_renders_queued", "Renders that wait for a slot.", registry=registry)

    def watch(self, running: Callable[[], float], queued: Callable[[], float]) -> None:
        """Read the two gauges from where the numbers are."""
        self._active.set_function(running)
        self._queued.set_function(queued)

    def ended(self, record: RenderRecord) -> None:
        """Count a render that has ended."""
        tier = record.plan.tier.name.lower()
        reason = record.failure.reason.value if record.failure else ""
        self._renders.labels(tier, record.state.value, reason).inc()
        if record.receipt is not None and record.receipt.video_us:
            self._first_segment.labels(tier).observe(record.receipt.first_segment_us / 1e6)
            self._rtf.labels(tier).observe(record.receipt.work_us / record.receipt.video_us)
