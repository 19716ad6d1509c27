"""Words about other messages (reactions, edits, deletions …): messages of their own, applied to the one meant."""

from __future__ import annotations

import msgspec

from server.commands import flow, one_person, routing
from server.facts import EditFact, HideFact, ReactionFact, RevokeFact
from server.store import conversations, messages
from server.store.messages import NewMessage
from server.store.store import Row, Tx

#: a word about another message
About = ReactionFact | EditFact | RevokeFact | HideFact

_EVENTS = {
    "reaction": "message.reacted",
    "edit": "message.edited",
    "revoke": "message.revoked",
    "hide": "message.hidden",
    "unhide": "message.hidden",
}


def take(tx: Tx, channel: Row, fact: About) -> int | None:
    """Keep a word about a message and apply it; its id. None if it says something of nobody's. Duplicate if known."""
    if messages.known(tx, channel["id"], fact.external_id):
        raise flow.Duplicate
    target = messages.by_external(tx, channel["id"], fact.target)
    conv = conversations.load(tx, target["conversation_id"]) if target is not None else None
    if conv is None and not fact.party.addresses:
        content = {"id": fact.external_id, "target": fact.target}
        tx.emit("channel.notice", channel=channel["name"], notice="unplaced", at=fact.at, content=content)
        return None
    place = flow.Place(conv) if conv is not None else _conversation_of(tx, channel, fact)
    conv, home_id = place.conv, target["home_id"] if target is not None else place.home_id
    kind = _kind(fact)
    # Only the business hides what others wrote; the rest is the customer's, unless it says otherwise.
    echo = isinstance(fact, HideFact) or (isinstance(fact, ReactionFact) and fact.echo)
    id = messages.insert(
        tx,
        NewMessage(
            conversation_id=conv.id,
            channel_id=channel["id"],
            direction="out" if echo else "in",
            kind=kind,
            text=fact.emoji if isinstance(fact, ReactionFact) else fact.text if isinstance(fact, EditFact) else "",
            at=fact.at,
            status="sent" if echo else "received",
            external_id=fact.external_id,
            reply_to=fact.target,
            home_id=home_id,
        ),
    )
    if id is None:
        raise flow.Duplicate
    if target is not None:
        apply(tx, messages.get(tx, id), target)
    event = _EVENTS[kind]
    actor = "system" if echo else f"contact:{conv.contact_id}"
    tx.emit(event, conv.id, actor, message=target["id"] if target is not None else id, by=id)
    if place.begun:
        routing.place(tx, channel, conv, "", first=True)
    flow.show_last(tx, conv)
    conversations.save(tx, conv)
    return id


def _kind(fact: About) -> str:
    match fact:
        case ReactionFact():
            return "reaction"
        case EditFact():
            return "edit"
        case RevokeFact():
            return "revoke"
        case HideFact():
            return "hide" if fact.hidden else "unhide"


def _conversation_of(tx: Tx, channel: Row, fact: About) -> flow.Place:
    """Where to keep a word about a message we never saw: its thread or the person's newest conversation, else a new
    one."""
    group = isinstance(fact, ReactionFact) and bool(fact.thread)
    handle = one_person.resolve(tx, channel["id"], flow.group_party(fact.thread) if group else fact.party)
    thread = fact.thread or str(handle.handle_id)
    surface = "direct" if isinstance(fact, ReactionFact) else fact.surface
    found = flow.newest(tx, channel["id"], thread)
    return found or flow.open_again(tx, channel, handle, thread, silent=True, surface=surface)


def apply(tx: Tx, row: Row | None, target: Row | None) -> None:
    """Show what `row` says on the message it speaks of, unless something newer was said: they come in any order."""
    assert row is not None and target is not None
    if row["kind"] in ("reaction", "hide", "unhide") and _overtaken(tx, row):
        return
    if row["kind"] == "reaction":
        reactions = msgspec.json.decode(target["reactions"], type=dict[str, str]) if target["reactions"] else {}
        who = "us" if row["direction"] == "out" else "customer"
        if row["text"]:
            reactions[who] = row["text"]
        else:
            reactions.pop(who, None)
        messages.set_reactions(tx, target["id"], reactions)
    elif row["kind"] == "edit":
        if target["edited_at"] is not None and target["edited_at"] >= row["at"]:
            return
        data = msgspec.json.decode(target["data"]) if target["data"] else {}
        data.setdefault("original", target["text"])
        messages.set_text(tx, target["id"], row["text"], data, row["at"])
    elif row["kind"] in ("hide", "unhide"):
        flow.hidden(tx, target, row["kind"] == "hide")
    else:
        messages.set_revoked(tx, target["id"], row["at"])


def _overtaken(tx: Tx, row: Row) -> bool:
    """Whether the same side said something newer of the same kind about the same message."""
    kinds = ("reaction",) if row["kind"] == "reaction" else ("hide", "unhide")
    return any(
        said["kind"] in kinds and said["direction"] == row["direction"] and said["at"] > row["at"]
        for said in messages.about(tx, row["channel_id"], row["reply_to"])
    )
