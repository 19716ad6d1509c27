"""Meta's error codes in the provider-neutral words of `server.facts.REASONS`, and whether another attempt can help.

Source of the codes: developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes (May 2026),
which says to go by `code` and `details`, never by titles. The same codes come in an API answer (`error`) and in a
`failed` status (`errors[0]`).
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import msgspec

from server.channels.base import Refused, SendError, TryAgain, Uncertain
from server.facts import Failure

if TYPE_CHECKING:
    import httpx

_AGAIN = True
_NEVER = False

#: code -> (reason, may another attempt work). Codes not here: by the HTTP status, see `send_error`.
CODES: dict[int, tuple[str, bool]] = {
    0: ("token", _NEVER),
    2: ("provider_down", _AGAIN),
    3: ("permission", _NEVER),
    4: ("rate", _AGAIN),
    10: ("permission", _NEVER),
    33: ("permission", _NEVER),
    104: ("token", _NEVER),
    190: ("token", _NEVER),
    368: ("policy", _NEVER),
    470: ("window_closed", _NEVER),
    80007: ("rate", _AGAIN),
    130429: ("rate", _AGAIN),
    130472: ("experiment", _NEVER),
    130497: ("policy", _NEVER),
    131000: ("provider_down", _AGAIN),
    131005: ("permission", _NEVER),
    131008: ("other", _NEVER),
    131009: ("other", _NEVER),
    131016: ("provider_down", _AGAIN),
    131021: ("recipient_unknown", _NEVER),
    131026: ("undeliverable", _NEVER),
    131030: ("recipient_unknown", _NEVER),
    131031: ("permission", _NEVER),
    131037: ("permission", _NEVER),
    131042: ("permission", _NEVER),
    131045: ("permission", _NEVER),
    131047: ("window_closed", _NEVER),
    131048: ("policy", _NEVER),
    131049: ("policy", _NEVER),
    131050: ("opted_out", _NEVER),
    131051: ("unsupported", _NEVER),
    131052: ("media", _NEVER),
    131053: ("media", _NEVER),
    131056: ("pair_rate", _AGAIN),
    131057: ("provider_down", _AGAIN),
    133004: ("provider_down", _AGAIN),
    133016: ("rate", _AGAIN),
    135000: ("other", _NEVER),
}

#: whole families: the first range that holds the code
RANGES: tuple[tuple[int, int, str, bool], ...] = (
    (200, 299, "permission", _NEVER),
    (132000, 132999, "template", _NEVER),
    (133000, 133999, "permission", _NEVER),
)

_DETAIL_LIMIT = 500

#: one message per 6 s to the same person is what 131056 enforces, so waiting less is pointless
PAIR_INTERVAL_MS = 6000


def _number(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and len(value) <= 12 and value.isascii() and value.isdigit():
        return int(value)
    return None


def _detail(error: dict[str, Any]) -> str:
    """The most telling of Meta's own words: `error_data.details`, else `details`, `message`, `title`."""
    data = error.get("error_data")
    nested = data.get("details") if isinstance(data, dict) else None
    for words in (nested, error.get("details"), error.get("message"), error.get("title")):
        if isinstance(words, str) and words.strip():
            return words.replace("\x00", "").strip()[:_DETAIL_LIMIT]
    return ""


def classify(code: int | None, detail: str, subcode: int | None = None) -> tuple[str, bool] | None:
    """Reason and whether to try again for a code of Meta's; None if the code says nothing by itself."""
    if code is None:
        return None
    if code == 100:
        words = detail.lower()
        if subcode == 33:  # "object does not exist, or missing permissions"
            return "permission", _NEVER
        if "at most" in words and "character" in words:
            return "too_long", _NEVER
        if "media attachment" in words:
            return "media", _NEVER
        return "other", _NEVER
    if code in CODES:
        return CODES[code]
    for low, high, reason, again in RANGES:
        if low <= code <= high:
            return reason, again
    return None


def failure_of(error: object) -> Failure:
    """The failure in one element of a status's (or message's) `errors`; total."""
    if not isinstance(error, dict):
        return Failure(reason="other")
    code = _number(error.get("code"))
    detail = _detail(error)
    known = classify(code, detail, _number(error.get("error_subcode")))
    return Failure(reason=known[0] if known else "other", code="" if code is None else str(code), detail=detail)


def error_in(body: bytes) -> dict[str, Any] | None:
    """The `error` object of a Graph answer, or None if the body is not one."""
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    error = answer.get("error") if isinstance(answer, dict) else None
    return error if isinstance(error, dict) else None


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


def send_error(response: httpx.Response, *, repeatable: bool = False) -> SendError:
    """What an answer that is not a success means for the message.

    `repeatable`: the request can be made twice without harm (a look-up, an upload), so doubt means try again.
    """
    status = response.status_code
    error = error_in(response.content)
    after = retry_after_ms(response)
    if status in (502, 504) and not repeatable:
        # A gateway gave up waiting; what stands behind it may well have sent the message.
        return Uncertain(Failure(reason="provider_down", code=str(status), detail=f"HTTP {status}"))
    if error is not None:
        return _from_graph(status, error, after)
    if status < 300:
        known = Failure(reason="provider_down", code=str(status), detail=f"HTTP {status}, answer not understood")
        return TryAgain(known, after) if repeatable else Uncertain(known)
    return _from_status(status, after, repeatable)


def _from_graph(status: int, error: dict[str, Any], after: int | None) -> SendError:
    code = _number(error.get("code"))
    detail = _detail(error)
    known = classify(code, detail, _number(error.get("error_subcode")))
    if known is None:
        transient = status >= 500 or status == 429 or error.get("is_transient") is True
        reason = "rate" if status == 429 else "provider_down" if transient else "other"
        reason = "token" if status == 401 else reason
        known = (reason, transient)
    failure = Failure(reason=known[0], code="" if code is None else str(code), detail=detail)
    if not known[1]:
        return Refused(failure)
    if failure.reason == "pair_rate" and after is None:
        after = PAIR_INTERVAL_MS
    return TryAgain(failure, after)


def _from_status(status: int, after: int | None, repeatable: bool) -> SendError:
    """An answer without a Graph error: something on the way spoke, not WhatsApp."""
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
