"""Where spans go besides the gateway's own store."""

from collections.abc import Mapping


def otlp_endpoints(environ: Mapping[str, str]) -> list[str]:
    """Collectors, host:port, from OTEL_EXPORTER_OTLP_ENDPOINT, which holds a URL."""
    url = environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "").strip()
    address = url.rpartition("://")[2].partition("/")[0]
    return [address] if address else []
