"""Cases of what can go wrong with an answer, each on a channel of its own of one server, all at once."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from agent_console.backend import calls
from agent_console.backend.api import Api
from server import wire
from server.sandbox.graph_faults import Fault
from tests.faults.office import until

REPLIES = 3


class Case(NamedTuple):
    """What goes wrong with the first of some replies, and what becomes of it.

    `status`: its last one · `taken`: how often the other side takes it · `reason`: why it failed, if it did · `then`:
    what the advisor decides about it · `pause_ms`: the least time before it is tried again.
    """

    name: str
    faults: tuple[Fault, ...]
    status: str
    taken: int = 1
    reason: str = ""
    then: str = ""
    pause_ms: int = 0


def text_of(case: Case, n: int) -> str:
    return f"{case.name} / {n}"


class Outcome(NamedTuple):
    """The replies as the API shows them, before and after the advisor's word."""

    first: list[wire.Message]
    last: list[wire.Message]


async def play(api: Api, cases: dict[str, Case], end: str) -> dict[str, Outcome]:
    """Answer in each case's channel (its customer has written), decide what is left open, and wait for the end of all.

    `end`: the status in which an answer rests that nothing went wrong with.
    """
    rows = (await api.send(calls.conversations("all", limit=200))).items
    conversations = {row.channel: row.id for row in rows}
    assert set(conversations) == set(cases)

    async def replies(channel: str) -> list[wire.Message]:
        page = await api.send(calls.messages(conversations[channel], limit=50))
        return [message for message in page.items if message.direction == "out"]

    async def settled(decided: bool) -> None:
        open_ones: list[str] = []

        async def all_settled() -> bool:
            open_ones[:] = []
            for channel, case in cases.items():
                wanted = case.status
                if decided and case.then:
                    wanted = {"resend": end, "sent": "sent"}[case.then]
                found = [message.status for message in await replies(channel)]
                if found != [wanted, *[end] * (REPLIES - 1)]:
                    open_ones.append(f"{case.name}: {found}")
            return not open_ones

        try:
            await until(all_settled, "an end", 150)
        except AssertionError:
            raise AssertionError(f"{'after' if decided else 'before'} the word: {open_ones}") from None

    for n in range(REPLIES):
        for channel, case in cases.items():
            await api.send(calls.reply(conversations[channel], wire.Reply(text=text_of(case, n))))
    await settled(False)
    first = {channel: await replies(channel) for channel in cases}
    for channel, case in cases.items():
        if case.then == "resend":
            act = calls.resend if case.status == "failed" else None
            message = first[channel][0].id
            await api.send(act(message) if act is not None else calls.settle(message, "resend"))
        elif case.then:
            await api.send(calls.settle(first[channel][0].id, case.then))
    await settled(True)
    await asyncio.sleep(0)
    return {channel: Outcome(first[channel], await replies(channel)) for channel in cases}
