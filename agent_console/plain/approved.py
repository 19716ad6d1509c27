"""Templates that a provider approved, for when the time to answer freely is over: chosen, filled in, heard, sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from agent_console.backend import calls_work
from agent_console.i18n import _, number
from agent_console.plain import vocabulary
from agent_console.plain.refusals import Refused
from agent_console.presentation import templates as painted
from agent_console.safetext import line
from server import wire

if TYPE_CHECKING:
    from agent_console.plain.desk import Desk

_YES: Final[dict[str, tuple[str, ...]]] = {"yes": ("sí", "yes", "enviar", "send")}


class Approved:
    """Those of a conversation's channel."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def use(self, row: wire.ConversationRow, said: str) -> None:
        """Read them out, or use the one of that number. Raises Refused."""
        desk = self._desk
        page = await desk.send(calls_work.approved_templates(row.channel))
        usable = [each for each in page.items if each.status.casefold() in ("approved", "") and not each.lacks]
        if not usable:
            raise Refused(_("the channel has no approved templates."))
        if not said.isdecimal() or not 0 < int(said) <= len(usable):
            name = vocabulary.BY_ID["template"].name
            desk.say(
                _("Only approved templates can be sent now:"),
                *(f"{at}. {line(each.name, 80)}, {each.language}: {line(each.body, 200)}"
                  for at, each in enumerate(usable, 1)),
                _("{template} with a number takes one.").format(template=name),
            )  # fmt: skip
            return
        await self._fill_in(row, usable[int(said) - 1])

    async def _fill_in(self, row: wire.ConversationRow, chosen: wire.ApprovedTemplate) -> None:
        desk = self._desk
        fields = painted.fields_of(chosen, line(row.contact_name, 60).partition(" ")[0])
        empty = painted.said(chosen, painted.template_of(chosen, {}))
        if fields:
            desk.say(*desk.writing.text_lines(_("Text"), empty))
        values: dict[str, str] = {}
        for at, field in enumerate(fields, 1):
            asked = _("Value {n} of {all}").format(n=at, all=len(fields))
            if field.name.startswith("link."):
                asked += ", " + field.label
            if field.default:
                asked += ", " + _("empty for {value}").format(value=field.default)
            values[field.name] = (await desk.ask(asked)).strip() or field.default
        if not all(values.values()):
            raise Refused(_("each value has to be given; nothing was sent."))
        template = painted.template_of(chosen, values)
        text = painted.said(chosen, template)
        desk.say(*desk.writing.text_lines(_("Preview, {n} characters").format(n=number(len(text))), text))
        if vocabulary.pick(await desk.ask(_("Send it? yes or no")), _YES) is None:
            desk.say(_("Nothing was sent."))
            return
        desk.session.reply(row.id, text, seen_seq=desk.seen_seq, template=template)
        desk.sending.said(row.id, await desk.settle(row.id))
