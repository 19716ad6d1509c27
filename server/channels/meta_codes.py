"""Error codes of Messenger and Instagram in the provider-neutral words of `server.facts.REASONS`.

A subcode says more than its code. Sources: developers.facebook.com/docs/messenger-platform/error-codes (March 2026,
with 1893063 from its changelog of June), …/docs/graph-api/guides/error-handling; subcodes from 2534000 on are
Instagram's and are known from what its users report.
"""

from __future__ import annotations

from server.channels.meta_errors import Verdict

_AGAIN = True
_NEVER = False
_UNSURE = None

#: subcode -> (reason, may another attempt work; None: nobody knows whether it was sent)
SUBCODES: dict[int, Verdict] = {
    33: ("other", _NEVER),  # the object does not exist (any more), or this token may not see it
    99: ("permission", _NEVER),
    1357046: ("provider_down", _UNSURE),  # the message is sent although the answer is an error
    1545041: ("undeliverable", _NEVER),
    1545133: ("provider_down", _AGAIN),
    1893063: ("policy", _NEVER),
    2018001: ("recipient_unknown", _NEVER),
    2018008: ("media", _NEVER),
    2018028: ("permission", _NEVER),
    2018047: ("media", _NEVER),
    2018065: ("window_closed", _NEVER),
    2018074: ("media", _NEVER),
    2018108: ("blocked", _NEVER),
    2018109: ("media", _NEVER),
    2018278: ("window_closed", _NEVER),
    2018300: ("other", _NEVER),  # another application has the conversation: no fault of the account's
    2534001: ("undeliverable", _NEVER),
    2534013: ("policy", _NEVER),
    2534014: ("recipient_unknown", _NEVER),
    2534022: ("window_closed", _NEVER),
    2534025: ("private_used", _NEVER),
}

#: code -> the same, where the subcode says nothing
CODES: dict[int, Verdict] = {
    0: ("token", _NEVER),
    1: ("provider_down", _UNSURE),
    2: ("provider_down", _AGAIN),
    3: ("permission", _NEVER),
    4: ("rate", _AGAIN),
    9: ("rate", _AGAIN),
    10: ("permission", _NEVER),
    17: ("rate", _AGAIN),
    32: ("rate", _AGAIN),
    102: ("token", _NEVER),
    104: ("token", _NEVER),
    190: ("token", _NEVER),
    341: ("rate", _AGAIN),
    368: ("policy", _NEVER),
    551: ("undeliverable", _NEVER),
    613: ("rate", _AGAIN),
    1200: ("provider_down", _AGAIN),
    10900: ("private_used", _NEVER),
    10901: ("private_used", _NEVER),
    10902: ("private_used", _NEVER),
    10903: ("private_used", _NEVER),
    80001: ("rate", _AGAIN),
    80002: ("rate", _AGAIN),
    80006: ("rate", _AGAIN),
}

_TOO_LONG = ("must be less than or equal to", "at most", "too long", "exceeds the limit")


def classify(code: int | None, detail: str, subcode: int | None = None) -> Verdict | None:
    """Reason and whether to try again for a code of Meta's; None if the code says nothing by itself."""
    if subcode in SUBCODES:
        return SUBCODES[subcode]
    if code is None:
        return None
    if code == 100:
        words = detail.lower()
        if any(sign in words for sign in _TOO_LONG) and ("length" in words or "character" in words):
            return "too_long", _NEVER
        return "other", _NEVER
    if code in CODES:
        return CODES[code]
    if 200 <= code <= 299:
        return "permission", _NEVER
    return None
