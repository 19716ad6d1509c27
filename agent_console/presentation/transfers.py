"""How transfers look: the card that their receiver reads first, the line under a conversation, who can be chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style

from agent_console import words
from agent_console.backend.offers import is_for
from agent_console.i18n import _, duration
from agent_console.keys import first
from agent_console.presentation.look import Look
from agent_console.presentation.rows import tone_style
from agent_console.presentation.times import ago, promise
from agent_console.safetext import block, cells, cut, fit, line, wrap
from server import wire

Segments = list[Segment]

#: before each state of availability, so that it is told without colour, too
SIGNS = {"online": "●", "busy": "◐", "away": "○", "offline": "·"}
#: they come first
_ORDER = ("online", "busy", "away", "offline", "")


class Candidate(NamedTuple):
    """Who can be chosen: `to` as the server takes it, what they are called, how they stand, what else is said of them.
    `absent`: they are not there; `rank` orders them; `known_by`: their teams and skills."""

    to: str
    name: str
    state: str
    load: str
    more: str
    absent: bool
    rank: tuple[int, float, str]
    known_by: str = ""


def candidates(
    people: Iterable[wire.Availability], teams: Iterable[wire.Team], but: Iterable[str | None], *, consult: bool = False
) -> list[Candidate]:
    """Everybody a conversation can be handed to, those who are there and carry least first; teams after them."""
    left_out = set(but)
    found: list[Candidate] = []
    there: dict[str, bool] = {}
    for each in people:
        there[each.user] = each.state in ("online", "busy")
        if each.user in left_out:
            continue
        load = f"{round(each.load / 100, 1):g}/{each.capacity / 100:g}" if each.capacity else ""
        more = ", ".join(dict.fromkeys([*each.teams, *each.skills.split()]))
        share = each.load / each.capacity if each.capacity else 1.0
        rank = (_ORDER.index(each.state), share, each.user)
        absent = each.state in ("away", "offline") and each.since is not None
        found.append(Candidate(f"user:{each.user}", each.display_name, each.state, load, more, absent, rank, more))
    for team in () if consult else teams:
        members = [name for name in team.members if name not in left_out]
        if members:
            here = sum(there.get(name, False) for name in members)
            said = _("team · {n} of {all} here").format(n=here, all=len(members))
            found.append(Candidate(f"team:{team.name}", team.name, "", "", said, False, (4, 0.0, team.name)))
    return sorted(found, key=lambda each: each.rank)


def candidate_row(each: Candidate, chosen: bool, look: Look, width: int) -> Segments:
    """One of them in a line."""
    sign = SIGNS.get(each.state, "▸")
    style = look.good if each.state == "online" else look.warn if each.state == "busy" else look.faint
    name = fit(line(each.name, 60), max(10, width * 34 // 100))
    state = " ".join(part for part in (words.availability(each.state) if each.state else "", each.load) if part)
    rest = width - cells(name) - cells(state) - 7
    return [
        Segment("▌" if chosen else " ", look.accent),
        Segment(f"{sign} ", style),
        Segment(name, look.strong if chosen else look.text),
        Segment(f" {state} " if state else " ", look.muted),
        Segment(" " + cut(line(each.more, 120), max(4, rest)), look.faint),
    ]


def receiver(transfer: wire.Transfer) -> str:
    """Whom it is for, as people call them."""
    if transfer.to_user is not None:
        return str(line(transfer.to_name or transfer.to_user, 40))
    team, who = line(transfer.to_team or "", 40), line(transfer.responsible_name or transfer.responsible, 40)
    return f"{team} › {who}"


def title(transfer: wire.Transfer, mine: bool) -> str:
    """What stands above a card. `mine`: its sender reads it."""
    who, name = line(transfer.sender_name or transfer.sender, 40), line(transfer.contact_name, 40) or _("No name")
    if mine:
        return _("Offered to {who}: {name}").format(who=receiver(transfer), name=name)
    if transfer.kind == "consult":
        return _("{who} asks you about {name}").format(who=who, name=name)
    return _("{who} hands {name} on to you").format(who=who, name=name)


def card(transfer: wire.Transfer, row: wire.ConversationRow | None, now: int, look: Look, width: int) -> list[Segments]:
    """All that its receiver has to know, in lines of at most `width` cells."""
    if transfer.kind == "consult":
        out = [[Segment(" " + part, look.text)] for part in wrap(block(transfer.reason), width - 2)]
        return [*out, [], _foot(transfer, now, look)]
    labels = [_("Reason"), _("Summary"), _("Promised"), _("Mood")]
    wide = max(map(cells, labels)) + 2
    out = _field(labels[0], transfer.reason, wide, look, look.strong, width)
    out += _field(labels[1], transfer.summary, wide, look, look.text, width)
    if transfer.promised:
        out += _field(labels[2], transfer.promised, wide, look, look.note, width)
    ways, tone = promise(row.sla, now) if row is not None else ([], "none")
    upset = transfer.mood in ("upset", "worried")
    standing: Segments = [Segment(" " + fit(labels[3], wide), look.muted)]
    standing.append(Segment(words.mood(transfer.mood), look.warn if upset else look.text))
    if ways:
        room = width - wide - cells(standing[1].text) - 6
        said = next((way for way in ways if cells(way) <= room), ways[-1])
        standing += [Segment("  ·  ", look.faint), Segment(said, tone_style(look, tone))]
    return [*out, standing, [], _foot(transfer, now, look)]


def _field(label: str, text: str, wide: int, look: Look, style: Style, width: int) -> list[Segments]:
    lines = list(wrap(block(text), width - wide - 2))
    lead = [str(fit(label, wide)), *([" " * wide] * (len(lines) - 1))]
    return [[Segment(" " + before, look.muted), Segment(part, style)] for before, part in zip(lead, lines, strict=True)]


def _foot(transfer: wire.Transfer, now: int, look: Look) -> Segments:
    said = ago(now - transfer.made_at)
    if transfer.expires_at is not None:
        left = max(0, transfer.expires_at - now)
        said += " · " + _("goes back to {who} in {time}").format(
            who=line(transfer.sender_name or transfer.sender, 40), time=duration(left)
        )
    if transfer.tell_customer:
        said += " · " + _("the customer will be told")
    return [Segment(" " + said, look.faint)]


def waiting_lines(
    transfers: Sequence[wire.Transfer], me: wire.User | None, now: int, look: Look, width: int
) -> list[Segments]:
    """What waits for an answer in a conversation, in a line each under its messages."""
    out: list[Segments] = []
    for each in transfers:
        sender, mine = line(each.sender_name or each.sender, 40), me is not None and each.sender == me.name
        for_me = me is not None and is_for(each, me)
        who = _("you") if for_me and each.to_user is not None else receiver(each)
        if each.kind == "consult":
            said = _("{sender} asks {who}: {what}") if not mine else _("you ask {who}: {what}")
        else:
            said = _("{sender} hands it on to {who}: {what}") if not mine else _("offered to {who}: {what}")
        text = "⇢ " + said.format(sender=sender, who=who, what=line(each.reason, 200))
        key, tail = "", ago(now - each.made_at)
        if for_me:
            key, tail = f" {first('answer_transfer')}", f"{tail} ·"
        room = max(8, width - cells(tail) - cells(key) - 8)
        out.append(
            [
                Segment("   " + cut(text, room), look.accent if for_me else look.note),
                Segment(f"  {tail}", look.faint),
                Segment(key, look.key),
            ]
        )
    return out
