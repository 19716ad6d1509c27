"""Whether a conversation's row fulfils a query, as far as the row alone can tell. Pure.

Three answers: yes, no, and None where only the server knows (words of messages, attachments, notes, what the clock
changes). `server.store.filters` says the same in SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from msgspec import UNSET

from server import wire
from server.query import Either, Every, Node, Not, QueryError, Term, parse, terms

_NOBODY: Final = frozenset({"none", "nobody", "nadie", "ninguno"})
_ME: Final = frozenset({"me", "yo", "mine"})
_DEPTH: Final = {"simple": 0, "medium": 1, "complex": 2}
_RANK: Final = {"low": 0, "normal": 1, "high": 2, "urgent": 3}
#: fields and values that become true or false by themselves, as time goes by
_OF_TIME: Final = frozenset({"sla", "wait", "age", "after", "before"})
_FLAGS_OF_TIME: Final = frozenset({"breached", "warned", "due"})

Ask = Callable[[Term, str, wire.ConversationRow, str], bool | None]


def read(text: str) -> Node | None:
    """The tree of a query; None for one that cannot be read."""
    try:
        return parse(text)
    except QueryError:
        return None


def of_time(node: Node) -> bool:
    """Whether rows come and go in this query as time goes by, without anything happening to them."""
    return any(
        term.field in _OF_TIME or (term.field == "is" and not _FLAGS_OF_TIME.isdisjoint(term.values))
        for term in terms(node)
    )


def matches(node: Node, row: wire.ConversationRow, me: str) -> bool | None:
    """Whether `row` fulfils the query of the user `me`; None if the row does not say."""
    match node:
        case Term():
            ask = _ASK.get(node.field)
            return None if ask is None else _any(ask(node, value, row, me) for value in node.values)
        case Not():
            found = matches(node.item, row, me)
            return None if found is None else not found
        case Every():
            return _all(matches(item, row, me) for item in node.items)
        case Either():
            return _any(matches(item, row, me) for item in node.items)


def _any(found: Iterable[bool | None]) -> bool | None:
    answers = list(found)
    return True if True in answers else None if None in answers else False


def _all(found: Iterable[bool | None]) -> bool | None:
    answers = list(found)
    return False if False in answers else None if None in answers else True


# ---------------------------------------------------------------- terms


def _is(term: Term, value: str, row: wire.ConversationRow, me: str) -> bool | None:
    if value == "unread":
        return None if row.seen is UNSET else row.inbound > row.seen
    simple: dict[str, bool] = {
        "assigned": row.assignee is not None,
        "unassigned": row.assignee is None,
        "mine": row.assignee == me,
        "open": row.state != "resolved",
        "waiting": row.state == "waiting",
        "resolved": row.state == "resolved",
        "snoozed": row.state == "snoozed",
        "failed": row.failed,
        "public": row.surface == "comment",
        "flagged": row.flagged_at is not None,
        "transferred": row.transfer is not None,
        "reviewing": row.reviewing > 0,
    }
    if value == "offered":  # to whom, only the server knows
        return None if row.transfer is not None else False
    if value in _FLAGS_OF_TIME and (row.remind_at if value == "due" else row.sla) is None:
        return False
    return simple.get(value)


def _assignee(term: Term, value: str, row: wire.ConversationRow, me: str) -> bool:
    word = value.casefold()
    if word in _NOBODY:
        return row.assignee is None
    return row.assignee == (me if word in _ME else word)


def _team(term: Term, value: str, row: wire.ConversationRow, me: str) -> bool | None:
    if value.casefold() in _NOBODY:
        return row.team is None
    if row.team is None:
        return False
    return True if row.team == value else None  # the server compares without accents


def _channel(term: Term, value: str, row: wire.ConversationRow, me: str) -> bool | None:
    return True if value == row.channel or value.casefold() == row.channel_kind else None  # other names for a kind


def _tag(term: Term, value: str, row: wire.ConversationRow, me: str) -> bool:
    return value.lstrip("#").casefold() in row.tags


def _state(term: Term, value: str, row: wire.ConversationRow, me: str) -> bool:
    return row.state == value


def _stage(term: Term, value: str, row: wire.ConversationRow, me: str) -> bool:
    return row.stage == value


def _complexity(term: Term, value: str, row: wire.ConversationRow, me: str) -> bool:
    return row.complexity != "" and _compares(_DEPTH[row.complexity], term.operator, _DEPTH[value])


def _priority(term: Term, value: str, row: wire.ConversationRow, me: str) -> bool:
    return _compares(_RANK[row.priority], term.operator, _RANK[value])


def _contact(term: Term, value: str, row: wire.ConversationRow, me: str) -> bool:
    return _compares(row.contact, term.operator, int(value))


def _id(term: Term, value: str, row: wire.ConversationRow, me: str) -> bool:
    return _compares(row.id, term.operator, int(value))


def _has(term: Term, value: str, row: wire.ConversationRow, me: str) -> bool | None:
    return bool(row.campaign) if value == "campaign" else None


def _clock(term: Term, value: str, row: wire.ConversationRow, me: str) -> bool | None:
    return False if row.sla is None or row.sla.paused_at is not None else None


def _wait(term: Term, value: str, row: wire.ConversationRow, me: str) -> bool | None:
    return False if row.waiting_since is None else None


def _compares(left: int, operator: str, right: int) -> bool:
    match operator:
        case "<":
            return left < right
        case ">":
            return left > right
        case "<=":
            return left <= right
        case ">=":
            return left >= right
    return left == right


_ASK: Final[dict[str, Ask]] = {
    "is": _is,
    "has": _has,
    "assignee": _assignee,
    "team": _team,
    "channel": _channel,
    "tag": _tag,
    "state": _state,
    "stage": _stage,
    "complexity": _complexity,
    "priority": _priority,
    "contact": _contact,
    "id": _id,
    "sla": _clock,
    "wait": _wait,
}


def narrowed(text: str, conversations: Iterable[int]) -> str:
    """The query `text`, asked of these conversations only."""
    ids = "id:" + ",".join(map(str, conversations))
    if text.count('"') % 2:
        text += '"'  # a mark that is not closed yet closes at the end
    return f"{ids} ({text})" if isinstance(read(text), Either) else f"{ids} {text}"
