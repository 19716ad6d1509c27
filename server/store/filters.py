"""From the tree of a query (`server.query`) to a condition on conversations, called `c`.

Every condition looks at one conversation and what hangs on it by an index, so that it costs the same whatever the size
of the store; which conversations are asked is up to `store.lists`. Foreign text is only ever a parameter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from server.desk.inbox import RESOLVED_FROM
from server.desk.naming import NOBODY
from server.desk.words import says
from server.query import Either, Every, Node, Not, Term
from server.store import whispers
from server.store.words import Sought, begun, plain, seek

#: an id above all others, and one that stands for having gone through them all
LAST, NONE = 2**63 - 1, 2**63 - 2
#: what people call kinds of channels
_KINDS = {
    "wa": "whatsapp",
    "fb": "messenger",
    "facebook": "messenger",
    "ig": "instagram",
    "tg": "telegram",
    "sm": "sms",
    "em": "email",
    "correo": "email",
    "mail": "email",
    "wc": "webchat",
    "chat": "webchat",
    "wh": "webhook",
}
_ME = frozenset({"me", "yo", "mine"})
_PRIORITIES = "CASE c.priority WHEN 'low' THEN 0 WHEN 'normal' THEN 1 WHEN 'high' THEN 2 ELSE 3 END"
_COMPLEXITIES = "CASE c.complexity WHEN 'simple' THEN 0 WHEN 'medium' THEN 1 ELSE 2 END"
_DEPTH = {"simple": 0, "medium": 1, "complex": 2}
_RANK = {"low": 0, "normal": 1, "high": 2, "urgent": 3}


def addresses_in(text: str) -> list[str]:
    """What a text may be as somebody's address: itself, and its digits (of a telephone number)."""
    digits = "".join(letter for letter in text if letter.isdigit())
    return list(dict.fromkeys(each for each in (text.strip(), digits) if each)) or [""]


@dataclass(slots=True)
class Context:
    """Who asks, and when. `day_start(YYYY-MM-DD | today | yesterday)`: the UTC ms at which that day begins for the
    organisation. `supervises`: who asks may read every whisper. `spoken`: words are looked for in this text (from
    `desk.words.spoken`) and the customer's name, not in all the conversation's messages."""

    me: int
    now: int
    day_start: Callable[[str], int]
    supervises: bool = False
    spoken: str | None = None


@dataclass(slots=True)
class Where:
    """A condition as SQL, and its parameters. `along`: what holds of all that fulfil it and an index of the inbox's
    lists is ordered by, so that whatever does not fulfil that much is never looked at."""

    sql: str
    params: dict[str, Any] = field(default_factory=dict)
    along: str = "1 = 1"


def where(node: Node, context: Context, words: Words | None = None) -> Where:
    """The condition that a tree asks for, and that these words are said besides."""
    builder = _Builder(context)
    items = [f"({builder.node(node)})"]
    if words is not None:
        items.append(f"({builder.words(words)})")
    every = node.items if isinstance(node, Every) else (node,)
    along = " AND ".join(filter(None, map(builder.along, every)))
    return Where(" AND ".join(items), builder.params, along or "1 = 1")


class Part(NamedTuple):
    """What a search by frequent words goes through at once: the newest messages and contacts with lower ids than these
    (`NONE`: none of them), down to others (0: as many as a part has)."""

    message: int = LAST
    contact: int = LAST
    message_from: int = 0
    contact_from: int = 0


#: the first one
NEWEST = Part()


def since(part: Part, words: Words, context: Context) -> Where:
    """The condition that words are said in what came after a part of the history."""
    builder = _Builder(context, "since")
    return Where(builder.words(words, part), builder.params)


class Words(NamedTuple):
    """What a search looks for in one message or the customer's name, and as it was typed."""

    sought: Sought
    text: str


class _Builder:
    def __init__(self, context: Context, prefix: str = "q") -> None:
        self._context = context
        self.params: dict[str, Any] = {"q_me": context.me, "q_now": context.now}
        self._prefix = prefix

    def node(self, node: Node) -> str:
        match node:
            case Term():
                return self._term(node)
            case Not():
                # what is not known (nobody's conversation is not mine) does not hold, so its opposite does
                return f"NOT coalesce(({self.node(node.item)}), FALSE)"
            case Every():
                return " AND ".join(f"({self.node(item)})" for item in node.items) or "1 = 1"
            case Either():
                return " OR ".join(f"({self.node(item)})" for item in node.items)

    def _term(self, term: Term) -> str:
        ask: Callable[[Term, str], str] = getattr(self, _METHODS.get(term.field, f"_{term.field}"))
        return " OR ".join(f"({ask(term, value)})" for value in term.values)

    def along(self, node: Node) -> str | None:
        """See `Where.along`."""
        if isinstance(node, Not):
            item = node.item
            return _ALONG_NOT.get((item.field, item.values)) if isinstance(item, Term) else None
        if not isinstance(node, Term) or len(node.values) > 1:
            return None
        (value,) = node.values
        if node.field == "assignee":
            return self._assignee(node, value)
        if node.field == "sla" and node.operator in (":", "<", "<="):
            return f"c.sort_key <= :q_now + {self._add(int(value))}"
        return _ALONG.get((node.field, value))

    def _add(self, value: object) -> str:
        name = f"{self._prefix}{len(self.params)}"
        self.params[name] = value
        return f":{name}"

    def _has_text(self, column: str, value: str) -> str:
        wanted = plain(value).replace("!", "!!").replace("%", "!%").replace("_", "!_")
        return f"plain({column}) LIKE {self._add(f'%{wanted}%')} ESCAPE '!'"

    # ------------------------------------------------------------ words

    def _text(self, term: Term, value: str) -> str:
        sought = seek([(value, term.phrase)])
        if self._context.spoken is not None:
            named = self._named(self._add(sought.needles)) if sought else "1 = 0"
            return f"{'1 = 1' if says(self._context.spoken, value) else '1 = 0'} OR {named}"
        return self.words(Words(sought, value))

    def words(self, words: Words, since: Part | None = None) -> str:
        """That one message or the customer's name says it, or the text is one of their addresses. `since`: only
        messages and contacts that are not in this part of the history."""
        if not words.sought:
            return "1 = 0"
        needles = self._add(words.sought.needles)
        reader = None if self._context.supervises else self._context.me
        late = "" if since is None else f" AND m.id >= {self._add(since.message)}"
        return (
            "EXISTS (SELECT 1 FROM messages m WHERE m.conversation_id = c.id"
            f"{late} AND said(m.text, {needles}) AND {whispers.visible('m.id', reader)})"
            f" OR {self._named(needles, since)} OR {self._addressed(words.text)}"
        )

    def _named(self, needles: str, since: Part | None = None) -> str:
        """By a name that the customer has, or had before they were found to be somebody else, too."""
        late = "" if since is None else f" AND k.id >= {self._add(since.contact)}"
        return (
            f"{self._contact(f'said(k.name, {needles}){late}')} OR EXISTS"
            f" (SELECT 1 FROM contacts k WHERE k.merged_into = c.contact_id AND said(k.name, {needles}){late})"
        )

    def _addressed(self, text: str) -> str:
        values = ", ".join(map(self._add, addresses_in(text)))
        return f"EXISTS (SELECT 1 FROM identities i WHERE i.contact_id = c.contact_id AND i.value IN ({values}))"

    def _from(self, term: Term, value: str) -> str:
        sought = begun(value)
        named = self._named(self._add(sought.needles)) if sought else "1 = 0"
        return f"{named} OR {self._addressed(value)}"

    def _contact(self, condition: str) -> str:
        return f"EXISTS (SELECT 1 FROM contacts k WHERE k.id = c.contact_id AND {condition})"

    def _region(self, term: Term, value: str) -> str:
        sought = begun(value)
        return self._contact(f"said(k.region, {self._add(sought.needles)})") if sought else "1 = 0"

    def _language(self, term: Term, value: str) -> str:
        return self._contact(f"k.language = {self._add(value.lower())}")

    def _subject(self, term: Term, value: str) -> str:
        return self._has_text("c.subject", value)

    def _campaign(self, term: Term, value: str) -> str:
        told, named, titled = (self._has_text(column, value) for column in ("c.campaign", "p.name", "p.title"))
        return f"{told} OR c.campaign_id IN (SELECT p.id FROM campaigns p WHERE {named} OR {titled})"

    def _outcome(self, term: Term, value: str) -> str:
        return self._has_text("c.outcome", value)

    # ------------------------------------------------------------ names

    def _tag(self, term: Term, value: str) -> str:
        return (
            "EXISTS (SELECT 1 FROM conversation_tags x JOIN tags g ON g.id = x.tag_id"
            f" WHERE x.conversation_id = c.id AND g.name = {self._add(value.lstrip('#').casefold())})"
        )

    def _channel(self, term: Term, value: str) -> str:
        name = self._add(value)
        kind = self._add(_KINDS.get(value.casefold(), value.casefold()))
        return f"c.channel_id IN (SELECT id FROM channels WHERE name = {name} OR kind = {kind})"

    def _assignee(self, term: Term, value: str) -> str:
        word = value.casefold()
        if word in NOBODY:
            return "c.assignee_id IS NULL"
        if word in _ME:
            return "c.assignee_id = :q_me"
        return f"c.assignee_id = (SELECT id FROM users WHERE name = {self._add(word)})"

    def _team(self, term: Term, value: str) -> str:
        if value.casefold() in NOBODY:
            return "c.team_id IS NULL"
        return f"c.team_id IN (SELECT id FROM teams WHERE plain(name) = {self._add(plain(value))})"

    def _topic(self, term: Term, value: str) -> str:
        if value.casefold() in NOBODY:
            return "c.topic = ''"
        return f"plain(c.topic) = {self._add(plain(value))}"

    def _profile(self, term: Term, value: str) -> str:
        return self._contact(
            f"plain(coalesce(json_extract(k.attributes, '$.profile'), '')) = {self._add(plain(value))}"
        )

    # ------------------------------------------------------------ choices

    def _stage(self, term: Term, value: str) -> str:
        return f"c.stage = {self._add(value)}"

    def _complexity(self, term: Term, value: str) -> str:
        operator = "=" if term.operator == ":" else term.operator
        return f"c.complexity <> '' AND {_COMPLEXITIES} {operator} {self._add(_DEPTH[value])}"

    def _state(self, term: Term, value: str) -> str:
        return f"c.state = {self._add(value)}"

    def _is(self, term: Term, value: str) -> str:
        return _IS[value]

    def _has(self, term: Term, value: str) -> str:
        return _HAS[value]

    def _priority(self, term: Term, value: str) -> str:
        operator = "=" if term.operator == ":" else term.operator
        return f"{_PRIORITIES} {operator} {self._add(_RANK[value])}"

    # ------------------------------------------------------------ times and numbers

    def _compare(self, amount: str, term: Term, value: str) -> str:
        operator = "<=" if term.operator == ":" else term.operator
        return f"{amount} {operator} {self._add(int(value))}"

    def _sla(self, term: Term, value: str) -> str:
        left = self._compare("c.sla_due_at - :q_now", term, value)
        return f"c.sla_due_at IS NOT NULL AND c.paused_at IS NULL AND {left}"

    def _wait(self, term: Term, value: str) -> str:
        return f"c.waiting_since IS NOT NULL AND {self._compare(':q_now - c.waiting_since', term, value)}"

    def _age(self, term: Term, value: str) -> str:
        return self._compare(":q_now - c.created_at", term, value)

    def _moment(self, value: str) -> int:
        return self._context.now - int(value[1:]) if value.startswith("-") else self._context.day_start(value)

    def _after(self, term: Term, value: str) -> str:
        return f"c.last_at >= {self._add(self._moment(value))}"

    def _before(self, term: Term, value: str) -> str:
        return f"c.last_at < {self._add(self._moment(value))}"

    def _contact_id(self, term: Term, value: str) -> str:
        return self._number("c.contact_id", term, value)

    def _id(self, term: Term, value: str) -> str:
        return self._number("c.id", term, value)

    def _number(self, column: str, term: Term, value: str) -> str:
        operator = "=" if term.operator == ":" else term.operator
        return f"{column} {operator} {self._add(int(value))}"


#: fields whose name something else has
_METHODS = {"contact": "_contact_id"}

_UNRESOLVED = f"c.sort_key < {RESOLVED_FROM}"
_RESOLVED = f"c.sort_key >= {RESOLVED_FROM}"
#: what holds of the place in the inbox's order, by field and value
_ALONG = {
    ("is", "unassigned"): "c.assignee_id IS NULL",
    ("is", "mine"): "c.assignee_id = :q_me",
    ("is", "waiting"): "c.state = 'waiting'",
    ("state", "waiting"): "c.state = 'waiting'",
    ("is", "open"): _UNRESOLVED,
    ("is", "resolved"): _RESOLVED,
    ("state", "resolved"): _RESOLVED,
    ("is", "breached"): "c.sort_key <= :q_now",
}
#: the same for the opposite of a field and its values
_ALONG_NOT: dict[tuple[str, tuple[str, ...]], str] = {
    ("is", ("assigned",)): "c.assignee_id IS NULL",
    ("is", ("open",)): _RESOLVED,
    ("is", ("resolved",)): _UNRESOLVED,
    ("state", ("resolved",)): _UNRESOLVED,
}

_IS = {
    "unread": (
        "c.inbound > coalesce((SELECT s.inbound FROM last_seen s"
        " WHERE s.conversation_id = c.id AND s.user_id = :q_me), 0)"
    ),
    "assigned": "c.assignee_id IS NOT NULL",
    "unassigned": "c.assignee_id IS NULL",
    "mine": "c.assignee_id = :q_me",
    "open": "c.state <> 'resolved'",
    "waiting": "c.state = 'waiting'",
    "resolved": "c.state = 'resolved'",
    "failed": "c.failed = 1",
    "breached": "c.sla_due_at <= :q_now AND c.paused_at IS NULL",
    "warned": "c.sla_warn_at <= :q_now AND c.sla_due_at > :q_now AND c.paused_at IS NULL",
    "public": "c.surface = 'comment'",
    "snoozed": "c.state = 'snoozed'",
    "flagged": "c.flagged_at IS NOT NULL",
    "transferred": "c.transfer_id IS NOT NULL",
    "offered": (
        "EXISTS (SELECT 1 FROM transfers t WHERE t.id = c.transfer_id AND t.from_id <> :q_me AND (t.to_user_id = :q_me"
        " OR t.responsible_id = :q_me"
        " OR t.to_team_id IN (SELECT team_id FROM team_members WHERE user_id = :q_me)))"
    ),
    "due": "c.remind_at <= :q_now",
    "reviewing": "c.reviewing > 0",
    "followed": "EXISTS (SELECT 1 FROM follows f WHERE f.conversation_id = c.id AND f.user_id = :q_me)",
    "mentioned": "EXISTS (SELECT 1 FROM mentions n WHERE n.conversation_id = c.id AND n.user_id = :q_me)",
}

_HAS = {
    "attachment": "EXISTS (SELECT 1 FROM messages m WHERE m.conversation_id = c.id AND m.files > 0)",
    "note": (
        "EXISTS (SELECT 1 FROM messages m WHERE m.conversation_id = c.id AND m.direction = 'note'"
        f" AND {whispers.common('m.id')})"
    ),
    "draft": "EXISTS (SELECT 1 FROM drafts d WHERE d.conversation_id = c.id AND d.user_id = :q_me)",
    "campaign": "c.campaign <> '' OR c.campaign_id IS NOT NULL",
}
