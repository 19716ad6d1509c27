"""Errors as RFC 9457 problem documents: a stable `code` with `params`, never a stack trace."""

from __future__ import annotations

import errno
import http
import logging
import secrets
from collections.abc import Mapping

import msgspec
from starlette.exceptions import HTTPException

from server import wire
from server.commands.door import Refusal, Unavailable

log = logging.getLogger(__name__)

Headers = list[tuple[bytes, bytes]]

#: seconds after which a client may try again when the store cannot write
RETRY_AFTER = 5

_CODES = {
    400: "invalid",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "timeout",
    413: "too_large",
    429: "rate_limited",
    503: "unavailable",
}


#: what the system says when there is no space, or nothing can be written, for now
_NO_SPACE = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
)


class BodyTooLarge(Exception):
    """The request's body is over its cap of `limit` bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} bytes")
        self.limit = limit


class BodyTooSlow(Exception):
    """The request's body did not arrive in time."""


class Invalid(Exception):
    """The request makes no sense; the text says what (for programmers, in English)."""


def problem_of(error: BaseException) -> tuple[wire.Problem, Headers]:
    """The problem document that tells of `error`, and the headers that go with it. Unexpected ones are logged."""
    headers: Headers = []
    match error:
        case Refusal():
            problem = wire.Problem(status=error.status, code=error.code, params=dict(error.params))
        case msgspec.ValidationError() | Invalid():
            problem = wire.Problem(status=422, code="invalid", detail=str(error), params={"detail": str(error)})
        case msgspec.DecodeError() | UnicodeDecodeError() | RecursionError():
            problem = wire.Problem(status=400, code="invalid", detail=str(error), params={"detail": str(error)})
        case OverflowError():  # a number in a cursor or an id that no store can hold
            problem = wire.Problem(status=422, code="invalid", detail="number out of range")
        case BodyTooLarge():
            problem = wire.Problem(status=413, code="too_large", params={"limit": error.limit})
        case BodyTooSlow():
            problem = wire.Problem(status=408, code="timeout")
        case Unavailable():
            problem = wire.Problem(status=503, code="unavailable")
        case OSError() if error.errno in _NO_SPACE:
            log.error("a file could not be written: %s", error)
            problem = wire.Problem(status=503, code="unavailable")
        case HTTPException():
            problem = wire.Problem(status=error.status_code, code=_CODES.get(error.status_code, "invalid"))
            headers += _encoded(error.headers or {})
        case _:
            id = secrets.token_hex(6)
            log.error("request failed, id %s", id, exc_info=error)
            problem = wire.Problem(status=500, code="internal", params={"id": id})
    problem.title = _phrase(problem.status)
    if problem.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if problem.status in (429, 503):
        headers.append((b"retry-after", str(problem.params.get("retry_after", RETRY_AFTER)).encode()))
    return problem, headers


def _encoded(headers: Mapping[str, str]) -> Headers:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


def _phrase(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return ""
