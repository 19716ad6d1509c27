"""What did not leave, and how the channels are: heard line by line, and decided on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from agent_console import words
from agent_console.backend import calls
from agent_console.backend.resending import send_all_again
from agent_console.i18n import _, moment, ngettext
from agent_console.plain import vocabulary, wording
from agent_console.plain.refusals import Refused, numbered
from agent_console.presentation import outbox
from agent_console.safetext import line
from agent_console.word_tables_upkeep import HEALTH
from server import wire

if TYPE_CHECKING:
    from agent_console.plain.desk import Desk

#: messages of each state that are read out
MOST = 30
_WHAT: Final[dict[str, tuple[str, ...]]] = {
    "again": ("otra vez", "again", "reenviar"),
    "arrived": ("llegó", "arrived"),
    "leave": ("dejar", "leave"),
    "channel": ("canal", "channel"),
}
_YES: Final[dict[str, tuple[str, ...]]] = {"yes": ("sí", "yes")}


class Unsent:
    """Messages of ours that failed, or whose fate nobody knows, and the channels they went by."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._items: list[wire.OutboxItem] = []

    async def do_unsent(self, rest: str) -> None:
        """Read them out; NUMBER and what becomes of it: again, arrived, leave, or channel: all of its channel again."""
        if not rest.strip():
            await self._read()
            return
        number, _space, said = rest.strip().partition(" ")
        item = self._items[numbered(number, len(self._items), "unsent")]
        what = vocabulary.pick(said, _WHAT)
        if what == "again":
            resend = calls.settle(item.message.id, "resend") if item.state == "unknown" else None
            await self._desk.send(resend or calls.resend(item.message.id))
            self._say(item, _("It is sent again."))
        elif what == "arrived":
            await self._arrived(item)
        elif what == "leave":
            await self._leave(item)
        elif what == "channel":
            await self._all_of(item.conversation)
        else:
            raise Refused(_("say its number and again, arrived, leave, or channel (all failed ones of its channel)."))

    async def _read(self) -> None:
        desk = self._desk
        unknown, failed = await asyncio.gather(
            desk.send(calls.outbox("unknown", limit=MOST)), desk.send(calls.outbox("failed", limit=MOST))
        )
        self._items = [*unknown.items, *failed.items]
        if not self._items:
            desk.say(_("Everything has left."))
        for number, item in enumerate(self._items, 1):
            row, message = item.conversation, item.message
            facts = ", ".join((wording.name_of(row), words.channel(row.channel_kind), moment(item.at, desk.now())))
            text = wording.in_short(message.kind, message.text, 200)
            desk.say(f"{number}. {facts}, #{row.id}: {text}", wording.INDENT + outbox.why(item))
        if failed.next is not None or unknown.next is not None:
            desk.say(_("There are more; they are read out when these are decided on."))

    async def _arrived(self, item: wire.OutboxItem) -> None:
        if item.state != "unknown":
            raise Refused(_("it certainly did not arrive."))
        await self._desk.send(calls.settle(item.message.id, "sent"))
        self._say(item, _("It counts as arrived."))

    async def _leave(self, item: wire.OutboxItem) -> None:
        if item.state == "unknown":
            raise Refused(_("nobody knows whether it arrived: say arrived, or again."))
        sure = await self._desk.ask(_("It will not be sent and leaves this list. Yes or no"))
        if vocabulary.pick(sure, _YES) is None:
            raise Refused(_("nothing was done."))
        await self._desk.send(calls.drop(item.message.id))
        self._say(item, _("It will not be sent."))

    async def _all_of(self, row: wire.ConversationRow) -> None:
        """All failed ones of a channel, the oldest first."""
        desk, channel = self._desk, row.channel
        question = _(
            "Send all failed messages of {channel} again? Customers may have got an answer meanwhile. Yes or no"
        )
        if vocabulary.pick(await desk.ask(question.format(channel=line(channel, 40))), _YES) is None:
            raise Refused(_("nothing was done."))
        done = await send_all_again(desk.session.api, channel)
        desk.say(", ".join(outbox.sent_again(done)) + ".")

    def _say(self, item: wire.OutboxItem, said: str) -> None:
        self._desk.say(f"{wording.name_of(item.conversation)}: {said}")

    # ------------------------------------------------------------ channels

    async def do_channels(self, rest: str) -> None:
        """How each channel is, and what to do about one that is not well."""
        desk = self._desk
        for channel in (await desk.send(calls.channels())).items:
            desk.say(*self._channel(channel, desk.now()))

    def _channel(self, channel: wire.Channel, now: int) -> list[str]:
        health, name = channel.health, line(channel.name, 60)
        state = words.health_state(health.state) if channel.active else _("switched off")
        if channel.active and health.since is not None and health.state != "ok":
            state = _("{what} since {time}").format(what=state, time=moment(health.since, now))
        facts = [words.channel(channel.kind), state]
        if channel.last_in_at:
            facts.append(_("last in {time}").format(time=moment(channel.last_in_at, now)))
        if channel.last_out_at:
            facts.append(_("last out {time}").format(time=moment(channel.last_out_at, now)))
        if health.attempts and health.failed:
            facts.append(_("{n} of {all} failed").format(n=health.failed, all=health.attempts))
        if health.waiting:
            facts.append(ngettext("{n} waits", "{n} wait", health.waiting).format(n=health.waiting))
        return [f"{name}: {', '.join(facts)}.", *(wording.INDENT + each for each in self._advice(channel, now))]

    @staticmethod
    def _advice(channel: wire.Channel, now: int) -> list[str]:
        """What is wrong and what to do, in sentences."""
        health, name = channel.health, line(channel.name, 60)
        said: list[str] = []
        if health.problem:
            what, todo = words.health(health.problem, name)
            detail = line(health.detail, 200)
            said += [what, f"«{detail}»" if detail else "", todo]
        if health.hint in HEALTH:
            said += words.health(health.hint, name)
        if health.paused_until is not None and health.paused_until > now:
            said.append(_("It is tried again in {time}.").format(time=wording.span(health.paused_until - now)))
        return [each for each in said if each]


def trouble(channel: wire.Channel) -> str:
    """That a channel is not well, in a line."""
    what, _todo = words.health(channel.health.problem or "other", line(channel.name, 40))
    hint = vocabulary.BY_ID["channels"].name
    said = _("The channel {name} is in trouble: {what} {channels} says what to do.")
    return said.format(name=line(channel.name, 40), what=what, channels=hint)
