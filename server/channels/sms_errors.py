"""Twilio's error codes in the provider-neutral words of `server.facts.REASONS`, and whether another attempt can help.

Source of each code: twilio.com/docs/api/errors/CODE. The same codes come in an API answer (`code`) and in a report
that a message failed (`ErrorCode`). Twilio makes new codes out of old ones now and then (changelog of 2024-07-10), so
that an unknown code is judged by the HTTP status alone.
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import msgspec

from server.channels.base import Refused, SendError, TryAgain, Uncertain
from server.channels.foreign import scalar, string
from server.facts import Failure

if TYPE_CHECKING:
    import httpx

#: code → reason a message was not sent or not delivered. `permission` and `token` are about the account: any other
#: message would meet the same. What is about one recipient (their country, a trial account's list) is not.
CODES: dict[int, str] = {
    11200: "media",  # our file could not be fetched
    12300: "media",  # of a type that is not sent
    20003: "token",
    20005: "permission",  # account not active
    20404: "permission",  # no such account
    20429: "rate",
    20500: "provider_down",
    20503: "provider_down",
    21211: "recipient_unknown",
    21212: "permission",  # no number to send from
    21217: "recipient_unknown",
    21219: "undeliverable",  # trial account, unverified number
    21265: "recipient_unknown",  # a short code
    21266: "recipient_unknown",  # our own number
    21408: "undeliverable",  # country not enabled
    21601: "permission",
    21602: "other",  # no text
    21603: "permission",  # no sender
    21604: "recipient_unknown",
    21605: "too_long",
    21606: "permission",
    21607: "undeliverable",
    21608: "undeliverable",  # trial account, unverified number
    21609: "other",  # StatusCallback is no address: public_url
    21610: "opted_out",
    21611: "rate",  # the number's queue is full
    21612: "undeliverable",  # this sender does not reach this number
    21614: "undeliverable",  # not a mobile number
    21617: "too_long",
    21619: "other",  # neither text nor file
    21620: "media",
    21623: "media",
    21635: "undeliverable",  # a landline
    21659: "permission",
    21660: "permission",
    21661: "permission",
    21701: "permission",
    21703: "permission",  # the messaging service has no senders
    30001: "rate",
    30002: "permission",  # account suspended
    30003: "undeliverable",  # switched off or out of reach
    30004: "blocked",
    30005: "recipient_unknown",
    30006: "undeliverable",  # landline, or a carrier that is not reached
    30007: "policy",  # filtered
    30008: "other",  # the carrier does not say why
    30009: "other",
    30010: "undeliverable",  # dearer than the limit set
    30011: "media",  # no MMS there
    30017: "provider_down",  # the carrier's network is congested
    30019: "media",  # too large for the carrier
    30022: "rate",
    30023: "rate",
    30024: "permission",
    30027: "rate",
    30032: "permission",  # toll-free number not verified
    30033: "permission",
    30034: "permission",  # number not registered (US A2P 10DLC)
    30035: "permission",
    30036: "undeliverable",  # waited too long
    30038: "policy",
    30039: "policy",
    30410: "provider_down",
    30453: "undeliverable",
    63003: "undeliverable",
    63016: "window_closed",  # WhatsApp by way of Twilio
    63018: "rate",
    63024: "undeliverable",
    63032: "undeliverable",
    63049: "policy",
}

#: codes of an API answer after which another attempt may work; the request was turned away
AGAIN = frozenset({20429, 21611, 63018})
#: codes of an API answer that do not tell whether the message was taken
DOUBTFUL = frozenset({20500, 20503})

_DETAIL_LIMIT = 500


def failure_of(code: object, detail: object) -> Failure:
    """The failure a report tells of; total. Without a code: other."""
    number = scalar(code, 16)
    reason = CODES.get(int(number), "other") if number.isascii() and number.isdigit() else "other"
    return Failure(reason=reason, code="" if number == "0" else number, detail=string(detail, _DETAIL_LIMIT))


def answer_of(response: httpx.Response) -> dict[str, Any] | None:
    """The object in an answer; None if it is none."""
    try:
        answer = msgspec.json.decode(response.content)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def retry_after_ms(response: httpx.Response) -> int | None:
    """The answer's Retry-After in ms (seconds, or a date read against the answer's own Date); at most one hour."""
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit() and len(value) <= 9:
        seconds = float(value)
    else:
        try:
            until = parsedate_to_datetime(value)
            seconds = (until - parsedate_to_datetime(response.headers.get("date", ""))).total_seconds()
        except (TypeError, ValueError, IndexError):
            return None
    return int(min(max(seconds, 0.0), 3600.0) * 1000)


def send_error(response: httpx.Response, *, repeatable: bool = False) -> SendError:
    """What an answer that is not a success means for the message.

    `repeatable`: the request can be made twice without harm (a look-up), so doubt means try again.
    """
    status, after = response.status_code, retry_after_ms(response)
    answer = answer_of(response) or {}
    number = scalar(answer.get("code"), 16)
    code = int(number) if number.isascii() and number.isdigit() else 0
    detail = string(answer.get("message"), _DETAIL_LIMIT) or f"HTTP {status}"
    turned_away = code in AGAIN or status == 429 or (status == 503 and after is not None)
    if status < 300 or status >= 500 or code in DOUBTFUL or turned_away:
        reason = CODES.get(code, "rate" if status == 429 else "provider_down")
        failure = Failure(reason=reason, code=number or str(status), detail=detail)
        if turned_away or repeatable:
            return TryAgain(failure, after)
        # It may well have been taken, whoever says so: the list of messages tells.
        return Uncertain(failure)
    if status < 400:  # a redirect: a wrong api_url, or a captive network; nothing was sent
        return TryAgain(Failure(reason="provider_down", code=str(status), detail=detail), after)
    by_status = {401: "token", 403: "permission", 404: "permission"}.get(status, "other")
    return Refused(Failure(reason=CODES.get(code, by_status), code=number or str(status), detail=detail))
