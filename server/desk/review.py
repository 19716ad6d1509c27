"""Which answers wait for a reviewer. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from server.wire import ReviewRule, ReviewWhy

_DAY = 24 * 3_600_000
#: how long a review may take, at least and at most (ms)
SHORTEST, LONGEST = 60_000, 7 * _DAY


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer as far as that matters. `since`: when its author was made a user (UTC ms)."""

    author: str
    role: str
    since: int
    channel: str
    channel_kind: str
    public: bool
    now: int


class Held(msgspec.Struct, frozen=True):
    """It waits because of that team's rule, and why."""

    team: int
    why: ReviewWhy


def held(rules: Mapping[int, ReviewRule], team: int | None, own: Iterable[int], answer: Answer) -> Held | None:
    """Whether an answer waits for a reviewer. `team`: the conversation's; `own`: its author's, in order.

    What is about the author goes by any of their teams; what is about the answer by the conversation's team only, or,
    where it has none, by the author's.
    """
    if not rules or answer.role != "advisor":
        return None
    mine = [id for id in own if id != team]
    for id in ([team] if team is not None else []) + mine:
        rule = rules.get(id)
        if rule is None or answer.author in rule.reviewers:
            continue
        why = _author(rule, answer) or (_answer(rule, answer) if team is None or id == team else None)
        if why is not None:
            return Held(id, why)
    return None


def _author(rule: ReviewRule, answer: Answer) -> ReviewWhy | None:
    for each in rule.people:
        over = (each.until is not None and answer.now >= each.until) or (each.left is not None and each.left <= 0)
        if each.user == answer.author and not over:
            return "person"
    return "new" if answer.now - answer.since < rule.new_days * _DAY else None


def _answer(rule: ReviewRule, answer: Answer) -> ReviewWhy | None:
    if rule.public and answer.public:
        return "public"
    if answer.channel in rule.channels or answer.channel_kind in rule.channels:
        return "channel"
    return "everybody" if rule.everybody else None


def passed(rule: ReviewRule, author: str) -> tuple[ReviewRule, bool]:
    """The rule once an answer of `author` was sent as they wrote it, and whether theirs need no review any more."""
    people = [
        msgspec.structs.replace(each, left=each.left - 1) if each.user == author and each.left is not None else each
        for each in rule.people
    ]
    trusted = any(each.user == author and each.left == 0 for each in people)
    return msgspec.structs.replace(rule, people=[each for each in people if each.left != 0]), trusted
