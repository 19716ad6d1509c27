"""Where a conversation goes: its campaign, its topic, then the table of routes; and what was decided, with its reasons.

It is asked when a conversation begins, when one begins anew that nobody has, when what is known of one changes while
nobody has it, and when a supervisor asks again. What comes in between costs nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ClassVar

import msgspec

from server import wire
from server.commands import automatic, clocks, topics
from server.commands.acts import line, taken
from server.commands.door import SYSTEM, Actor, Command, Need, Refusal
from server.commands.flow import not_resolved
from server.commands.replies import load
from server.desk import campaigns as recognising
from server.desk import routing as rules
from server.desk.calendars import is_open
from server.desk.words import plain
from server.store import (
    calendars,
    campaigns,
    channels,
    contacts,
    conversations,
    journal,
    labels,
    merges,
    people,
    routes,
    service,
)
from server.store import topics as known_topics
from server.store.conversations import Conversation
from server.store.store import Row, Snapshot, Tx

#: routes that did not fit which the journal keeps of one decision: the last ones before the one that did
KEPT = 8


def place(tx: Tx, channel: Row, conv: Conversation, text: str, first: bool) -> None:
    """Say where a conversation goes that has just begun (`first`) or begun anew, after its first message was written.

    `text`: that message. One that somebody has stays with them; one that a person put somewhere stays there. The
    caller saves.
    """
    found = recognise(tx, channel, conv, text)
    topics.classify(tx, conv, text)
    if conv.assignee_id is None:
        _route(tx, conv, channel, keep=not first, sign=found)


def reclassified(tx: Tx, conv: Conversation) -> bool:
    """What is known of a conversation changed: while nobody has it, it goes where that leads. The caller saves.

    Whether anything changed.
    """
    return conv.assignee_id is None and conv.state == "queued" and _route(tx, conv, None, keep=True, quiet=True)


def reclassified_contact(tx: Tx, contact_id: int) -> None:
    """The same for what is open of a contact, after something became known of them."""
    for id in conversations.unresolved_of(tx, contact_id):
        conv = conversations.load(tx, id)
        if conv is not None and conv.merged_into is None and reclassified(tx, conv):
            conversations.save(tx, conv)


def recognise(tx: Tx, channel: Row, conv: Conversation, text: str) -> recognising.Found | None:
    """Note which campaign brought a conversation, if none is noted yet and one is recognised. The caller saves."""
    if conv.campaign_id is not None:
        return None
    running = campaigns.running(tx)
    if not running:
        return None
    own = _channel(tx, conv, channel)
    names = (own["name"], own["kind"])
    found = recognising.find(map(campaigns.rule, running), _referral(conv), text, names, tx.now)
    if found is not None:
        conv.campaign_id = found.campaign.id
        clocks.reapply(tx, conv)  # the campaign may have a policy of its own
    return found


def greet(tx: Tx, conv: Conversation) -> None:
    """Say its campaign's greeting to somebody who has just begun to write, once."""
    if conv.surface != "direct" or conv.campaign_id is None:
        return
    row = campaigns.get(tx, conv.campaign_id)
    if row is None or row["greeting"] == "{}":
        return
    variants = msgspec.json.decode(row["greeting"], type=dict[str, str])
    contact = contacts.get(tx, conv.contact_id)
    text = recognising.in_language(variants, contact["language"] if contact is not None else "")
    with suppress(Refusal):  # the channel is switched off, or does not take this text: then nothing is said
        automatic.say(tx, conv, text, SYSTEM)


class Reroute(Command, kw_only=True):
    """Ask the table again where a conversation goes that nobody has, whoever put it where it is."""

    needs: ClassVar[Need] = "supervisor"

    conversation: int

    def run(self, tx: Tx, actor: Actor) -> wire.ConversationRow:
        conv = load(tx, self.conversation)
        not_resolved(conv)
        if conv.assignee_id is not None:
            raise taken(tx, conv)
        _route(tx, conv, None, keep=False)
        conversations.save(tx, conv)
        return line(tx, conv.id, actor.id)


# ---------------------------------------------------------------- the decision


def _channel(read: Snapshot, conv: Conversation, known: Row | None) -> Row:
    """A conversation's own channel. `known` is it, unless the message came in by that of a part of it."""
    channel = known if known is not None and known["id"] == conv.channel_id else channels.get(read, conv.channel_id)
    assert channel is not None
    return channel


def _referral(conv: Conversation) -> dict[str, Any]:
    referral = msgspec.json.decode(conv.campaign) if conv.campaign else {}
    return referral if isinstance(referral, dict) else {}


def table(read: Snapshot, campaign: Row | None) -> list[rules.Route]:
    """The routes that can be tried for somebody whom this campaign brought."""
    found = routes.active(read)
    own = campaigns.route(campaign) if campaign is not None else None
    return found if own is None else [*found, own]


def facts(
    *,
    channel: Row | None,
    contact: Mapping[str, str],
    campaign: Row | None,
    topic: str,
    complexity: str,
    priority: str,
) -> dict[str, tuple[str, ...]]:
    """What routes can ask about, as the rules take it. `contact`: its region, language and profile."""
    known = {
        "channel": (channel["name"], channel["kind"]) if channel is not None else (),
        "campaign": (campaign["name"],) if campaign is not None else (),
        "topic": rules.whole(topic, "/"),
        "complexity": (complexity,),
        "priority": (priority,),
        "region": (contact.get("region", ""),),
        "language": rules.whole(contact.get("language", ""), "-"),
        "profile": (contact.get("profile", ""),),
    }
    return {name: values for name, values in known.items() if any(values)}


def about_contact(row: Row) -> dict[str, str]:
    """What routes ask about a contact."""
    attributes = msgspec.json.decode(row["attributes"])
    profile = attributes.get("profile")
    return {
        "region": row["region"],
        "language": row["language"],
        "profile": profile if isinstance(profile, str) else "",
    }


def otherwise(read: Snapshot, topic: str, channel: Row | None) -> dict[rules.By, int | None]:
    """Where a conversation goes without a route: its topic's usual team, its channel's, the last resort."""
    usual = known_topics.by_name(read, topic) if topic else None
    last = people.team(read, name) if (name := service.settings(read).last_resort) else None
    return {
        "topic": usual["team_id"] if usual is not None else None,
        "channel": channel["team_id"] if channel is not None else None,
        "last_resort": last["id"] if last is not None else None,
    }


def explained(case: rules.Case, looked: rules.Considered) -> wire.ConsideredRoute:
    """A route that was looked at, for people."""
    failed, route = looked.failed, looked.route
    return wire.ConsideredRoute(
        route=route.name,
        failed=failed,
        wants=list(route.when.get(failed, ())),
        has=case.known(failed) if failed else "",
        own=route.campaign_id is not None,
    )


def _route(
    tx: Tx,
    conv: Conversation,
    channel: Row | None,
    *,
    keep: bool,
    quiet: bool = False,
    sign: recognising.Found | None = None,
) -> bool:
    """Decide and apply. `channel`: where it came in, if that is at hand. `keep`: what a person put somewhere stays;
    `quiet`: say nothing where nothing changes.

    Whether the table was asked and, if `quiet`, anything changed.
    """
    campaign = campaigns.get(tx, conv.campaign_id) if conv.campaign_id is not None else None
    if keep and (by := _put_by_hand(tx, conv)):
        if not quiet:
            _tell(tx, conv, None, rules.Destination(conv.team_id, "kept"), campaign, sign, {"put_by": by})
        return False
    channel, contact = _channel(tx, conv, channel), contacts.get(tx, conv.contact_id)
    assert contact is not None
    known = facts(
        channel=channel,
        contact=about_contact(contact),
        campaign=campaign,
        topic=conv.topic,
        complexity=conv.complexity,
        priority=conv.priority,
    )
    lines = table(tx, campaign)
    case = rules.Case(facts=known, open=open_now(tx, lines))
    decision = rules.decide(lines, case)
    route = decision.route
    goes = rules.destination(route, otherwise(tx, conv.topic, channel))
    before = (conv.team_id, conv.skills, conv.priority)
    conv.team_id = goes.team_id
    conv.skills = " ".join(route.skills) if route is not None else ""
    if route is not None:
        _set_besides(tx, conv, route, contact)
    clocks.reapply(tx, conv)
    if quiet and before == (conv.team_id, conv.skills, conv.priority):
        return False
    misses = [each for each in decision.considered if not each.fits][-KEPT:]
    why = [msgspec.to_builtins(explained(case, each)) for each in misses]
    when = {name: list(values) for name, values in route.when.items() if values} if route is not None else {}
    shown = {name: values[0] for name, values in known.items()}
    _tell(tx, conv, route, goes, campaign, sign, {"when": when, "facts": shown, "why": why}, quiet=quiet)
    return True


def _put_by_hand(tx: Tx, conv: Conversation) -> str:
    """Who put a conversation into its team's queue, if that was done after the table was last asked: in this
    transaction, or before it."""
    for kind, id, data in reversed(tx.written(0)):
        if id == conv.id and kind == "conversation.assigned" and data.get("team"):
            return f"rule:{data['rule']}" if data.get("how") == "rule" else tx.actor
        if id == conv.id and kind == "conversation.routed":
            return _kept_by(data)
    for row in journal.last_of_kind(tx, conv.id, ("conversation.assigned", "conversation.routed"), 0):
        data = msgspec.json.decode(row["data"])
        if row["kind"] == "conversation.routed":
            return _kept_by(data)
        if data.get("team"):
            return str(row["actor"])
    return ""


def _kept_by(routed: Mapping[str, Any]) -> str:
    return str(routed.get("put_by", "")) if routed.get("by") == "kept" else ""


def _set_besides(tx: Tx, conv: Conversation, route: rules.Route, contact: Row) -> None:
    """What a route says beside the team: it takes back nothing that a person set."""
    if route.priority and conv.priority == "normal":
        conv.priority = route.priority
    for name in route.tags:
        tag = labels.by_name(tx, name)
        if tag is not None and labels.put_on(tx, conv.id, tag["id"]):
            tx.emit("conversation.tagged", conv.id, "system", added=[name], removed=[])
    if route.language and not contact["language"]:
        merges.show(tx, contact["id"], msgspec.structs.replace(merges.own(contact), language=route.language))


def _tell(
    tx: Tx,
    conv: Conversation,
    route: rules.Route | None,
    goes: rules.Destination,
    campaign: Row | None,
    sign: recognising.Found | None,
    more: dict[str, Any],
    *,
    quiet: bool = False,
) -> None:
    tx.emit(
        "conversation.routed",
        conv.id,
        "system" if quiet else "",
        route=route.id if route is not None and route.campaign_id is None else None,
        name=route.name if route is not None else "",
        by=goes.by,
        team=routes.team_name(tx, conv.team_id) if conv.team_id is not None else None,
        skills=conv.skills.split(),
        priority=conv.priority,
        campaign=(campaign["title"] or campaign["name"]) if campaign is not None else "",
        **({"sign": sign.sign, "seen": sign.by} if sign is not None else {}),
        **more,
    )


def open_now(read: Snapshot, lines: list[rules.Route], at: int | None = None) -> dict[str, bool]:
    """The calendars that these routes ask about, and whether they are open (`at`: not now but then, UTC ms)."""
    wanted = rules.calendars(lines)
    moment = read.now if at is None else at
    found = {"": True} if "" in wanted else {}
    for row in calendars.listing(read) if wanted else []:
        for name in {plain(row["name"]), "" if row["is_usual"] else plain(row["name"])} & wanted:
            found[name] = is_open(calendars.hours(row), moment)
    return found


def is_calendar(read: Snapshot, name: str) -> bool:
    """Whether there is a calendar of this plain name; "" is the usual one, or all the time where there is none."""
    return not name or any(plain(row["name"]) == name for row in calendars.listing(read))
