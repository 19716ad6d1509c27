"""The Bot API's refusals in the provider-neutral words of `server.facts.REASONS`, and whether another attempt can help.

Telegram gives a number (the HTTP status again) and a description, which is the only thing that tells one refusal from
another; there is no list of them. Those here come from the API server's own source (github.com/tdlib/telegram-bot-api)
and from the MTProto errors that it passes on (core.telegram.org/api/errors).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from server.channels.base import Refused, SendError, TryAgain, Uncertain
from server.facts import Failure

if TYPE_CHECKING:
    import httpx

#: (status, part of the description in lower case, reason): the first that fits
DESCRIPTIONS: tuple[tuple[int, str, str], ...] = (
    (403, "blocked by the user", "blocked"),
    (403, "user is deactivated", "undeliverable"),
    (403, "initiate conversation", "undeliverable"),
    (403, "messages to bots", "undeliverable"),
    (403, "", "permission"),
    (401, "", "token"),
    (404, "", "token"),
    (409, "", "conflict"),
    (413, "", "media"),
    (400, "chat not found", "recipient_unknown"),
    (400, "user not found", "recipient_unknown"),
    (400, "peer_id_invalid", "recipient_unknown"),
    (400, "chat_id is empty", "recipient_unknown"),
    (400, "too long", "too_long"),
    (400, "caption_too_long", "too_long"),
    (400, "voice_messages_forbidden", "unsupported"),
    (400, "reaction_invalid", "unsupported"),
    (400, "reaction_empty", "unsupported"),
    (400, "rights", "permission"),
    (400, "_forbidden", "permission"),
    (400, "chat_restricted", "permission"),
    (400, "business_connection", "permission"),
    (400, "business connection", "permission"),
    (400, "file", "media"),
    (400, "photo", "media"),
    (400, "image", "media"),
    (400, "sticker", "media"),
    (400, "video", "media"),
)

#: a picture that Telegram refuses as a photo goes as a document all the same
NO_PHOTO = ("photo_invalid_dimensions", "image_process_failed", "photo_save_file_invalid", "wrong type of the web page")

_DETAIL_LIMIT = 300
#: the longest wait that Telegram may ask for (s)
_LONGEST_WAIT = 3600


class Problem(msgspec.Struct):
    """What an answer that is not a success says. `moved_to`: the group's new id."""

    status: int
    description: str = ""
    retry_after: int | None = None
    moved_to: str = ""


class Moved(Refused):
    """The group is a supergroup now, with the id `to`."""

    def __init__(self, failure: Failure, to: str) -> None:
        super().__init__(failure)
        self.to = to


def answer_of(content: bytes) -> dict[str, Any] | None:
    """The Bot API's answer, or None if somebody else spoke."""
    try:
        answer = msgspec.json.decode(content)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) and isinstance(answer.get("ok"), bool) else None


def problem_of(response: httpx.Response) -> Problem | None:
    """What Telegram said was wrong; None if it was not Telegram who spoke."""
    answer = answer_of(response.content)
    if answer is None or answer["ok"]:
        return None
    code, words = answer.get("error_code"), answer.get("description")
    problem = Problem(code if type(code) is int else response.status_code)
    if isinstance(words, str):
        problem.description = words.replace("\x00", "")[:_DETAIL_LIMIT]
    parameters = answer.get("parameters")
    if isinstance(parameters, dict):
        wait, moved = parameters.get("retry_after"), parameters.get("migrate_to_chat_id")
        problem.retry_after = wait if type(wait) is int else None
        problem.moved_to = str(moved) if type(moved) is int else ""
    return problem


def reason_of(problem: Problem) -> str:
    """One of REASONS."""
    said = problem.description.lower()
    return next((reason for code, part, reason in DESCRIPTIONS if code == problem.status and part in said), "other")


def send_error(response: httpx.Response, *, repeatable: bool) -> SendError:
    """What an answer that is not a success means for the request.

    `repeatable`: it can be made twice without harm (a look-up, a reaction), so doubt means try again.
    """
    problem = problem_of(response)
    if problem is None:
        return _not_telegram(response, repeatable)
    failure = Failure(reason=reason_of(problem), code=str(problem.status), detail=problem.description)
    if problem.status == 429:
        wait = max(1, min(problem.retry_after or 1, _LONGEST_WAIT))
        return TryAgain(msgspec.structs.replace(failure, reason="rate"), wait * 1000)
    if problem.status >= 500:
        # "sent message was immediately deleted" is one of these: it may or may not have left.
        failure = msgspec.structs.replace(failure, reason="provider_down")
        return TryAgain(failure) if repeatable else Uncertain(failure)
    return Moved(failure, problem.moved_to) if problem.moved_to else Refused(failure)


def _not_telegram(response: httpx.Response, repeatable: bool) -> SendError:
    status = response.status_code
    failure = Failure(reason="provider_down", code=str(status), detail=f"HTTP {status} without the Bot API's answer")
    wait = response.headers.get("retry-after", "").strip()
    after = min(int(wait), _LONGEST_WAIT) * 1000 if wait.isascii() and wait.isdigit() and len(wait) < 6 else None
    if status == 429:
        return TryAgain(msgspec.structs.replace(failure, reason="rate"), after)
    if 300 <= status < 400 or repeatable or (status == 503 and after is not None):
        return TryAgain(failure, after)
    if status < 300 or status >= 500:
        return Uncertain(failure)
    reason = {401: "token", 403: "permission", 413: "media"}.get(status, "other")
    return Refused(msgspec.structs.replace(failure, reason=reason))
