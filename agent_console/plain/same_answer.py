"""One template for several customers: filled in once, said to each in their own words, heard, then sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent_console import i18n
from agent_console.backend.acts import HOLD_MS
from agent_console.backend.overlay import Letter
from agent_console.i18n import _, ngettext
from agent_console.plain import vocabulary, wording
from agent_console.plain.refusals import Refused, reason

if TYPE_CHECKING:
    from agent_console.plain.desk import Desk
    from agent_console.plain.templates import Templates
    from server import wire


class SameAnswer:
    """`template` with what the advisor answered to its fields. What goes along with an answer begun in one of the
    conversations stays with that one."""

    def __init__(self, desk: Desk, templates: Templates, template: wire.ReplyTemplate, answers: dict[str, str]) -> None:
        self._desk = desk
        self._templates = templates
        self._template = template
        self._answers = answers
        self._said: dict[int, wire.RenderedTemplate] = {}
        self._seen_seq = 0

    async def prepare(self) -> None:
        """What it says in the open conversation. Raises Refused if it cannot be sent there."""
        desk, template, row = self._desk, self._template, self._desk.row_here()
        said = await self._templates.render(template, row, self._answers)
        if not (said.text.strip() or template.files or template.acts):
            raise Refused(_("it says nothing here."))
        wrong = self._templates.wrong(said)
        if said.text.strip() or template.files:
            await desk.session.get_ready(row.id)
            wrong += filter(None, [desk.sending.complete(row, said.text, Letter())[1]])
        if wrong:
            raise Refused(" ".join(wrong))
        self._seen_seq = desk.session.mirror.seq
        self._said[row.id] = said

    async def confirmed(self) -> bool:
        """Read out what one of them gets, or all if that is asked for; whether it is to be sent."""
        desk, says = self._desk, any(each.text.strip() for each in self._said.values()) or bool(self._template.files)
        (first, said), *others = self._said.items()
        desk.say(*self._templates.preview(self._template, said, self._name(first)))
        choices = {"send": ("enviar", "send", "sí", "yes"), "hear": ("oír", "hear"), "drop": ("nada", "nothing", "no")}
        if not says:
            choices["send"] = ("hacer", "do", "sí", "yes")
        if not (says and others):
            del choices["hear"]
        names = ", ".join(ways[0 if i18n.language() == "es" else 1] for ways in choices.values())
        question = ngettext("For {n} customer. What now? {choices}", "For {n} customers. What now? {choices}",
                            len(self._said))  # fmt: skip
        while True:
            given = vocabulary.pick(await desk.ask(question.format(n=len(self._said), choices=names)), choices)
            if given == "hear":
                for id, each in others:
                    desk.say(*desk.writing.text_lines(self._name(id), each.text))
            elif given is not None:
                return given == "send"
            elif not desk.lines.live:
                raise Refused(_("say one of: {choices}").format(choices=names))

    async def send(self) -> None:
        """Send it in the open conversation. Raises Refused."""
        desk, sending, template = self._desk, self._desk.sending, self._template
        row = desk.row_here()
        text, name = self._said[row.id].text.strip(), wording.name_of(row)
        begun = desk.session.draft_of(row.id), sending.letter(row.id)
        macro = self._templates.macro(template) if template.acts else None
        if text or template.files:
            await desk.session.get_ready(row.id)
            letter = await self._templates.letter(row, template, Letter())
            if not text and not letter.files:
                raise Refused(_("it says nothing here."))
            answer, problem = sending.complete(row, text, letter)
            if problem:
                raise Refused(problem)
            sending.put(row.id, text, letter, answer, seen_seq=self._seen_seq)
            done = _("{name}: answered.").format(name=name)
        elif macro is not None:
            desk.session.run_macro(row.id, macro)
            done = _("{name}: done.").format(name=name)
        arrived = await self._settled(row.id, begun)
        if text or template.files:
            self._undoable(row.id, name)
        if macro is not None:
            sending.undoable_acts(macro, row)
        desk.say(desk.later(arrived, done))

    async def _settled(self, conversation: int, begun: tuple[str, Letter]) -> bool:
        """Wait for the server. An answer begun there before goes on; one that may not go is forgotten: there is the
        template."""
        desk = self._desk
        if begun != ("", Letter()):
            desk.session.draft(conversation, *begun)
        arrived, trouble = await desk.outcome(conversation)
        if trouble is None:
            return arrived
        if trouble.stopped:
            desk.session.give_up(conversation)
            desk.session.draft(conversation, *begun)
        raise Refused(reason(trouble))

    def _undoable(self, conversation: int, name: str) -> None:
        """Let the answer be taken back; here no draft is made of it."""
        desk = self._desk
        leaves = desk.now() + HOLD_MS

        async def take_back() -> str:
            held = await desk.sending.held(conversation, leaves)
            desk.session.take_back(conversation, held.id)
            await desk.settle(conversation)
            return _("{name}: the answer is taken back.").format(name=name)

        desk.undoable(f"{name}:", take_back)

    def _name(self, conversation: int) -> str:
        row = self._desk.session.mirror.row(conversation)
        return wording.name_of(row) if row is not None else f"#{conversation}"
