"""What people read of the protocol: stages as dots, checklists, outcomes with their amounts, and what happened."""

from __future__ import annotations

from agent_console import words
from agent_console.i18n import _, day, duration, moment, number
from agent_console.safetext import cells
from server import wire

_DONE, _OPEN, _LATE = "✓", "·", "!"


def dots(stage: str) -> str:
    """How far a conversation has come: one dot for each of the five stages."""
    at = wire.STAGES.index(stage) + 1 if stage in wire.STAGES else 0
    return "●" * at + "○" * (len(wire.STAGES) - at)


def topic(name: str) -> str:
    """A topic as people read it: its path, each part after the other."""
    return " › ".join(part[:1].upper() + part[1:] if at == 0 else part for at, part in enumerate(name.split("/")))


def amount(ending: wire.Ending) -> str:
    """An amount of money with its currency."""
    if ending.amount is None:
        return ""
    whole, cents = divmod(ending.amount, 100)
    return f"{ending.currency} {number(whole)}.{cents:02d}"


def cents(text: str) -> int | None:
    """An amount of money in whole cents, as people write it; None for anything else."""
    from decimal import Decimal, InvalidOperation  # nobody who counts no money waits for it

    try:
        amount = Decimal(text.strip().lstrip("$").replace(",", ""))
        whole = int(amount * 100)
    except (InvalidOperation, ValueError, OverflowError):
        return None
    return whole if whole >= 0 and amount * 100 == whole else None


def outcome(ending: wire.Ending) -> str:
    """How a conversation ended, in a few words; empty if that is not known."""
    parts = [words.outcome(ending.outcome), amount(ending), ending.reason]
    return " · ".join(part for part in parts if part) if ending.outcome else ""


def mark(item: wire.CheckItem) -> str:
    """The sign before an item: done, done too late, open."""
    return (_LATE if item.late else _DONE) if item.done else _OPEN


def title(item: wire.CheckItem, room: int | None = None) -> str:
    """What an item is called, with its time and, where there is `room` for that, whether it is only wished for."""
    text = words.check_item(item.kind, item.title)
    if item.within_ms:
        text += " " + _("within {time}").format(time=duration(item.within_ms))
    whole = text if item.required else _("{what} (if possible)").format(what=text)
    return whole if room is None or cells(whole) <= room else text


def who(item: wire.CheckItem, now: int) -> str:
    """Who did it and when; `late` is said."""
    parts = [item.by, day(item.at, now) if item.at is not None and item.done else ""]
    if item.late:
        parts.append(_("too late"))
    return " · ".join(part for part in parts if part)


def told(checklist: wire.Checklist, now: int) -> list[str]:
    """A checklist in lines: stage, what it asks for, who did it."""
    out = [f"#{checklist.conversation} {dots(checklist.stage)} {words.stage(checklist.stage)}"]
    ended = outcome(checklist.ending)
    if ended:
        out.append(_("Outcome: {what}").format(what=ended))
    if not checklist.items:
        out.append(_("Its team's protocol asks for nothing."))
    for item in checklist.items:
        done = who(item, now)
        out.append(f"{mark(item)} {item.id}: {title(item)}" + (f" · {done}" if done else ""))
    return out


def step(event: wire.Event, now: int) -> str:
    """One thing that happened to stage, classification or checklist, in a line."""
    return f"{moment(event.at, now)}  {words.actor(event.actor)}: {_what(event)}"


def _what(event: wire.Event) -> str:
    data = event.data
    match event.kind:
        case "conversation.stage":
            return _("{was} → {stage}: {why}").format(
                was=words.stage(str(data.get("was"))),
                stage=words.stage(str(data.get("stage"))),
                why=words.stage_reason(str(data.get("why"))),
            )
        case "conversation.classified":
            said = " · ".join(
                (str(data.get("topic")) or _("no topic"), words.complexity(str(data.get("complexity", ""))))
            )
            keyword = (data.get("why") or {}).get("keyword") if isinstance(data.get("why"), dict) else None
            return said + (" " + _("(«{keyword}»)").format(keyword=keyword) if keyword else "")
        case "conversation.prioritised":
            return f"{words.event(event.kind)}: {words.priority(str(data.get('priority')))}"
        case "conversation.checked":
            return (
                f"{_DONE if data.get('on') else _OPEN} {words.check_item(str(data.get('kind')))} ({data.get('item')})"
            )
        case "conversation.resolved" | "conversation.outcome":
            ended = wire.Ending(
                outcome=str(data.get("outcome", "")),
                amount=data.get("amount") if isinstance(data.get("amount"), int) else None,
                currency=str(data.get("currency", "")),
                reason=str(data.get("reason", "")),
            )
            said = " · ".join(part for part in (words.event(event.kind), outcome(ended)) if part)
            missing = data.get("missing")
            if isinstance(missing, list) and missing:
                said += " · " + _("missing: {what}").format(what=", ".join(map(str, missing)))
            return said
    return words.event(event.kind)
