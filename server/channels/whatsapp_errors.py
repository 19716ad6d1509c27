"""Meta's error codes in the provider-neutral words of `server.facts.REASONS`, and whether another attempt can help.

Source of the codes: developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes (May 2026),
which says to go by `code` and `details`, never by titles. The same codes come in an API answer (`error`) and in a
`failed` status (`errors[0]`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.channels import meta_errors
from server.channels.base import SendError
from server.channels.meta_errors import detail_of, number
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

#: one message per 6 s to the same person is what 131056 enforces, so waiting less is pointless
PAIR_INTERVAL_MS = 6000


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
    code = number(error.get("code"))
    detail = detail_of(error)
    known = classify(code, detail, number(error.get("error_subcode")))
    return Failure(reason=known[0] if known else "other", code="" if code is None else str(code), detail=detail)


def send_error(response: httpx.Response, *, repeatable: bool = False) -> SendError:
    """What an answer that is not a success means for the message.

    `repeatable`: the request can be made twice without harm (a look-up, an upload), so doubt means try again.
    """
    return meta_errors.send_error(response, classify, repeatable=repeatable, pauses={"pair_rate": PAIR_INTERVAL_MS})
