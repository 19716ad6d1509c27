"""Who speaks of a thing by its name: rules, routes, templates, policies, campaigns and saved views.

What is called something else takes them along in the same transaction, each with its line in the journal. What goes
while the organisation's own ones name it is refused (409 in_use) and says which; people's own views and templates
hinder nobody. A person goes at once; what names them is told by an alert until it is mended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from server import wire
from server.commands import alerts
from server.commands.door import Refusal
from server.desk import naming as desk
from server.desk import routing
from server.desk.words import plain
from server.store import automation, people, routes, sla, templates, topics, views
from server.store.store import Row, Snapshot, Tx

#: of what names a thing a refusal says so many
SHOWN = 20
#: what the alert of a rule that names somebody who has gone is called
LACKS = "rule_lacks"


class Thing(NamedTuple):
    """A kind of thing: the field of searches that asks for it ("": none does), and what acts name it."""

    field: str
    does: frozenset[str]


TEAM = Thing("team", frozenset({"team"}))
TAG = Thing("tag", frozenset({"tag", "untag"}))
TOPIC = Thing("topic", frozenset({"topic"}))
PERSON = Thing("assignee", frozenset({"assign"}))
TEMPLATE = Thing("", frozenset({"reply"}))
HOOK = Thing("", frozenset({"webhook"}))


def free(read: Snapshot, thing: Thing, name: str, besides: Iterable[tuple[str, str]] = ()) -> None:
    """Refuse that a thing goes while something of the organisation's names it. `besides`: more that does so, each as
    (kind, name)."""
    if using := [*besides, *_naming(read, thing, name)]:
        raise in_use(name, using)


def in_use(name: str, using: Sequence[tuple[str, str]]) -> Refusal:
    """A thing of this name cannot go: these, each as (kind, name), need it."""
    return Refusal(409, "in_use", name=name, by=_shown(using))


def _shown(using: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"kind": kind, "name": name} for kind, name in using[:SHOWN]]


def _naming(read: Snapshot, thing: Thing, name: str) -> Iterator[tuple[str, str]]:
    """What names a thing, each as (kind, name)."""
    for row in automation.every(read):
        if _rule_names(automation.content(row), thing, name):
            yield "rule", row["name"]
    for row in templates.every(read):
        if row["owner_id"] is None and desk.names(templates.content(row).acts, thing.does, thing.field, name):
            yield "template", row["name"]
    if not thing.field:
        return
    for row in views.every(read):
        if row["owner_id"] is None and desk.asks(row["query"], thing.field, name):
            yield "view", row["name"]
    for route in _routes_naming(read, thing, name):
        yield "route", route
    for row in sla.policies(read) if thing is TEAM else ():
        if plain(name) in map(plain, _conditions(row).get("team", ())):
            yield "sla", row["name"]


def _rule_names(rule: wire.NewRule, thing: Thing, name: str) -> bool:
    acts = desk.names(rule.then, thing.does, thing.field, name)
    return acts or (bool(thing.field) and desk.asks(rule.condition, thing.field, name))


def _routes_naming(read: Snapshot, thing: Thing, name: str) -> Iterator[str]:
    """The routes that put a tag on, or ask for a topic that no other one is, or lies below."""
    rows = routes.listing(read) if thing in (TAG, TOPIC) else []
    if thing is TAG:
        yield from (row["name"] for row in rows if name in routes.rule(row).tags)
        return
    lost = _asked(name).difference(*(_asked(row["name"]) for row in topics.listing(read) if row["name"] != name))
    for row in rows:
        if lost.intersection(map(plain, routes.rule(row).when.get("topic", ()))):
            yield row["name"]


def _asked(topic: str) -> set[str]:
    """What routes ask for that fits a topic."""
    return set(map(plain, routing.whole(topic, "/")))


def _conditions(row: Row) -> dict[str, list[str]]:
    return msgspec.json.decode(row["conditions"], type=dict[str, list[str]])


# ---------------------------------------------------------------- called something else


def renamed(tx: Tx, thing: Thing, was: str, name: str) -> Counter[str]:
    """A thing is called something else now (in the store already): whatever names it follows. How many did, by kind.

    Refused (409 name_unwritable) where a search asks for it and could not ask for the new name.
    """
    try:
        return Counter(_follow(tx, thing, was, name))
    except desk.Unwritable:
        using = _shown([*_naming(tx, thing, was)])
        raise Refusal(409, "name_unwritable", was=was, name=name, by=using) from None


def _follow(tx: Tx, thing: Thing, was: str, name: str) -> Iterator[str]:
    """Let what names a thing follow; the kind of each."""
    beside = _beside(tx, thing, was, name)

    def search(text: str) -> str:
        return desk.renamed(text, thing.field, was, name, beside=beside)

    for row in automation.every(tx):
        rule = automation.content(row)
        text, acts = search(rule.condition), desk.rename_acts(rule.then, thing.does, thing.field, was, name)
        fields = [*(["condition"] if text != rule.condition else []), *(["then"] if acts else [])]
        if fields:
            rule.condition = text
            automation.update(tx, row["id"], rule)
            tx.emit("rule.updated", rule=rule.name, active=rule.active, fields=fields, follows=name)
            yield "rule"
    for row in views.every(tx):
        if (text := search(row["query"])) != row["query"]:
            views.update(tx, row["id"], row["name"], text, row["place"])
            tx.emit("view.updated", view=row["id"], name=row["name"], follows=name)
            yield "view"
    for row in templates.every(tx):
        content = templates.content(row)
        if desk.rename_acts(content.acts, thing.does, thing.field, was, name):
            templates.set_content(tx, row["id"], content)
            tx.emit("template.updated", template=row["id"], name=row["name"], follows=name)
            yield "template"
    for row in routes.listing(tx) if thing is TAG else ():
        tags = routes.rule(row).tags
        if was in tags:
            routes.set_tags(tx, row["id"], [name if each == was else each for each in tags])
            tx.emit("route.updated", route=row["name"], was=row["name"], fields=["tags"], follows=name)
            yield "route"


def _beside(read: Snapshot, thing: Thing, was: str, name: str) -> bool:
    """Whether searches for the old name go on finding another thing. Unwritable if the new one would find another."""
    if thing is not TEAM:
        return False
    others = [plain(row["name"]) for row in people.teams(read) if row["name"] != name]
    if plain(name) in others and any(_naming(read, thing, was)):
        raise desk.Unwritable(name)
    return plain(was) in others


# ---------------------------------------------------------------- people


def gone(tx: Tx, user: str) -> None:
    """Somebody is here no longer: the rules that name them are to be looked at by an administrator."""
    for row in automation.active(tx):
        if _rule_names(automation.content(row), PERSON, user):
            alerts.raise_(tx, LACKS, about=_about(row["name"], user), level="admin", rule=row["name"], user=user)


def back(tx: Tx, user: str) -> None:
    """They are here again."""
    for row in automation.every(tx):
        alerts.over(tx, LACKS, _about(row["name"], user))


def mended(tx: Tx, rule: str) -> None:
    """A rule was written anew, switched off or removed: whomever it names no longer is missed no longer."""
    row = automation.by_name(tx, rule)
    kept = automation.content(row) if row is not None else None
    for about in alerts.open_abouts(tx, LACKS):
        of, _, user = about.rpartition(":")
        if of == rule and (kept is None or not kept.active or not _rule_names(kept, PERSON, user)):
            alerts.over(tx, LACKS, about)


def _about(rule: str, user: str) -> str:
    return f"{rule}:{user}"
