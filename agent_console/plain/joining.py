"""Making one of two, line by line: people who are likely the same, conversations that belong together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent_console import words
from agent_console.backend import calls
from agent_console.i18n import _
from agent_console.plain import vocabulary, wording
from agent_console.plain.desk import Refused
from agent_console.safetext import line
from server import wire

if TYPE_CHECKING:
    from agent_console.plain.desk import Desk


class Joining:
    """Who the customer also is, and what else of theirs is open."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._likely: tuple[int, list[wire.Likely]] = (0, [])

    async def do_merge(self, rest: str) -> None:
        """Hear who is likely the same person; a number makes them one, #12 makes that conversation part of this one."""
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
            name = line(each.name, 80) or _("No name")
            desk.say(f"{number}. {name}: {words.likeness(each.reason)} {line(each.value, 80)}, {where}")
        if not found:
            desk.say(_("Nobody else is likely the same person."))
        for past in (await desk.send(calls.history(row.id))).items:
            if past.id != row.id and past.state != "resolved":
                desk.say(f"#{past.id}, {words.channel(past.channel_kind)}: {line(past.preview, 200)}")

    async def _people(self, row: wire.ConversationRow, said: str) -> None:
        desk, contact = self._desk, self._contact()
        about, found = self._likely
        if about != contact or not said.isdecimal() or not 1 <= int(said) <= len(found):
            raise Refused(_("say its number; {command} reads them out.").format(command=vocabulary.BY_ID["merge"].name))
        likely = found[int(said) - 1]
        one = await desk.send(calls.merge_contacts(contact, likely.contact))
        merge = next((each.id for each in one.merges if each.contact == likely.contact), None)
        told = _("{name} and {other} are one person now.").format(
            name=wording.name_of(row), other=line(likely.name, 80) or _("No name")
        )
        if merge is not None:

            async def run() -> str:
                await desk.send(calls.unmerge_contacts(contact, merge))
                return _("Taken back: {what}").format(what=told)

            desk.undoable(told, run)
        desk.say(told)

    async def _conversations(self, row: wire.ConversationRow, other: int) -> None:
        desk = self._desk
        desk.session.know(await desk.send(calls.merge_conversations(row.id, other)))
        told = _("#{other} is part of this conversation now.").format(other=other)

        async def run() -> str:
            await desk.send(calls.split_conversation(row.id, other))
            return _("Taken back: {what}").format(what=told)

        desk.undoable(told, run)
        desk.say(told)

    def _contact(self) -> int:
        about = self._desk.about_here()
        if about is None:
            raise Refused(_("what is known of the customer has not come yet; try again."))
        return about.contact.id
