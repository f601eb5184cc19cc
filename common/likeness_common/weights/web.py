"""One file over HTTP, from any byte on: TLS, redirects, and the proxies that the environment names."""

import http.client
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO
from urllib.parse import urlsplit

from likeness_common.errors import FailedPrecondition, LikenessError, Reason, Unavailable

CHUNK_BYTES = 256 * 1024
_LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}
_PASSING = {408, 425, 429, 500, 502, 503, 504}
_RANGE_NOT_SATISFIABLE = 416


class Interrupted(Exception):
    """The network or the server failed in a way that may pass; the text says how."""


@dataclass(frozen=True, slots=True)
class Body:
    """What a server sends: a file of `size` bytes (None: it does not say) from byte `start` on.

    `start` is 0 when the server cannot begin elsewhere.
    """

    start: int
    size: int | None
    stream: http.client.HTTPResponse

    def chunks(self) -> Iterator[bytes]:
        """The bytes as they come. Raises Interrupted when nothing comes any more; the end may come early."""
        while True:
            try:
                chunk = self.stream.read1(CHUNK_BYTES)
            except (OSError, http.client.HTTPException) as error:
                raise Interrupted(_described(error)) from error
            if not chunk:
                return
            yield chunk


@contextmanager
def opened(url: str, start: int, timeout_s: float) -> Iterator[Body]:
    """Ask for `url` from byte `start` on.

    Raises Interrupted for what may pass, Unavailable for what will not, FailedPrecondition for an address that is not
    safe. `timeout_s` is the longest silence.
    """
    _check(url)
    headers = {"User-Agent": "likeness", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    try:
        request = urllib.request.Request(url, headers=headers)  # noqa: S310  # _check lets https and this machine pass
        stream = _opener().open(request, timeout=timeout_s)
    except urllib.error.HTTPError as error:
        error.close()
        if start and error.code == _RANGE_NOT_SATISFIABLE:
            with opened(url, 0, timeout_s) as body:
                yield body
            return
        raise _refusal(url, error.code) from error
    except (OSError, http.client.HTTPException) as error:
        if untrusted := _untrusted(url, error):
            raise untrusted from error
        raise Interrupted(_described(error)) from error
    with stream:
        yield _body(stream, start)


def _body(stream: http.client.HTTPResponse, asked: int) -> Body:
    length = stream.headers.get("Content-Length")
    begins = f"bytes {asked}-"
    # A server may ignore the range, or answer another one than was asked for: then all of it has to come again.
    start = asked if stream.status == http.client.PARTIAL_CONTENT else 0
    if start and not stream.headers.get("Content-Range", "").startswith(begins):
        raise Interrupted(f"the server sent another part than the one from byte {asked} on")
    return Body(start, start + int(length) if length is not None else None, stream)


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        _check(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    """One that knows the proxies which the environment names now."""
    return urllib.request.build_opener(_SafeRedirects)


def _check(url: str) -> None:
    """Weights are code in effect: they travel over TLS, or not beyond this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL_HOSTS):
        return
    raise FailedPrecondition(
        Reason.ENGINE_UNAVAILABLE,
        f"{parts.scheme}://{parts.netloc} is not https, and weights are fetched over nothing else; correct the source "
        "in the manifest, or leave the network that redirects to it.",
    )


def _refusal(url: str, status: int) -> LikenessError | Interrupted:
    if status in _PASSING:
        return Interrupted(f"the server answered {status}")
    name = http.client.responses.get(status, "")
    return Unavailable(
        Reason.ENGINE_UNAVAILABLE,
        f"{url} answered {status} {name}. If a proxy is not the cause, the file is no longer there: get a newer "
        "Likeness, or copy the file's folder from a machine that has it.",
    )


def _untrusted(url: str, error: Exception) -> LikenessError | None:
    reason = getattr(error, "reason", error)
    if not isinstance(reason, ssl.SSLCertVerificationError):
        return None
    return FailedPrecondition(
        Reason.SERVICE_UNREACHABLE,
        f"The certificate of {urlsplit(url).hostname} is not trusted here ({reason.verify_message}). Install the "
        "system's certificates, or set SSL_CERT_FILE to those of your network, and pull again.",
    )


def _described(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    if isinstance(reason, TimeoutError):
        return "nothing came for a long time"
    return str(reason) or type(reason).__name__
