"""Whose links are worth offering: those of a conversation's messages, those of reply templates. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from agent_console.backend.links import spans
from agent_console.safetext import block
from server import wire

#: characters of a message looked through
MOST: Final = 100_000


class InMessage(NamedTuple):
    """A link and the newest message that has it."""

    link: str
    message: wire.Message


class InTemplate(NamedTuple):
    """A link and the reply template that is used most of those that have it."""

    link: str
    template: wire.ReplyTemplate


def of_messages(messages: Sequence[wire.Message], notes: bool) -> list[InMessage]:
    """The links of a conversation, the newest first; those of `notes` only where they are wanted."""
    found: dict[str, InMessage] = {}
    for message in reversed(messages):
        if (message.direction != "note" or notes) and message.revoked_at is None:
            for span in spans(block(message.text, MOST)):
                found.setdefault(span.link, InMessage(span.link, message))
    return list(found.values())


def of_templates(templates: Iterable[wire.ReplyTemplate]) -> list[InTemplate]:
    """The links of reply templates, those that are used most first."""
    found: dict[str, InTemplate] = {}
    for template in sorted(templates, key=lambda each: -each.uses):
        for variant in template.variants:
            for span in spans(block(variant.text, MOST)):
                found.setdefault(span.link, InTemplate(span.link, template))
    return list(found.values())
