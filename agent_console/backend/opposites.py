"""What undoes a change: the changes that bring a row back to how it stood before. Pure."""

from __future__ import annotations

from agent_console.backend.overlay import (
    AssignTo,
    Change,
    ChangeTags,
    Claim,
    Classify,
    Follow,
    Reopen,
    Resolve,
    RunMacro,
    SetPriority,
    SetStage,
    Snooze,
)
from server import wire


def opposite(change: Change, row: wire.ConversationRow) -> list[Change]:
    """What takes `change` back; `row` as it was before it. Nothing for a change that cannot be undone or did
    nothing."""
    id = row.id
    match change:
        case Claim() | AssignTo():
            return [AssignTo(id, user=row.assignee, team=None if row.assignee else row.team)]
        case Resolve():
            again: list[Change] = [Reopen(id, was=row.state)]
            if row.assignee is None:
                again.append(AssignTo(id, team=row.team))
            if row.state == "snoozed" and row.snoozed_until is not None:
                again.append(Snooze(id, until=row.snoozed_until))
            return again
        case Reopen():
            return [Resolve(id)]
        case ChangeTags():
            add = tuple(tag for tag in change.remove if tag in row.tags)
            remove = tuple(tag for tag in change.add if tag not in row.tags)
            return [ChangeTags(id, add=add, remove=remove)] if add or remove else []
        case SetPriority():
            return [SetPriority(id, priority=row.priority)] if row.priority != change.priority else []
        case Classify():
            named = [name for name in ("topic", "complexity", "priority") if getattr(change, name) is not None]
            if all(getattr(change, name) == getattr(row, name) for name in named):
                return []
            return [Classify(id, **{name: getattr(row, name) for name in named})]
        case SetStage():
            return [SetStage(id, stage=row.stage)] if row.stage not in (change.stage, "closure") else []
        case Snooze():
            before = row.snoozed_until if row.state == "snoozed" else None
            return [Snooze(id, until=before)] if before != change.until else []
        case Follow():
            return [Follow(id, on=not change.on)]
        case RunMacro():
            return [each for step in reversed(change.steps) for each in opposite(step, row)]
    return []
