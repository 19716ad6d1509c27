"""Sending what was written, taking it back, and what becomes of what did not go."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import msgspec

from agent_console import words
from agent_console.backend import answering
from agent_console.backend.acts import HOLD_MS
from agent_console.backend.opposites import opposite
from agent_console.backend.overlay import Letter, Macro, RunMacro
from agent_console.i18n import _, number
from agent_console.plain import vocabulary, wording
from agent_console.plain.refusals import Refused, Unfinished
from agent_console.presentation import letters, when
from agent_console.presentation.templates import said_act
from agent_console.safetext import line

if TYPE_CHECKING:
    from agent_console.backend.answering import Answer
    from agent_console.plain.desk import Desk
    from server import wire


class Sending:
    """The way out of answers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        #: what shall go along with answers of which nothing has been written yet: no draft holds it
        self._ahead: dict[int, Letter] = {}

    def letter(self, conversation: int) -> Letter:
        """What goes along with the answer that is being written, or will be."""
        return self._ahead.get(conversation) or self._desk.session.outgoing.letter(conversation)

    def keep(self, conversation: int, letter: Letter) -> None:
        """This goes along with it from now on."""
        text = self._desk.session.draft_of(conversation)
        self._desk.session.draft(conversation, text, letter)
        self._ahead[conversation] = letter

    async def send(
        self, conversation: int, text: str, letter: Letter, kept: str = "", send_at: int | None = None
    ) -> None:
        """Send an answer, held for some seconds, or until `send_at` (UTC ms). One that cannot go is kept as a draft;
        `kept` is another one that stays. Raises Refused."""
        desk, session = self._desk, self._desk.session
        text = text.strip()
        if not text and not letter.files:
            raise Refused(_("nothing was written."))
        before = desk.row_here()
        answer, problem = self.complete(before, text, letter)
        self._ahead.pop(conversation, None)
        if problem:
            session.draft(conversation, f"{kept}\n{text}".strip(), letter)
            raise Refused(_("not sent: {why} What you wrote is kept as a draft.").format(why=problem))
        self.put(conversation, text, letter, answer, send_at)
        if kept:
            session.draft(conversation, kept)
        arrived = await self._settle(conversation)
        self.said(conversation, arrived, self._audience(conversation, answer), send_at)
        if letter.macro is not None:
            self._did(letter.macro, before, arrived)

    def put(
        self,
        conversation: int,
        text: str,
        letter: Letter,
        answer: Answer,
        send_at: int | None = None,
        seen_seq: int | None = None,
    ) -> None:
        """Let a complete answer go, with what its template does besides. `seen_seq`: the newest event known when it was
        decided on; what has been told of, if not given."""
        self._desk.session.reply(
            conversation,
            text,
            seen_seq=self._desk.seen_seq if seen_seq is None else seen_seq,
            send_at=send_at,
            reply_to=answer.reply_to,
            files=answer.files,
            private=answer.private,
            cc=answer.cc,
            bcc=answer.bcc,
            subject=answer.subject,
            snippet=letter.snippet,
            macro=letter.macro,
        )

    async def run(self, row: wire.ConversationRow, macro: Macro) -> None:
        """Do what a template does that says nothing. Raises Refused."""
        self._desk.session.run_macro(row.id, macro)
        self._did(macro, row, await self._settle(row.id))

    async def _settle(self, conversation: int) -> bool:
        """Wait for the server; a macro that resolves with something missing is done all the same if that is wanted."""
        desk, session = self._desk, self._desk.session
        try:
            return await desk.settle(conversation)
        except Unfinished as error:
            trouble = error.trouble
            desk.say(str(error))
        sure = await desk.ask(_("Do all of it anyway? Yes or no"))
        if vocabulary.pick(sure.strip(), {"yes": ("sí", "yes")}) is None:
            if trouble.stopped:
                session.give_up(conversation)
                raise Refused(_("nothing was done; the text is kept as a draft."))
            raise Refused(_("nothing was done."))
        if trouble.stopped:
            session.go_on(conversation, anyway=True)
        elif isinstance(trouble.change, RunMacro):
            session.do(msgspec.structs.replace(trouble.change, anyway=True))
        return await desk.settle(conversation)

    def _did(self, macro: Macro, before: wire.ConversationRow, arrived: bool) -> None:
        """Tell what a template did besides, and let it be taken back."""
        self._desk.say(self._desk.later(arrived, self.undoable_acts(macro, before)))

    def undoable_acts(self, macro: Macro, before: wire.ConversationRow) -> str:
        """Let what a template did be taken back as far as it can be; what that was, in words. `before`: the
        conversation as it was."""
        desk = self._desk
        told = _("Done: {acts}.").format(acts=", ".join(map(said_act, macro.acts)))

        async def run() -> str:
            back = opposite(RunMacro(before.id, macro=macro), before)
            if not back:
                raise Refused(_("nothing of it can be taken back."))
            for change in back:
                desk.session.do(change)
            return desk.later(await desk.settle(before.id), _("Taken back: {what}").format(what=told))

        desk.undoable(told, run)
        return told

    def said(self, conversation: int, arrived: bool, audience: str = "", send_at: int | None = None) -> None:
        """Tell that an answer is on its way, and let it be taken back."""
        desk = self._desk
        undo = vocabulary.BY_ID["undo"].name
        text = _("Answered. It leaves in {time}; {undo} takes it back.")
        if send_at is not None:
            text = _("Answered. It leaves {moment}; {undo} takes it back.")
        moment = when.ahead(send_at, desk.now()) if send_at is not None else ""
        text = text.format(time=wording.seconds(HOLD_MS), moment=moment, undo=undo)
        desk.say(desk.later(arrived, f"{text} {audience}".strip()))

        leaves = send_at or desk.now() + HOLD_MS

        async def take_back() -> str:
            return await self.take_back(await self.held(conversation, leaves))

        desk.undoable(_("the answer"), take_back)

    async def take_back(self, message: wire.Message) -> str:
        """Take back an answer that has not left; it goes on as a draft. What to say. Raises Refused."""
        desk, session, conversation = self._desk, self._desk.session, message.conversation
        text = session.take_back(conversation, message.id)
        await desk.settle(conversation)
        kept = session.draft_of(conversation)
        letter = self.letter(conversation)
        back = answering.letter_of(message)
        letter = back if letter == Letter() else msgspec.structs.replace(letter, files=(*back.files, *letter.files))
        self._ahead.pop(conversation, None)
        session.draft(conversation, f"{text}\n{kept}" if kept.strip() else text, letter)
        return _("Taken back; the text is kept as a draft.")

    async def held(self, conversation: int, leaves: int) -> wire.Message:
        """My newest answer there, which the feed may still have to tell of, unless it has left; it does so at `leaves`
        (UTC ms). Raises Refused."""
        desk = self._desk
        await desk.session.get_ready(conversation)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0, min(leaves - desk.now(), HOLD_MS)) / 1000):
                await desk.until(lambda: self._held(conversation) is not None)
        message = self._held(conversation)
        if message is None:
            raise Refused(words.problem("already_sent"))
        return message

    def _held(self, conversation: int) -> wire.Message | None:
        mirror, now = self._desk.session.mirror, self._desk.now()
        for message in reversed(mirror.messages(conversation)):
            if message.direction == "out" and message.author == mirror.name and message.status != "cancelled":
                held = message.status == "queued" and (message.send_at or 0) > now
                return message if held or letters.waits_for_review(message) else None
        return None

    # ------------------------------------------------------------ what an answer has to keep to

    def complete(self, row: wire.ConversationRow, text: str, letter: Letter) -> tuple[Answer, str]:
        """The answer as it would leave, and why it can't."""
        desk = self._desk
        thread = desk.session.mirror.thread(row.id)
        can = thread.about.capabilities if thread is not None and thread.about is not None else _unknown()
        messages = desk.session.mirror.messages(row.id)
        answer = answering.fill_in(letter, can, messages, desk.session.channels.own(row.channel))
        problem = self.problem(row, can, text, answer)
        if not problem and letter.private:
            code = answering.private_problem(answer.answered, can, messages, desk.now())
            problem = words.problem(code) if code else ""
        return answer, problem

    def problem(self, row: wire.ConversationRow, can: wire.Capabilities, text: str, answer: Answer) -> str:
        """Why a text cannot go, as a sentence; empty if it can."""
        if row.window_until is not None and row.window_until <= self._desk.now():
            if can.templates:
                name = vocabulary.BY_ID["template"].name
                return _("the time to answer freely is over; {template} offers approved ones.").format(template=name)
            return _("the time to answer is over.")
        limit = can.caption_limit if answer.files else can.text_limit
        if len(text) > limit:
            return _("it is {n} characters too long.").format(n=number(len(text) - limit))
        return ""

    def _audience(self, conversation: int, answer: Answer) -> str:
        """Who will read it, where that is not plain."""
        about = self._desk.about_here()
        if about is not None and about.capabilities.public:
            return _("Only they read it.") if answer.private else _("Everybody can read it.")
        if not answer.to:
            return ""
        text = _("To {address}.").format(address=line(answer.to, 100))
        if answer.cc:
            text += " " + _("Copies to {addresses}.").format(addresses=line(", ".join(answer.cc), 300))
        return text

    # ------------------------------------------------------------ what had to wait, what failed

    async def do_send(self, rest: str) -> None:
        """Send what had to wait, else the draft."""
        desk, row = self._desk, self._desk.row_here()
        if any(command.refused for command in desk.session.outgoing.of(row.id)):
            desk.session.go_on(row.id, confirm=True)
            self.said(row.id, await desk.settle(row.id))
            return
        draft, letter = desk.session.draft_of(row.id), self.letter(row.id)
        if not draft.strip() and not letter.files:
            raise Refused(_("there is no draft here."))
        await self.send(row.id, draft, letter)

    async def do_retry(self, rest: str) -> None:
        """Send the newest failed message again."""
        desk, row = self._desk, self._desk.row_here()
        failed = self._newest(row.id, "failed")
        if failed is None:
            raise Refused(_("no message failed here."))
        desk.session.resend(row.id, failed.id)
        desk.say(desk.later(await desk.settle(row.id), _("It is sent again.")))

    async def do_settle(self, rest: str) -> None:
        """Decide what became of a message."""
        desk, row = self._desk, self._desk.row_here()
        unknown = self._newest(row.id, "unknown")
        if unknown is None:
            raise Refused(_("there is no message of unknown fate here."))
        choices = {"sent": ("llegó", "arrived"), "resend": ("otra vez", "again", "reenviar")}
        chosen = vocabulary.pick(rest, choices)
        if chosen is None:
            raise Refused(_("say «arrived» or «again»."))
        desk.session.settle(row.id, unknown.id, "sent" if chosen == "sent" else "resend")
        said = _("It counts as arrived.") if chosen == "sent" else _("It is sent again.")
        desk.say(desk.later(await desk.settle(row.id), said))

    def _newest(self, conversation: int, status: str) -> wire.Message | None:
        messages = reversed(self._desk.session.mirror.messages(conversation))
        return next((each for each in messages if each.status == status), None)

    async def do_undo(self, rest: str) -> None:
        """Take back what was done last."""
        desk = self._desk
        if not desk.undos:
            raise Refused(_("there is nothing to take back."))
        undo, *desk.undos = desk.undos
        desk.say(await undo.run())


def _unknown() -> wire.Capabilities:
    """What is assumed of a channel that nobody has told of yet."""
    from server import wire

    return wire.Capabilities()
