"""What an answer of Meta's Graph API that is not a success means for a message; shared by all channels of Meta's.

Which codes mean what differs by product: each brings its own `classify`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from server.channels.base import Refused, SendError, TryAgain, Uncertain
from server.facts import Failure

if TYPE_CHECKING:
    import httpx

#: a reason (`server.facts.REASONS`), and whether another attempt may work; None: nobody knows whether this one did
Verdict: TypeAlias = tuple[str, bool | None]

#: (code, Meta's words, subcode) -> what that means; None if the code says nothing by itself
Classify: TypeAlias = Callable[[int | None, str, int | None], Verdict | None]

_DETAIL_LIMIT = 500


def number(value: object) -> int | None:
    """A code, as a number or as digits."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and len(value) <= 12 and value.isascii() and value.isdigit():
        return int(value)
    return None


def detail_of(error: dict[str, Any]) -> str:
    """The most telling of Meta's own words: `error_data.details`, else `details`, `error_user_msg`, `message`,
    `title`."""
    data = error.get("error_data")
    nested = data.get("details") if isinstance(data, dict) else None
    for words in (nested, *(error.get(key) for key in ("details", "error_user_msg", "message", "title"))):
        if isinstance(words, str) and words.strip():
            return words.replace("\x00", "").strip()[:_DETAIL_LIMIT]
    return ""


def answer_in(response: httpx.Response) -> dict[str, Any] | None:
    """The object in an answer's body, or None if it holds none."""
    try:
        answer = msgspec.json.decode(response.content)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def retry_after_ms(response: httpx.Response) -> int | None:
    """The answer's Retry-After in ms (seconds, or a date read against the answer's own Date); at most one hour."""
    value = response.headers.get("retry-after", "").strip()
    if not value:
        return None
    if value.isascii() and value.isdigit() and len(value) <= 9:
        seconds = float(value)
    else:
        try:
            until = parsedate_to_datetime(value)
            since = parsedate_to_datetime(response.headers.get("date", ""))
            seconds = (until - since).total_seconds()
        except (TypeError, ValueError, IndexError):
            return None
    return int(min(max(seconds, 0.0), 3600.0) * 1000)


def send_error(
    response: httpx.Response, classify: Classify, *, repeatable: bool = False, pauses: Mapping[str, int] | None = None
) -> SendError:
    """What an answer that is not a success means.

    `repeatable`: the request can be made twice without harm (a look-up, an upload), so doubt means try again.
    `pauses`: reason -> ms to wait where the answer names no time.
    """
    status = response.status_code
    answer = answer_in(response)
    error = answer.get("error") if answer is not None else None
    after = retry_after_ms(response)
    if status in (502, 504) and not repeatable:
        # A gateway gave up waiting; what stands behind it may well have sent the message.
        return Uncertain(Failure(reason="provider_down", code=str(status), detail=f"HTTP {status}"))
    if isinstance(error, dict):
        return _from_graph(status, error, after, classify, repeatable, pauses or {})
    if status < 300:
        return not_understood(status, repeatable, after)
    return _from_status(status, after, repeatable)


def not_understood(status: int, repeatable: bool, after: int | None = None) -> SendError:
    """A success that does not say what it should."""
    known = Failure(reason="provider_down", code=str(status), detail=f"HTTP {status}, answer not understood")
    return TryAgain(known, after) if repeatable else Uncertain(known)


def _from_graph(
    status: int,
    error: dict[str, Any],
    after: int | None,
    classify: Classify,
    repeatable: bool,
    pauses: Mapping[str, int],
) -> SendError:
    code, subcode, detail = number(error.get("code")), number(error.get("error_subcode")), detail_of(error)
    known = classify(code, detail, subcode)
    if known is None:
        transient = status >= 500 or status == 429 or error.get("is_transient") is True
        reason = "rate" if status == 429 else "provider_down" if transient else "other"
        reason = "token" if status == 401 else reason
        known = (reason, transient)
    failure = Failure(reason=known[0], code="" if code is None else str(code), detail=detail)
    if known[1] is False:
        return Refused(failure)
    if known[1] is None and not repeatable:
        return Uncertain(failure)
    return TryAgain(failure, pauses.get(failure.reason) if after is None else after)


def _from_status(status: int, after: int | None, repeatable: bool) -> SendError:
    """An answer without a Graph error: something on the way spoke, not Meta."""
    detail = f"HTTP {status} without a Graph error"
    if status == 429:
        return TryAgain(Failure(reason="rate", code="429", detail=detail), after)
    if status >= 500:
        failure = Failure(reason="provider_down", code=str(status), detail=detail)
        # A Retry-After says that the request was turned away at the door.
        if repeatable or (status == 503 and after is not None):
            return TryAgain(failure, after)
        return Uncertain(failure)
    if status < 400:  # a redirect: a wrong graph_url, or a captive network; nothing was sent
        return TryAgain(Failure(reason="provider_down", code=str(status), detail=detail), after)
    reason = {401: "token", 403: "permission", 413: "media"}.get(status, "other")
    return Refused(Failure(reason=reason, code=str(status), detail=detail))
