"""All failed messages of a channel sent again, however many answers of the server that takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent_console.backend import calls
from server import wire

if TYPE_CHECKING:
    from agent_console.backend.api import Api


class SentAgain(NamedTuple):
    """How many messages go again, and how many the server leaves as they are."""

    going: int
    left: int


async def send_all_again(api: Api, channel: str) -> SentAgain:
    """Send the failed messages of a channel again, the oldest first. Raises ApiError, Unreachable; what was sent again
    before that goes all the same."""
    going = left = 0
    wanted = wire.ResendMany(channel=channel)
    while True:
        answer = await api.send(calls.resend_many(wanted))
        going, left = going + answer.resent, left + len(answer.skipped)
        if answer.next is None:
            return SentAgain(going, left)
        wanted = wire.ResendMany(channel=channel, after=answer.next)
