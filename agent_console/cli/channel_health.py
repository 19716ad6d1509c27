"""How channels are, in words: for `agent-console channel list` and `channel show`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from agent_console import words
from agent_console.i18n import _, clock, moment, ngettext

if TYPE_CHECKING:
    from server import wire

SIGNS = {"ok": "✓", "warning": "!", "down": "✗"}


def sign(channel: wire.Channel) -> str:
    """One cell: how the channel is; nothing of one that is switched off."""
    if not channel.active:
        return ""
    state = channel.health.state
    return f"{SIGNS.get(state, '?')} {words.health_state(state)}"


def advice(channels: Sequence[wire.Channel]) -> Iterator[str]:
    """A line for each channel with which something is wrong or odd: what it is and what to do."""
    for channel in channels:
        health = channel.health
        for code in filter(None, (health.problem, health.hint)):
            said = [*words.health(code, channel.name)]
            if code == health.problem:
                said += [f"({health.detail})" if health.detail else "", _paused(health)]
            yield f"{channel.name}: " + " ".join(filter(None, said))


def _paused(health: wire.Health) -> str:
    if health.paused_until is None:
        return ""
    return _("It is tried again at {time}.").format(time=clock(health.paused_until))


def pairs(channel: wire.Channel, now: int, people: bool) -> list[tuple[str, str, object]]:
    """What `channel show` says of a channel's health: (CSV's name, title, value)."""
    health = channel.health

    def when(at: int | None) -> object:
        return (moment(at, now) if at else "") if people else at

    what, todo = words.health(health.problem, channel.name) if health.problem else ("", "")
    sends = ngettext("{failed} of {n} message not taken", "{failed} of {n} messages not taken", health.attempts)
    return [
        ("health.state", _("State"), sign(channel) if people else health.state),
        ("health.problem", _("Problem"), what if people else health.problem),
        ("health.detail", _("Detail"), health.detail),
        ("health.todo", _("What to do"), todo),
        ("health.since", _("Since"), when(health.since)),
        ("health.paused_until", _("Tried again"), when(health.paused_until)),
        (
            "health.failed",
            _("Last hour"),
            (sends.format(failed=health.failed, n=health.attempts) if health.attempts else "")
            if people
            else health.failed,
        ),
        ("health.waiting", _("Waiting to be sent"), (health.waiting or "") if people else health.waiting),
        ("health.unknown", _("Of unknown fate"), (health.unknown or "") if people else health.unknown),
        ("health.pulled_at", _("Last fetched"), when(health.pulled_at)),
        ("health.token_expires_at", _("Token ends"), when(health.token_expires_at)),
    ]
