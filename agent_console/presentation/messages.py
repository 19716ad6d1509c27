"""Messages of a conversation as lines: what was said by whom, when, and what became of our answers.

      9:31  no me deja entrar a la app, dice usuario bloqueado
      9:32  ▣ foto · captura.png · 84 kB
      9:44        Usted: Buenos días, María. Ya reviso su usuario.     ✓✓ leído
      9:46  ┃ nota (Luis): ya se validó identidad con DUI el martes

Lines are as wide as they need to be, never wider than asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style

from agent_console import words
from agent_console.backend import links
from agent_console.i18n import _, clock
from agent_console.keys import first
from agent_console.presentation import letters, media
from agent_console.presentation.look import Look
from agent_console.safetext import block, cells, cut, line, wrap
from server.wire import Message

Segments = list[Segment]

#: where the customer's words begin, and how much further in ours do
TEXT_AT = 8
OURS_AT = 6
OURS_AT_NARROW = 3
#: on a screen narrower than this ours are set in by less, and ticks go without their word
NARROW = 56
_SECOND = 1000


class Fate(NamedTuple):
    """What became of one of our messages: `tail` stands behind its last line, `reason` under it."""

    tail: str = ""
    tone: str = "faint"
    reason: str = ""


class Setting(NamedTuple):
    """What a message's place in its thread adds to it. `quoted`: the message it answers, if that is held; `subject`: it
    has another subject than the one before; `unfolded`: its quoted lines are shown; `marked`: it is the one that keys
    are about; `public`: everybody can read this conversation; `joined`: it belongs to the album begun above it."""

    quoted: Message | None = None
    subject: bool = False
    unfolded: bool = False
    marked: bool = False
    public: bool = False
    joined: bool = False


#: how far a message is known to have got, in order
_STEPS = ("sent", "delivered", "read", "played")


def fate(message: Message, now: int, channel_kind: str = "", receipts: Collection[str] = ("delivered", "read")) -> Fate:
    """The fate of a message at `now`; changes with the clock only while a reply is held. `receipts`: what the channel
    reports; the last of it stands out, since no more will come."""
    if message.direction != "out":
        return Fate()
    status = message.status
    if status == "queued":
        review = message.data.get("review")
        if isinstance(review, dict) and review.get("state") == "pending":
            return Fate(_("◔ waits for review · {key} take back").format(key=first("unschedule")), "accent")
        held = (message.send_at or 0) - now
        if held > 0 and "scheduled" in message.data:
            from agent_console.presentation import when  # few messages wait for their time

            leaves = when.ahead(message.send_at or 0, now)
            said = _("◷ leaves {moment} · {key} take back")
            return Fate(said.format(moment=leaves, key=first("unschedule")), "accent")
        if held > 0:
            return Fate(
                _("◷ leaves in {n} s · {key} take back").format(n=-(-held // _SECOND), key=first("undo")), "accent"
            )
        return Fate(_("◦ waiting to be sent"))
    if status == "failed":
        why = words.reason(message.failure, channel_kind)
        return Fate(_("✗ not sent"), "bad", _("{why} · {key} try again").format(why=why, key=first("retry")))
    if status == "unknown":
        return Fate(_("? unsure"), "warn", _("nobody can say whether it arrived · u decide"))
    review = message.data.get("review")
    if status == "cancelled" and isinstance(review, dict) and review.get("state") == "returned":
        by, remark = line(str(review.get("by", "")), 40), line(str(review.get("remark", "")), 300)
        return Fate(_("given back"), "warn", _("{by}: {remark}").format(by=by, remark=remark))
    simple = {
        "sending": (_("→ sending"), "faint"),
        "sent": (_("✓ sent"), "faint"),
        "delivered": (_("✓✓ delivered"), "muted"),
        "read": (_("✓✓ read"), "good"),
        "played": (_("✓✓ played"), "good"),
        "cancelled": (_("taken back"), "faint"),
    }
    tail, tone = simple.get(status, ("", "faint"))
    if (
        tone == "faint"
        and status in _STEPS
        and not any(step in receipts for step in _STEPS[_STEPS.index(status) + 1 :])
    ):
        tone = "muted"
    return Fate(tail, tone)


def lines(message: Message, fate: Fate, look: Look, width: int, me: str, setting: Setting) -> list[Segments]:
    """One message in lines of at most `width` cells."""
    painted = (
        _note(message, look, width, me)
        if message.direction == "note"
        else _said(message, fate, look, width, me, setting)
    )
    if not setting.marked:
        return painted
    return [[Segment("▌", look.accent), Segment(first.text[1:], first.style), *more] for first, *more in painted]


def _said(message: Message, fate: Fate, look: Look, width: int, me: str, setting: Setting) -> list[Segments]:
    ours = message.direction == "out"
    inset = (OURS_AT if width >= NARROW else OURS_AT_NARROW) if ours else 0
    at = TEXT_AT + inset
    room = max(8, width - at - 1)
    name = _speaker(message, me) if ours else letters.sender(message)
    who = cut(name, room // 3) + ": " if name else ""
    body = look.muted if ours else look.text
    gone = message.revoked_at is not None or message.status == "cancelled"
    if gone:
        body = look.struck
    elif letters.hidden(message) or letters.automatic(message):
        body = look.faint
    out: list[Segments] = letters.above(message, setting.subject, look, room)
    if message.reply_to is not None:
        out.append([Segment("│ " + cut(_quote(setting.quoted, me), room - 2), look.faint)])
    for described in media.describe(message.kind, message.data, message.attachments):
        sign, words_of_it = cut(described, room)[:1], cut(described, room)[1:]
        out.append([Segment(sign, look.faint if gone else look.accent), Segment(words_of_it, body)])
    text = block(message.text)
    if text.strip():
        out += _worded(text.rstrip(), who, look, body, room)
    elif who and out:
        out[-1].insert(0, Segment(who, look.faint))
    if not out:
        out.append([Segment(who, look.faint)] if who else [Segment("—", look.faint)])
    out = [_clipped(segments, room) for segments in out]
    _remarks(out, message, setting.public, look, room)
    out += letters.below(message, setting.unfolded, look, room)
    if fate.tail:
        _put_tail(out, _short(fate.tail, width), getattr(look, fate.tone), room)
    if fate.reason:
        out += [[Segment(part, look.bad if fate.tone == "bad" else look.warn)] for part in wrap(fate.reason, room)]
    time = "" if setting.joined else clock(message.at)
    first = [Segment(f"{time:>{TEXT_AT - 2}}  " + " " * inset, look.faint), *out[0]]
    pad = Segment(" " * at)
    return [first, *([pad, *segments] for segments in out[1:])]


def day_line(text: str, look: Look) -> Segments:
    """What separates two days."""
    return [Segment(f"   ─ {text} ─", look.faint)]


def new_line(count_text: str, look: Look, width: int) -> Segments:
    """What separates what was read from what is new."""
    rule = "─" * max(0, min(30, width - cells(count_text) - 8))
    return [Segment(f"   ─ {count_text} {rule}", look.accent)]


def _worded(text: str, who: str, look: Look, body: Style, room: int) -> list[Segments]:
    wrapped = wrap(who + text, room)
    lead = [Segment(who, look.faint)] if who else []
    first, *more = linked([wrapped[0][len(who) :], *wrapped[1:]], text, body, look.hyperlinks)
    return [[*lead, *first], *more]


def linked(parts: Sequence[str], text: str, style: Style, hyperlinks: bool) -> list[Segments]:
    """The lines that a text was wrapped to, its links underlined and, with `hyperlinks`, given to the terminal as such
    (OSC 8), so that one can be opened there however many lines it takes. A click of ours finds where one leads in the
    style's meta. That is what is read, nothing else."""
    spans = list(links.spans(text))
    if not spans:
        return [[Segment(part, style)] for part in parts]
    targets = [links.target(span.link) for span in spans]
    styles = [
        style + Style(underline=True, link=target if hyperlinks else None, meta={"link": target}) for target in targets
    ]
    out: list[Segments] = []
    at = 0
    for part in parts:
        start = text.find(part, at)
        if start < 0:  # not a piece of it: too long a name before it was cut
            out.append([Segment(part, style)])
            continue
        at, segments = start, list[Segment]()
        for span, look in zip(spans, styles, strict=True):
            begin, end = max(span.start, start), min(span.end, start + len(part))
            if begin < end:
                segments += [Segment(text[at:begin], style), Segment(text[begin:end], look)]
                at = end
        out.append([*segments, Segment(text[at : start + len(part)], style)])
        at = start + len(part)
    return out


def _clipped(segments: Segments, room: int) -> Segments:
    if sum(cells(segment.text) for segment in segments) <= room:
        return segments
    clipped: Segments = []
    for segment in segments:
        clipped.append(Segment(cut(segment.text, room), segment.style))
        room -= cells(clipped[-1].text)
        if room <= 0:
            break
    return clipped


def _remarks(out: list[Segments], message: Message, public: bool, look: Look, room: int) -> None:
    if message.revoked_at is not None:
        by = _("deleted by its sender")
        out.append([Segment(cut(f"✗ {by} · {clock(message.revoked_at)}", room), look.faint)])
    elif message.edited_at is not None:
        _put_behind(out, _("edited"), look.faint, room)
    for said, tone in letters.remarks(message, public):
        _put_behind(out, said, getattr(look, tone), room)
    if message.direction == "out" and message.via:
        rule = message.via.removeprefix("rule:")
        said = _("sent with {tool}") if rule == message.via else _("sent by the rule {tool}")
        said = _("sent by the server") if rule == "system" else said
        _put_behind(out, said.format(tool=line(rule, 30)), look.faint, room)
    if reactions := reaction_words(message.reactions):
        out.append([Segment(cut("↳ " + reactions, room), look.muted)])


def reaction_words(reactions: Mapping[str, str]) -> str:
    """Every reaction once, with how often if more than once."""
    counted: dict[str, int] = {}
    for emoji in reactions.values():
        if shown := line(emoji, 12):
            counted[shown] = counted.get(shown, 0) + 1
    return " ".join(f"{emoji} {n}" if n > 1 else emoji for emoji, n in list(counted.items())[:8])


def _put_behind(out: list[Segments], text: str, style: Style, room: int) -> None:
    used = sum(cells(segment.text) for segment in out[-1])
    if used + cells(text) + 3 <= room:
        out[-1].append(Segment(f" · {text}", style))
    else:
        out.append([Segment(cut(text, room), style)])


def _put_tail(out: list[Segments], text: str, style: Style, room: int) -> None:
    """Stand `text` right, behind the last line if there is room, else under it."""
    used = sum(cells(segment.text) for segment in out[-1])
    if used + cells(text) + 2 > room:
        out.append([])
        used = 0
    text = cut(text, room)
    out[-1].append(Segment(" " * (room - used - cells(text)) + text, style))


def _short(tail: str, width: int) -> str:
    return tail.split(" ")[0] if width < NARROW - 12 and tail[0] in "✓→◦" else tail


def _note(message: Message, look: Look, width: int, me: str) -> list[Segments]:
    room = max(8, width - TEXT_AT - 3)
    who = _("note ({name})").format(name=cut(_speaker(message, me), room // 3)) + ": "
    if message.data.get("whisper"):
        to = _("you") if message.data.get("to") == me else line(str(message.data.get("to", "")), 40)
        said = _("whisper ({name} to {to})").format(name=cut(_speaker(message, me), room // 3), to=to)
        who = cut(said, room * 2 // 3) + ": "
    text = block(message.text).strip()
    wrapped = wrap(who + text, room)
    lines: list[Segments] = []
    for number, part in enumerate(linked([wrapped[0][len(who) :], *wrapped[1:]], text, look.note, look.hyperlinks)):
        time = f"{clock(message.at):>{TEXT_AT - 2}}  " if number == 0 else " " * TEXT_AT
        lead = [Segment(who, look.muted)] if number == 0 else []
        lines.append([Segment(time, look.faint), Segment("┃ ", look.note), *lead, *part])
    return lines


def _speaker(message: Message, me: str) -> str:
    if message.author == me:
        return _("You")
    rule = words.actor(message.via) if message.via.startswith("rule:") else ""
    return line(message.author_name or message.author or rule, 40) or _("System")


def _quote(quoted: Message | None, me: str) -> str:
    if quoted is None:
        return _("in answer to an earlier message")
    text = media.preview(quoted.kind, quoted.text)
    return f"{_speaker(quoted, me)}: {text}" if quoted.direction == "out" else f"«{text}»"


def held(messages: Sequence[Message], now: int) -> bool:
    """Whether one of these is a reply that can still be taken back: its countdown is repainted each second."""
    return any(
        m.status == "queued" and m.send_at is not None and m.send_at > now - _SECOND and "scheduled" not in m.data
        for m in messages
    )
