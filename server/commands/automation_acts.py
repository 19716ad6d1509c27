"""What a rule does: each act by the same commands that people use, in the rule's name."""

from __future__ import annotations

import msgspec

from server import wire
from server.commands import assigning, automatic, flow, routing, topics
from server.commands.acts import ResolveConversation
from server.commands.automation import template
from server.commands.door import Actor, Refusal, not_found
from server.commands.labels import SetPriority, TagConversation
from server.commands.reminders import MakeReminder
from server.commands.replies import AddNote, load
from server.commands.snoozing import Snooze
from server.commands.templates import rendered
from server.desk import automation as desk
from server.store import conversations, event_hooks, people, routes, templates
from server.store import topics as topic_rows
from server.store.store import Tx


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """What starts rules: an event of the journal by its name for rules, what it is about, and how deep it lies below
    one that no rule wrote; `by`: the rule that wrote it."""

    seq: int
    at: int
    on: str
    conversation: int
    message: int | None = None
    depth: int = 0
    by: str = ""


def do(tx: Tx, act: wire.RuleAct, cause: Cause, actor: Actor) -> None:
    """Do one act in the conversation of `cause`. Raises Refusal."""
    id, value = cause.conversation, act.value.strip()
    match act.do:
        case "tag":
            TagConversation(conversation=id, change=wire.ChangeTags(add=[value])).run(tx, actor)
        case "untag":
            TagConversation(conversation=id, change=wire.ChangeTags(remove=[value])).run(tx, actor)
        case "assign":
            _assign(tx, id, None if value == "none" else value, None, actor)
        case "team":
            _assign(tx, id, None, value, actor)
        case "priority":
            change = msgspec.convert({"priority": value}, wire.ChangePriority)
            SetPriority(conversation=id, change=change).run(tx, actor)
        case "reply":
            _reply(tx, id, value, actor)
        case "note":
            AddNote(conversation=id, note=wire.Note(text=act.value)).run(tx, actor)
        case "webhook":
            _call(tx, value, cause, actor)
        case "snooze":
            until = tx.now + (desk.span(value) or 0)
            Snooze(conversation=id, snooze=wire.Snooze(until=until)).run(tx, actor)
        case "remind":
            _remind(tx, id, value, actor)
        case "topic" | "complexity":
            _classify(tx, id, act.do, value, actor)
        case "resolve":
            _resolve(tx, id, value, actor)


def _assign(tx: Tx, id: int, user: str | None, team: str | None, actor: Actor) -> None:
    conv = load(tx, id)
    flow.not_resolved(conv)
    if user is not None:
        row = people.user(tx, user)
        if row is None or not row["active"]:
            raise not_found("user", user)
        user = row["name"]
    if team is not None and people.team(tx, team) is None:
        raise not_found("team", team)
    if assigning.assign(tx, conv, user, team, how="rule", rule=actor.name):
        conversations.save(tx, conv)


def _reply(tx: Tx, id: int, name: str, actor: Actor) -> None:
    row = template(tx, name)
    if row is None:
        raise not_found("template", name)
    conv = load(tx, id)
    said = rendered(tx, row, conv, actor, {})
    if said.missing:
        raise Refusal(422, "not_filled", missing=said.missing)
    automatic.say(tx, conv, said.text, actor, templates.files(tx, [row["id"]]))
    templates.used(tx, row["id"])
    conversations.save(tx, conv)


def _call(tx: Tx, hook: str, cause: Cause, actor: Actor) -> None:
    """The journal's line is what the event webhook of that name is told of: signed, in order, until it takes it."""
    if event_hooks.by_name(tx, hook) is None:
        raise not_found("hook", hook)
    about = {"message": cause.message} if cause.message is not None else {}
    tx.emit("rule.called", cause.conversation, rule=actor.name, hook=hook, event=cause.seq, on=cause.on, **about)


def _remind(tx: Tx, id: int, value: str, actor: Actor) -> None:
    """A reminder of whoever has the conversation; of its team, if nobody has it."""
    conv = load(tx, id)
    length, _blank, text = value.partition(" ")
    user = people.user_by_id(tx, conv.assignee_id) if conv.assignee_id is not None else None
    team = routes.team_name(tx, conv.team_id) if user is None and conv.team_id is not None else None
    if user is None and not team:
        raise Refusal(409, "nobody_to_remind")
    new = wire.NewReminder(
        text=text or actor.name,
        due_at=tx.now + (desk.span(length) or 0),
        user=user["name"] if user is not None else None,
        team=team,
    )
    MakeReminder(conversation=id, reminder=new).run(tx, actor)


def _classify(tx: Tx, id: int, what: str, value: str, actor: Actor) -> None:
    conv, topic = load(tx, id), None
    if what == "topic":
        row = topic_rows.by_name(tx, value)
        if row is None:
            raise not_found("topic", value)
        topic = row["name"]
    complexity = value if what == "complexity" else None
    if topics.put(tx, conv, topic=topic, complexity=complexity, by="rule", why={"rule": actor.name}):
        routing.reclassified(tx, conv)
        conversations.save(tx, conv)


def _resolve(tx: Tx, id: int, outcome: str, actor: Actor) -> None:
    if load(tx, id).state != "resolved":
        ResolveConversation(conversation=id, resolve=wire.Resolve(outcome=outcome)).run(tx, actor)
