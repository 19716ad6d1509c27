"""Automation: what happens by itself when something happens, and how often it did."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec
from msgspec import UNSET, UnsetType

from server.wire.base import Model

__all__ = [
    "RULE_ACTS",
    "ChangeRule",
    "NewRule",
    "Rule",
    "RuleAct",
    "RuleDay",
    "RuleMatch",
    "RuleStats",
    "RuleTrial",
    "TryRule",
]

Do = Literal[
    "tag",
    "untag",
    "assign",
    "team",
    "priority",
    "topic",
    "complexity",
    "reply",
    "note",
    "webhook",
    "snooze",
    "remind",
    "resolve",
]
RULE_ACTS: tuple[str, ...] = get_args(Do)


class RuleAct(Model, kw_only=True):
    """One thing that a rule does. `value`: the tag; the user's name, or `none` (back to the queue); the team; the
    priority; the topic; the complexity; the reply template; the note's text; the event webhook; a length of time
    (snooze: `2h`; remind: `1d call her`); the outcome (resolve)."""

    do: Do
    value: str = ""


class NewRule(Model, kw_only=True):
    """When one of `on` happens, and the conversation is as `condition` (the inbox's query language) says: `then`.

    `on`: names of `server.desk.automation.EVENTS`, or `waits>2h` (the customer has waited so long for an answer) and
    `silent>3d` (we have waited so long for the customer). `place`: rules go in its order, ties by name; `stop`: once
    this one has fired, no later one looks at the same event. `chained`: what other rules do can start it too.
    `per_hour`: how often it fires in one conversation within an hour at most.
    """

    name: str
    title: str = ""
    on: list[str]
    condition: str = ""
    then: list[RuleAct]
    place: int = 100
    active: bool = False
    stop: bool = False
    chained: bool = False
    per_hour: int = 5


class Rule(NewRule, kw_only=True):
    """A rule as it is kept. `fired`, `refused` (it could not do what it should), `limited` (too often, too deep): since
    it was made; `last_at`: when it last fired."""

    fired: int = 0
    refused: int = 0
    limited: int = 0
    last_at: int | None = None
    created_at: int = 0
    updated_at: int = 0


class ChangeRule(Model, kw_only=True):
    """What is given is changed; lists as a whole."""

    title: str | UnsetType = UNSET
    on: list[str] | UnsetType = UNSET
    condition: str | UnsetType = UNSET
    then: list[RuleAct] | UnsetType = UNSET
    place: int | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    stop: bool | UnsetType = UNSET
    chained: bool | UnsetType = UNSET
    per_hour: int | UnsetType = UNSET


class RuleDay(Model, kw_only=True):
    """One day of a rule; `day` is YYYY-MM-DD in the organisation's time zone."""

    day: str
    fired: int = 0
    refused: int = 0
    limited: int = 0


class RuleStats(Model, kw_only=True):
    """How often a rule did what, newest day first."""

    rule: str
    days: list[RuleDay] = []
    fired: int = 0
    refused: int = 0
    limited: int = 0
    last_at: int | None = None


class TryRule(Model, kw_only=True):
    """Which rule to try on the past `days`: one that is kept, by `name`, or `rule` as it is here."""

    name: str | None = None
    rule: NewRule | None = None
    days: int = 7


class RuleMatch(Model, kw_only=True):
    """One moment at which a rule would have fired: because of event `seq` (`on`)."""

    seq: int
    at: int
    on: str
    conversation: int
    contact_name: str = ""
    preview: str = ""


class RuleTrial(Model, kw_only=True):
    """What a rule would have done since `since` (UTC ms), had it been switched on: it would have fired `fired` times,
    in `conversations` of them, and been held back `limited` times for firing too often. `looked`: events it could have
    been started by. Conditions are asked of the conversations as they are now, not as they were then. Nothing was
    changed. `whole`: false if there was more in that time than one trial looks at; then `until` (UTC ms) is how
    far it got. `sample`: some of the moments, newest first.
    """

    since: int
    until: int | None = None
    looked: int = 0
    fired: int = 0
    limited: int = 0
    conversations: int = 0
    whole: bool = True
    sample: list[RuleMatch] = msgspec.field(default_factory=list)
