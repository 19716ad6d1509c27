"""Answering with a template: choose it, answer what it asks, hear what it says, then send it, change it or keep it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from agent_console import i18n
from agent_console.backend import calls_work
from agent_console.backend.overlay import Letter, Macro
from agent_console.i18n import _, number
from agent_console.plain import vocabulary
from agent_console.plain.approved import Approved
from agent_console.plain.lines import Interrupted
from agent_console.plain.refusals import Refused
from agent_console.plain.writing import editor
from agent_console.presentation import moments
from agent_console.presentation import templates as painted
from agent_console.safetext import line
from server import wire

if TYPE_CHECKING:
    from agent_console.plain.desk import Desk

#: templates read out at once
MOST = 20


class Templates:
    """Reply templates; those a provider approves where the time to answer freely is over."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._listed: list[wire.ReplyTemplate] = []

    async def do_template(self, rest: str) -> None:
        """Use one, or list those that fit."""
        desk, row, about = self._desk, self._desk.row_here(), self._desk.about_here()
        closed = row.window_until is not None and row.window_until <= desk.now()
        try:
            if closed and about is not None and about.capabilities.templates:
                await Approved(desk).use(row, rest.strip())
                return
            template = await self.find(rest.strip())
            if template is not None:
                await self._use(row, template)
        except Interrupted:
            raise Refused(_("broken off; nothing was sent.")) from None

    # ------------------------------------------------------------ choosing

    async def find(self, said: str) -> wire.ReplyTemplate | None:
        """The one that is meant; None when they were listed instead."""
        if said.isdecimal() and self._listed:
            if not 0 < int(said) <= len(self._listed):
                raise Refused(_("there is no template {n} in the list.").format(n=int(said)))
            return self._listed[int(said) - 1]
        everything = (await self._desk.send(calls_work.templates())).items
        wanted = vocabulary.plain(said.removeprefix(";"))
        exact = [each for each in everything if wanted and wanted in (each.shortcut.casefold(), each.name.casefold())]
        if exact:
            return min(exact, key=lambda each: each.scope != "user")
        fitting = [
            each for each in everything if wanted in vocabulary.plain(f"{each.name} {each.title} {each.shortcut}")
        ]
        if not fitting:
            raise Refused(
                _("there is no template like {name}.").format(name=vocabulary.shown(said))
                if said
                else _("there are no templates yet.")
            )
        if said and len(fitting) == 1:
            return fitting[0]
        self._listed = sorted(fitting, key=lambda each: -each.uses)[:MOST]
        lines = [self._line(at, each) for at, each in enumerate(self._listed, 1)]
        if len(fitting) > MOST:
            lines.append(_("And {n} more; say a word of the one you look for.").format(n=number(len(fitting) - MOST)))
        name = vocabulary.BY_ID["template"].name
        self._desk.say(*lines, _("{template} with a number takes one.").format(template=name))
        return None

    def _line(self, at: int, template: wire.ReplyTemplate) -> str:
        shortcut = f", ;{line(template.shortcut, 40)}" if template.shortcut else ""
        title = f": {line(template.title, 100)}" if template.title else ""
        does = ". " + _("It does: {acts}.").format(acts=_acts(template)) if template.acts else ""
        return f"{at}. {line(template.name, 80)}{shortcut}{title}{does}"

    # ------------------------------------------------------------ using

    async def _use(self, row: wire.ConversationRow, template: wire.ReplyTemplate) -> None:
        desk = self._desk
        said = await self.render(template, row, await self.fill_in(template))
        text, missing = said.text, said.missing
        if not text.strip() and not template.acts:
            raise Refused(_("it says nothing here."))
        desk.say(*self.preview(template, said))
        while True:
            chosen = await self._choose(bool(missing) or said.limit is not None, bool(text.strip() or template.files))
            if chosen == "edit":
                text = await desk.writing.edit(text)
                missing = [each for each in missing if each in text]
                desk.say(*desk.writing.text_lines(_("Text"), text))
                said.limit = said.limit if said.limit and len(text) > said.limit else None
                continue
            break
        if chosen == "keep":
            kept = desk.session.draft_of(row.id)
            letter = await self.letter(row, template, desk.sending.letter(row.id))
            desk.session.draft(row.id, f"{kept}\n{text}" if kept.strip() else text)
            desk.sending.keep(row.id, letter)
            desk.say(_("Kept as a draft; {send} sends it.").format(send=vocabulary.BY_ID["send"].name))
        elif chosen == "send" and (text.strip() or template.files):
            kept = desk.session.draft_of(row.id)
            letter = await self.letter(row, template, desk.sending.letter(row.id))
            await desk.sending.send(row.id, text, letter, kept)
        elif chosen == "send":
            await desk.sending.run(row, self.macro(template))
        else:
            desk.say(_("Nothing was sent.") if said.text.strip() else _("Nothing was done."))

    async def fill_in(self, template: wire.ReplyTemplate) -> dict[str, str]:
        """What the advisor answers to its fields."""
        return {field.name: await self._answer(field) for field in template.fields}

    async def render(
        self, template: wire.ReplyTemplate, row: wire.ConversationRow, answers: dict[str, str]
    ) -> wire.RenderedTemplate:
        """What it says in a conversation."""
        body = wire.RenderTemplate(conversation=row.id, answers=answers)
        return await self._desk.send(calls_work.render_template(template.id, body))

    async def letter(self, row: wire.ConversationRow, template: wire.ReplyTemplate, letter: Letter) -> Letter:
        """What goes along with its text, besides `letter`: its files where the channel takes any, and what it does."""
        desk, about = self._desk, self._desk.about_of(row.id)
        files: list[wire.Attachment] = []
        if template.files and about is not None and about.capabilities.media:
            files = (await desk.send(calls_work.take_template_files(template.id))).items
        elif template.files:
            desk.say(_("This channel takes no files; the template's were left out."))
        macro = self.macro(template) if template.acts else letter.macro
        return msgspec.structs.replace(letter, files=(*letter.files, *files), snippet=template.id, macro=macro)

    async def _answer(self, field: wire.AskField) -> str:
        """What the advisor answers to a field; asked again until it is answered, if it must be."""
        desk = self._desk
        label = line(field.label or field.name, 100)
        hints = {"amount": _("an amount"), "number": _("a number"), "date": _("a day: 30 nov, monday, 2026-11-30")}
        default = _("empty for {value}").format(value=line(field.default, 60)) if field.default else ""
        for at, choice in enumerate(field.choices, 1):
            desk.say(f"{at}. {line(choice, 100)}")
        question = ", ".join(filter(None, (label, hints.get(field.kind, ""), default)))
        while True:
            given = (await desk.ask(question)).strip() or field.default
            if field.choices and given:
                ways = {choice: (choice, str(at)) for at, choice in enumerate(field.choices, 1)}
                given = vocabulary.pick(given, ways) or ""
            found, wrong = painted.answer(field, given, desk.now())
            if not wrong:
                return found
            if not desk.lines.live:
                raise Refused(_("{field} has to be answered.").format(field=label) if not given else wrong)
            desk.say(wrong if given else _("It has to be answered; ctrl+c breaks off."))

    def preview(self, template: wire.ReplyTemplate, said: wire.RenderedTemplate, name: str = "") -> list[str]:
        """What it says, to whom (`name`) where that is not plain, what is wrong with it, and what it does."""
        title = _("Preview for {name}, {n} characters") if name else _("Preview, {n} characters")
        title = title.format(n=number(len(said.text)), name=name)
        lines = self._desk.writing.text_lines(title, said.text) if said.text else []
        lines += self.wrong(said)
        lines += [_("With it goes {file}.").format(file=line(file.file_name, 80)) for file in template.files]
        if template.acts:
            told = _("When it is sent: {acts}.") if lines else _("It does: {acts}.")
            lines.append(told.format(acts=_acts(template)))
        return lines

    def wrong(self, said: wire.RenderedTemplate) -> list[str]:
        """Why it cannot be sent as it is, in sentences."""
        found: list[str] = []
        if said.missing:
            names = line(", ".join(said.missing), 200)
            found.append(_("Nothing is known for {names}; it cannot be sent like this.").format(names=names))
        if said.limit is not None:
            limit = number(said.limit)
            found.append(_("It is longer than the {limit} characters that the channel takes.").format(limit=limit))
        return found

    async def _choose(self, blocked: bool, says: bool) -> str:
        """What becomes of it: send, edit, keep or nothing; one that `says` nothing is done or not."""
        choices = {"keep": ("guardar", "keep"), "drop": ("nada", "nothing", "no")}
        if not says:
            choices = {"drop": choices["drop"], "send": ("hacer", "do", "sí", "yes")}
        elif not blocked:
            choices["send"] = ("enviar", "send", "sí", "yes")
        if says and editor() and self._desk.lines.live:
            choices["edit"] = ("editar", "edit")
        at = 0 if i18n.language() == "es" else 1
        names = ", ".join(ways[at] for ways in sorted(choices.values(), key=lambda ways: ways[0]))
        while True:
            given = await self._desk.ask(_("What now? {choices}").format(choices=names))
            if (chosen := vocabulary.pick(given, choices)) is not None:
                return chosen
            if not self._desk.lines.live:
                raise Refused(_("say one of: {choices}").format(choices=names))

    def macro(self, template: wire.ReplyTemplate) -> Macro:
        """What it does besides. Raises Refused if a moment in it means nothing."""
        now, zone = self._desk.now(), i18n.zone()
        ahead = [moments.read(act.value, now, zone) for act in template.acts if act.do == "snooze"]
        if None in ahead:
            raise Refused(_("a moment in it cannot be understood."))
        return Macro(template.id, template.name, tuple(template.acts), tuple(at for at in ahead if at is not None))


def _acts(template: wire.ReplyTemplate) -> str:
    """What it does besides, in words."""
    return ", ".join(map(painted.said_act, template.acts))
