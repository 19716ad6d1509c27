"""Links line by line: those of the conversation, those sent often, those of templates; put into the answer, opened."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

from agent_console.backend import calls_work, keeping, links
from agent_console.i18n import _, moment, ngettext
from agent_console.plain import vocabulary, wording
from agent_console.plain.refusals import Refused, numbered
from agent_console.presentation import linked
from agent_console.safetext import line

if TYPE_CHECKING:
    from agent_console.plain.desk import Desk
    from server import wire

#: links read out at once
MOST = 20
_OPEN: Final[dict[str, tuple[str, ...]]] = {"open": ("abrir", "open")}
_YES: Final[dict[str, tuple[str, ...]]] = {"yes": ("sí", "yes")}


class Known(NamedTuple):
    """A link, where it is from, and whether a customer sent it."""

    link: str
    said: str
    foreign: bool = False


class Linking:
    """Links worth offering in the open conversation."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._known: list[Known] = []

    async def do_link(self, rest: str) -> None:
        """Hear them; NUMBER puts one into the draft, NUMBER open opens it in the browser."""
        desk, row = self._desk, self._desk.row_here()
        number, _space, said = rest.strip().partition(" ")
        if not number:
            self._known = await self._find(row)
            if not self._known:
                raise Refused(_("there is no link here, nor in the templates."))
            desk.say(*(f"{at}. {line(each.link, 300)}, {each.said}" for at, each in enumerate(self._known, 1)))
            return
        chosen = self._known[numbered(number, len(self._known), "link")]
        if not said.strip():
            kept = desk.session.draft_of(row.id)
            lead = " " if kept and not kept[-1].isspace() else ""
            desk.session.draft(row.id, f"{kept}{lead}{chosen.link}")
            desk.say(*desk.writing.text_lines(_("Draft"), desk.session.draft_of(row.id)))
        elif vocabulary.pick(said.strip(), _OPEN):
            await self._open(chosen)
        else:
            raise Refused(_("say its number, or its number and open."))

    async def _find(self, row: wire.ConversationRow) -> list[Known]:
        """Of this conversation, the newest first; sent often; of templates."""
        desk = self._desk
        found: dict[str, Known] = {}
        for each in linked.of_messages(desk.session.mirror.messages(row.id), notes=True):
            found[each.link] = Known(each.link, self._whose(row, each.message), each.message.direction == "in")
        for link, times in desk.session.outgoing.links():
            said = ngettext("sent by you {n} time", "sent by you {n} times", times).format(n=times)
            found.setdefault(link, Known(link, said))
        for of in linked.of_templates((await desk.send(calls_work.templates())).items):
            found.setdefault(of.link, Known(of.link, _("template {name}").format(name=line(of.template.name, 60))))
        return list(found.values())[:MOST]

    def _whose(self, row: wire.ConversationRow, message: wire.Message) -> str:
        when = moment(message.at, self._desk.now())
        if message.direction == "in":
            return f"{wording.name_of(row)}, {when}"
        who = line(message.author_name or message.author, 40)
        return ", ".join(
            filter(None, (_("note by {name}").format(name=who) if message.direction == "note" else who, when))
        )

    async def _open(self, chosen: Known) -> None:
        """In the reader's browser; what comes from outside only once that is confirmed."""
        desk = self._desk
        program = keeping.opener(os.environ)
        if not program:
            raise Refused(_("there is no browser in front of you here."))
        if chosen.foreign:
            desk.say(
                _("It leads to {place}.").format(place=links.host(chosen.link)),
                _("It comes from outside. Open it only if you expected it."),
            )
            if vocabulary.pick(await desk.ask(_("Open it? Yes or no")), _YES) is None:
                raise Refused(_("nothing was done."))
        try:
            keeping.start(program, links.target(chosen.link))
        except OSError as error:
            raise Refused(_("not opened: {why}").format(why=line(error.strerror or str(error), 120))) from None
        desk.say(_("Opened: {link}").format(link=line(chosen.link, 300)))
