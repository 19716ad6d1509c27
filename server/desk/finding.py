"""When a provider is asked what became of a message whose fate nobody knows. Pure."""

from __future__ import annotations

from server.desk import retry

#: pauses before the first and each further question (ms): what was slow shows up, what was lost stays lost
PAUSES_MS = (5_000, 15_000, 60_000, 5 * 60_000, 30 * 60_000)
#: the first question at which "it is not there" is believed: a provider may still have been busy with it at the first
BELIEVED = 2


def next_question(asked: int, now: int) -> int | None:
    """When to ask after `asked` answers that decided nothing (UTC ms); None: an advisor has to decide."""
    return now + PAUSES_MS[asked] if asked < len(PAUSES_MS) else None


def unanswered(created_at: int, now: int) -> int | None:
    """When to ask again after a question that got no answer at all (the provider is down); None: give up."""
    return now + PAUSES_MS[-2] if now - created_at < retry.GIVE_UP_MS else None


def is_lost(asked: int) -> bool:
    """Whether "it is not there", said to the question after `asked` others, means that it never left."""
    return asked + 1 >= BELIEVED
