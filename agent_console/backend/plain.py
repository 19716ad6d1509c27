"""The first few reads of a console, without httpx: it takes a third of the whole start to import, this a tenth of that.

Only for GET, and only until httpx is there. Each call has its own connection; proxies are left to httpx.
"""

from __future__ import annotations

import http.client
import os
import ssl
from collections.abc import Mapping
from urllib.parse import SplitResult, urlencode, urlsplit

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


class Failed(Exception):
    """No answer. `why`: connect, timeout, lost or tls."""

    def __init__(self, why: str, detail: str) -> None:
        super().__init__(detail)
        self.why = why


def will_do(server: str, loopback: bool) -> bool:
    """Whether the server can be asked this way."""
    try:
        parts = urlsplit(server)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return usable and (loopback or not any(os.environ.get(name) or os.environ.get(name.lower()) for name in _PROXIES))


def get(
    server: str,
    path: str,
    params: Mapping[str, str],
    headers: Mapping[str, str],
    *,
    connect: float,
    answer: float,
) -> tuple[int, Mapping[str, str], bytes]:
    """(status, headers by their names in small letters, body). Times in seconds. Raises Failed. Blocks."""
    parts = urlsplit(server)
    line = _connection(parts, connect)
    target = f"{parts.path.rstrip('/')}{path}{'?' + urlencode(params) if params else ''}"
    try:
        try:
            line.connect()
        except TimeoutError as error:
            raise Failed("timeout", str(error)) from error
        except ssl.SSLError as error:
            raise Failed("tls", str(error)) from error
        except OSError as error:
            raise Failed("connect", str(error)) from error
        line.sock.settimeout(answer)
        try:
            line.request("GET", target, headers=dict(headers))
            response = line.getresponse()
            body = response.read()
        except TimeoutError as error:
            raise Failed("timeout", str(error)) from error
        except (OSError, http.client.HTTPException) as error:
            raise Failed("lost", str(error)) from error
        return response.status, {name.lower(): value for name, value in response.getheaders()}, body
    finally:
        line.close()


def _connection(parts: SplitResult, timeout: float) -> http.client.HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme == "https":
        return http.client.HTTPSConnection(host, parts.port, timeout=timeout, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, parts.port, timeout=timeout)
