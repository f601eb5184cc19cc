"""A web server on this machine that can be slow, cut connections, and redirect."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Site:
    """What the server holds and how it behaves. `asked` lists the Range of each request, or an empty string."""

    files: dict[str, bytes] = field(default_factory=dict)
    ranges: bool = True
    cuts: list[int] = field(default_factory=list)
    """The connection of the n-th answer ends after so many bytes; later ones are whole."""

    statuses: list[int] = field(default_factory=list)
    """What the first answers are in place of the file."""

    redirects: dict[str, str] = field(default_factory=dict)
    says_length: bool = True
    shift: int = 0
    """By so many bytes the parts that are sent begin later than asked for."""

    before_body: Callable[[], object] = lambda: None
    asked: list[str] = field(default_factory=list)
    base: str = ""


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    """Serve `site` under `site.base` until the end."""
    server = _Server(("127.0.0.1", 0), _handler(site))
    site.base = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients may hang up; nothing else may go wrong."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # whatever the base class got


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        served = site

    return Handler


class _Handler(BaseHTTPRequestHandler):
    served: Site

    def do_GET(self) -> None:
        site, name = self.served, self.path.lstrip("/")
        wanted = self.headers.get("Range", "")
        site.asked.append(wanted)
        if site.statuses:
            self.send_error(site.statuses.pop(0))
        elif name in site.redirects:
            self.send_response(302)
            self.send_header("Location", site.redirects[name])
            self.end_headers()
        elif name in site.files:
            self._send(site.files[name], wanted)
        else:
            self.send_error(404)

    def _send(self, data: bytes, wanted: str) -> None:
        site = self.served
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and site.ranges else 0
        if start >= len(data):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        if start:
            start += site.shift
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        if site.says_length:
            self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        length = site.cuts.pop(0) if site.cuts else len(data)
        site.before_body()
        self.wfile.write(data[start : start + length])
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""
