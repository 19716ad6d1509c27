"""What became of a message of unknown fate, judged by what the account wrote lately. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from server.channels.base import Outgoing, Sent, Uncertain
from server.channels.foreign import TEXT_LIMIT, identifier, items, string
from server.channels.meta_entry import who
from server.facts import Failure

#: newest messages that are looked at
LOOKED_AT = 25
#: how far two clocks may differ (ms)
_BEFORE_MS = 300_000


class Written(NamedTuple):
    """Something that stands in a conversation or below a post. `at`: UTC ms, None if Meta does not say; `own`: the
    account wrote it; `files`: it carries some."""

    id: str
    text: str
    at: int | None
    own: bool
    files: bool = False


def choose(message: Outgoing, found: list[Written], *, public: bool) -> Sent | None:
    """The one that is this message; `public`: everybody can read it. None if it certainly is not there; Uncertain if
    that cannot be said: the account wrote something that nobody here knows of, or more than was looked at."""
    since, known = message.at - _BEFORE_MS, set(message.references)
    recent = [each for each in found if each.at is None or each.at >= since]
    fresh = [each for each in recent if each.own and each.id and each.id not in known]
    same = [each for each in fresh if (each.text.strip(), each.files) == (message.text.strip(), bool(message.files))]
    if same:
        found_id = min(same, key=lambda each: each.at or 0).id
        return Sent(external_id=found_id, status="delivered" if public else "sent")
    if fresh or (len(found) >= LOOKED_AT and len(recent) == len(found)):
        raise Uncertain(Failure(reason="other", detail="not among what was written lately, as far as that tells"))
    return None


def in_conversations(answer: dict[str, Any], account: str) -> list[Written]:
    """Of `/{account}/conversations?fields=messages{…}`."""
    return [
        Written(
            id=identifier(each.get("id")),
            text=string(each.get("message"), TEXT_LIMIT),
            at=_moment(each.get("created_time")),
            own=who(each.get("from")) == account,
            files=bool(each.get("attachments")),
        )
        for conversation in items(answer.get("data"))
        for each in items(_data(conversation.get("messages")))
    ]


def in_public(answer: dict[str, Any], account: str, text: str, time: str) -> list[Written]:
    """Of a list of answers below a public message. `text`, `time`: what these fields are called there."""
    return [
        Written(
            id=identifier(each.get("id")),
            text=string(each.get(text), TEXT_LIMIT),
            at=_moment(each.get(time)),
            own=who(each.get("from")) == account,
            files=bool(each.get("attachment")),
        )
        for each in items(answer.get("data"))
    ]


def _data(holder: object) -> object:
    return holder.get("data") if isinstance(holder, dict) else None


def _moment(value: object) -> int | None:
    """A time as Graph writes it (2026-11-22T07:00:00+0000), as UTC ms."""
    try:
        found = datetime.fromisoformat(string(value, 40))
    except ValueError:
        return None
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1000)
