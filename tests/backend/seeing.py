"""What of a mirror a person can see, as plain data to compare."""

from __future__ import annotations

from typing import Any

import msgspec

from agent_console.backend.mirror import Mirror
from agent_console.backend.views import ListSpec
from server import wire
from tests.backend.model import ANA, Model

VIEWS = [ListSpec(view) for view in ("mine", "unassigned", "open", "waiting", "all")]


def fresh(model: Model, specs: list[ListSpec] = VIEWS) -> Mirror:
    """A console that starts now and loads everything."""
    mirror = Mirror(ANA)
    for spec in specs:
        mirror.show(spec)
        mirror.load_page(spec, model.page(spec))
    for conversation in model.rows:
        mirror.load_conversation(model.about(conversation))
        mirror.load_messages(conversation, model.thread(conversation))
    mirror.load_counts(model.counts())
    return mirror


def open_missing(mirror: Mirror, model: Model) -> Mirror:
    """Open the conversations that came since; those opened before are not asked for again."""
    for conversation in model.rows:
        if mirror.thread(conversation) is None:
            mirror.load_conversation(model.about(conversation))
            mirror.load_messages(conversation, model.thread(conversation))
    return mirror


def seen(mirror: Mirror, specs: list[ListSpec] = VIEWS) -> dict[str, Any]:
    """Every list line by line, every thread message by message, the counts."""
    picture: dict[str, Any] = {"seq": mirror.seq, "counts": msgspec.to_builtins(mirror.counts)}
    conversations: set[int] = set()
    for spec in specs:
        mirror.show(spec)
        mirror.set_cursor(None)
        lines = mirror.lines()
        picture[spec.view] = [(msgspec.to_builtins(line.row), line.unread, line.pending, line.gone) for line in lines]
        conversations |= {line.id for line in lines}
    for conversation in conversations:
        picture[f"thread {conversation}"] = [msgspec.to_builtins(each) for each in mirror.messages(conversation)]
    return picture


def apply_all(mirror: Mirror, frames: list[wire.FeedEvent]) -> None:
    for frame in frames:
        mirror.apply(frame)


def feed(mirror: Mirror, model: Model) -> None:
    """Everything that happened since."""
    apply_all(mirror, model.since(mirror.seq))
