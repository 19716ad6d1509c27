"""The protocol of the service: what each stage asks for, topics, and how conversations end."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from server.wire.base import Complexity, Model, Priority, Stage

__all__ = [
    "ChangeStage",
    "ChangeTopic",
    "CheckItem",
    "Checklist",
    "Classify",
    "Ending",
    "NewTopic",
    "OutcomeKind",
    "Protocol",
    "ProtocolContent",
    "ProtocolItem",
    "ProtocolKind",
    "SetOutcome",
    "Tick",
    "Topic",
    "TopicContent",
    "TopicFound",
    "TopicList",
    "TopicTest",
    "TryTopics",
]

ProtocolKind = Literal["greeting", "identity", "topic", "complexity", "outcome", "satisfaction", "promise", "own"]
Amount = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


class ProtocolItem(Model, kw_only=True):
    """One thing that a stage asks for. `id` names it among the team's items.

    `kind`: greeting (the first answer, `within_ms` if that is not 0), identity (checked), topic and complexity (set),
    outcome (noted), satisfaction (confirmed), promise (noted), or own, which is what `title` says. `required`:
    resolving without it asks once; the others are wished for.
    """

    id: str
    stage: Stage
    kind: ProtocolKind
    title: str = ""
    required: bool = True
    within_ms: Annotated[int, msgspec.Meta(ge=0)] = 0


class OutcomeKind(Model, kw_only=True):
    """One way in which a team's conversations end, and what else it asks for: an amount (a sale), a reason (lost)."""

    name: str
    asks: Literal["", "amount", "reason"] = ""


class ProtocolContent(Model, kw_only=True):
    """What a team's protocol says. `outcomes`: how its conversations may end; without any it is not asked."""

    items: list[ProtocolItem] = []
    outcomes: list[OutcomeKind] = []


class Protocol(Model, kw_only=True):
    """A team's protocol."""

    team: str
    items: list[ProtocolItem] = []
    outcomes: list[OutcomeKind] = []
    updated_at: int = 0


class CheckItem(Model, kw_only=True):
    """How a conversation stands with one item. `by`, `at`: who ticked it and when; a fact fills it without anybody.

    `late`: it was done, but not in the time asked for. `can_tick`: whether it is for people to tick.
    """

    id: str
    stage: Stage
    kind: ProtocolKind
    title: str = ""
    required: bool = True
    within_ms: int = 0
    done: bool = False
    late: bool = False
    can_tick: bool = True
    by: str = ""
    at: int | None = None


class Ending(Model, kw_only=True):
    """How a conversation ends, or ended. `amount` in cents of `currency`; `reason` why it was lost."""

    outcome: str = ""
    amount: int | None = None
    currency: str = ""
    reason: str = ""


class Checklist(Model, kw_only=True):
    """What the protocol of a conversation's team asks for, stage by stage, and what is done of it."""

    conversation: int
    stage: Stage
    items: list[CheckItem] = []
    outcomes: list[OutcomeKind] = []
    ending: Ending = msgspec.field(default_factory=Ending)


class Tick(Model, kw_only=True):
    """Tick an item, or take the tick away (`on` false)."""

    item: str
    on: bool = True


class ChangeStage(Model, kw_only=True):
    """Put a conversation into a stage by hand."""

    stage: Stage


class SetOutcome(Model, kw_only=True):
    """Note how a conversation ends, before it is resolved; an empty `outcome` takes that away again."""

    outcome: str = ""
    amount: Amount | None = None
    currency: str = ""
    reason: str = ""


class Classify(Model, kw_only=True):
    """What a conversation is about (a topic's name, "" for none), how hard and urgent it is; what is absent stays."""

    topic: str | UnsetType = UNSET
    complexity: Complexity | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET


class TopicContent(Model, kw_only=True):
    """What is said of a topic: `es` and `en` are its keywords in both languages, words or phrases; `bloquead*` stands
    for every word that begins so. `complexity` and `priority` are given to a conversation with it, unless a person says
    otherwise. `key`: its letter in the console, if it has one of its own."""

    es: list[str] = []
    en: list[str] = []
    complexity: Complexity = ""
    priority: Priority = "normal"
    key: str = ""


class NewTopic(TopicContent, kw_only=True):
    """A topic. `name` is a path: `banca en línea/acceso`. `team`: who usually sees to it."""

    name: str
    team: str | None = None


class ChangeTopic(Model, kw_only=True):
    """Parts of a topic to change. Its name stays: conversations are called by it."""

    es: list[str] | UnsetType = UNSET
    en: list[str] | UnsetType = UNSET
    complexity: Complexity | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    key: str | UnsetType = UNSET
    team: str | UnsetType | None = UNSET


class Topic(NewTopic, kw_only=True):
    """A topic as it is kept. `uses`: how often a person chose it."""

    id: int
    uses: int = 0
    updated_at: int = 0


class TopicList(Model, kw_only=True):
    """Topics to keep: new ones are added, known ones become as they are here; `prune`: all others go."""

    topics: list[NewTopic]
    prune: bool = False


class TryTopics(Model, kw_only=True):
    text: str


class TopicFound(Model, kw_only=True):
    """A topic that a text is about: the keyword that decided, and how many of its keywords are in it."""

    topic: str
    keyword: str
    found: int


class TopicTest(Model, kw_only=True):
    """What the rule makes of a text: the topics it finds, best first, and what it would set."""

    found: list[TopicFound] = []
    topic: str = ""
    complexity: Complexity = ""
    priority: Priority = "normal"
    team: str | None = None
