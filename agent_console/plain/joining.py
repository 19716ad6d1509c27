"""Making one of two, or two of one, line by line: people who are likely the same, conversations that belong
together."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from agent_console import words
from agent_console.backend import calls
from agent_console.i18n import _, day
from agent_console.plain import wording
from agent_console.plain.refusals import Refused, numbered
from agent_console.presentation import people
from agent_console.safetext import line
from server import wire

if TYPE_CHECKING:
    from agent_console.backend.calls import Call
    from agent_console.plain.desk import Desk


class Joining:
    """Who the customer also is, and what else of theirs is open."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._likely: tuple[int, list[wire.Likely]] = (0, [])

    async def do_merge(self, rest: str) -> None:
        """Hear who is likely the same person; a number makes them one, with a minus they are not the same; #12 makes
        that conversation part of this one."""
        row = self._desk.row_here()
        said = rest.strip()
        if said.startswith("#") and said[1:].isdecimal():
            await self._conversations(row, int(said[1:]))
        elif said:
            await self._people(row, said)
        else:
            await self._read(row)

    async def _read(self, row: wire.ConversationRow) -> None:
        desk, contact = self._desk, self._contact()
        found = (await desk.send(calls.suggestions(contact))).items
        self._likely = (contact, found)
        for number, each in enumerate(found, 1):
            where = ", ".join(line(channel, 40) for channel in each.channels)
            desk.say(f"{number}. {_called(each.name)}: {people.reason(each)}, {where}")
        if not found:
            desk.say(_("Nobody else is likely the same person."))
        for past in (await desk.send(calls.history(row.id))).items:
            if past.id != row.id and past.state != "resolved":
                desk.say(f"#{past.id}, {words.channel(past.channel_kind)}: {line(past.preview, 200)}")

    async def _people(self, row: wire.ConversationRow, said: str) -> None:
        desk, contact = self._desk, self._contact()
        about, found = self._likely
        likely = found[numbered(said.removeprefix("-"), len(found) if about == contact else 0, "merge")]
        if said.startswith("-"):
            await desk.send(calls.reject_suggestion(contact, likely.contact))
            await self._done(row, _("Noted: {name} is somebody else.").format(name=_called(likely.name)))
            return
        one = await desk.send(calls.merge_contacts(contact, likely.contact))
        merge = next((each.id for each in one.merges if each.contact == likely.contact), None)
        told = _("{name} and {other} are one person now.").format(name=wording.name_of(row), other=_called(likely.name))
        await self._done(row, told, None if merge is None else lambda: calls.unmerge_contacts(contact, merge))

    async def _conversations(self, row: wire.ConversationRow, other: int) -> None:
        self._desk.session.know(await self._desk.send(calls.merge_conversations(row.id, other)))
        told = _("#{other} is part of this conversation now.").format(other=other)
        await self._done(row, told, lambda: calls.split_conversation(row.id, other))

    # ------------------------------------------------------------ two of one

    async def do_split(self, rest: str) -> None:
        """Hear what was merged into this customer and this conversation; a number, or #12, takes it apart again."""
        desk, row = self._desk, self._desk.row_here()
        about = await desk.send(calls.conversation(row.id))
        said, merges = rest.strip(), about.contact.merges
        if said.startswith("#") and said[1:].isdecimal():
            await self._take_out(row, int(said[1:]))
        elif said:
            await self._take_apart(row, about.contact.id, merges[numbered(said, len(merges), "split")])
        elif not merges and not about.merged:
            desk.say(_("Nothing was merged here."))
        else:
            now = desk.now()
            desk.say(
                *(f"{at}. {_called(each.name)}, {_by(each)}, {day(each.at, now)}" for at, each in enumerate(merges, 1)),
                *(_("#{other} is part of this conversation.").format(other=each) for each in about.merged),
            )

    async def _take_apart(self, row: wire.ConversationRow, contact: int, merge: wire.Merge) -> None:
        freed = await self._desk.send(calls.unmerge_contacts(contact, merge.id))
        told = _("{name} is a customer of their own again.").format(name=_called(merge.name))
        await self._done(row, told, lambda: calls.merge_contacts(contact, freed.id))

    async def _take_out(self, row: wire.ConversationRow, other: int) -> None:
        self._desk.session.know(await self._desk.send(calls.split_conversation(row.id, other)))
        told = _("#{other} is a conversation of its own again.").format(other=other)
        await self._done(row, told, lambda: calls.merge_conversations(row.id, other))

    # ------------------------------------------------------------ inside

    async def _done(self, row: wire.ConversationRow, told: str, back: Callable[[], Call[Any]] | None = None) -> None:
        """Say what was done once the customer is known anew; `back` is what takes it back, if anything does."""
        desk = self._desk
        if back is not None:
            undo = back

            async def run() -> str:
                await desk.send(undo())
                await desk.session.renew(row.id)
                return _("Taken back: {what}").format(what=told)

            desk.undoable(told, run)
        await desk.session.renew(row.id)
        desk.say(told)

    def _contact(self) -> int:
        about = self._desk.about_here()
        if about is None:
            raise Refused(_("what is known of the customer has not come yet; try again."))
        return about.contact.id


def _called(name: str) -> str:
    return line(name, 80) or _("No name")


def _by(merge: wire.Merge) -> str:
    """Who said that they are one."""
    if merge.proof == "provider":
        return _("the channel says so")
    return _("by {name}").format(name=line(merge.by, 30)) if merge.by else _("by a colleague")
