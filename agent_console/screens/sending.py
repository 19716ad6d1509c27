"""Writing answers and notes: what is sent, what can be taken back, and what becomes of what the server refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import msgspec

from agent_console import words
from agent_console.backend.answering import letter_of
from agent_console.backend.changes import Trouble
from agent_console.backend.overlay import Letter, Note, Reply, RunMacro
from agent_console.i18n import N_, _, clock
from agent_console.keys import first
from agent_console.presentation import letters, media
from agent_console.presentation.drawers import Question
from agent_console.safetext import line
from agent_console.screens.notices import LONG, REASON, UNDO, Undo
from agent_console.screens.standing import name_of

if TYPE_CHECKING:
    from agent_console.screens.inbox import Inbox
    from server.wire import Message

#: what the server never says, but the console itself may have to
_OWN: Final[Mapping[str, str]] = {
    "too_old": N_("It waited too long to be sent by itself; read it again and send it."),
    "unsafe": N_("What you write cannot be kept on this computer's disk: {detail}"),
}


class Sending:
    """The answers and notes of an inbox."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._session = inbox.session
        self._waiting: list[Trouble] = []

    # ------------------------------------------------------------ writing

    def do_reply(self) -> None:
        self._inbox.writing.begin(note=False)

    def do_note(self) -> None:
        self._inbox.writing.begin(note=True)

    def do_toggle_note(self) -> None:
        composer = self._inbox.composer
        composer.set_note(not composer.note)

    def do_audience(self) -> None:
        """Public or in private, everybody or only the sender: what the channel knows."""
        composer = self._inbox.composer
        letter = composer.letter
        if composer.can.private_once_ms is not None:
            problem = "" if letter.private else composer.private_problem()
            if problem:
                self._inbox.say(problem, "warn", LONG)
            else:
                composer.change(msgspec.structs.replace(letter, private=not letter.private))
        else:
            all_of_them = letter.cc is None and letter.everybody
            composer.change(msgspec.structs.replace(letter, everybody=not all_of_them, cc=None))

    def do_send(self) -> None:
        self.send()

    def send(self, send_at: int | None = None) -> None:
        """Send what is written: now, or at another time (UTC ms)."""
        inbox, composer = self._inbox, self._inbox.composer
        conversation, text = composer.conversation, composer.text.strip()
        if conversation is None:
            return
        if composer.empty:
            inbox.say(_("There is nothing written yet."), "warn", REASON)
            return
        blocked = composer.limits().blocked
        if blocked:
            inbox.say(_("Not sent: {why}.").format(why=blocked), "warn")
            composer.jump_to_fault()
            return
        note, seen_seq, answer = composer.note, inbox.writing.seen_seq, composer.answer()
        letter, before = composer.letter, self._session.mirror.row(conversation)
        composer.clear()
        self._session.draft(conversation, "", composer.letter)
        if note:
            self._session.note(conversation, text)
            inbox.say(_("Note written."), "muted")
        else:
            command = self._session.reply(
                conversation,
                text,
                seen_seq=seen_seq,
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
            if letter.macro is not None and before is not None:
                inbox.acts.undo_macro(before, letter.macro, command)
            else:
                self._hold(conversation)
        inbox.writing.sent()

    def send_words(self, text: str, note: bool) -> str:
        """Send a reply (or note) that was not typed in the composer; why it can't be, empty if it is on its way."""
        inbox, composer = self._inbox, self._inbox.composer
        if inbox.opened is None or inbox.opened != inbox.here:
            return _("Open the conversation first ({key}).").format(key=first("open"))
        if not composer.empty:
            return _("Something is written there already: send it or take it away first.")
        self._session.draft(inbox.opened, text, composer.letter)
        inbox.writing.begin(note=note)
        composer.load(text, composer.letter)
        self.do_send()
        return ""

    def _hold(self, conversation: int) -> None:
        """The reply just written can be taken back for as long as it is held."""

        def take_back() -> None:
            message = self.held(conversation)
            if message is None:
                self._inbox.say(words.problem("already_sent"), "warn")
            else:
                self.take_back(message)

        message = self.held(conversation)
        if message is None or message.send_at is None:
            return
        name, now = name_of(self._session.mirror, conversation), self._inbox.now()
        if letters.is_scheduled(message, now):
            from agent_console.presentation import when

            what = _("The reply to {name} leaves {moment}").format(name=name, moment=when.ahead(message.send_at, now))
            self._inbox.notices.offer(Undo(what, now + UNDO, take_back))
        else:
            what = _("The reply to {name}").format(name=name)
            self._inbox.notices.offer(Undo(what, message.send_at, take_back, held=True))
        self._inbox.sync_bars()

    def take_back(self, message: Message) -> None:
        """Take back a reply that has not left; its words are in the composer again."""
        conversation = message.conversation
        text = self._session.take_back(conversation, message.id)
        self.give_back(conversation, text, letter_of(message))
        self._inbox.say(_("Taken back; the text is in the composer."), "good")

    def give_back(self, conversation: int, text: str, letter: Letter) -> None:
        """Words that were taken back, and what went along, are a draft again, before what has been begun since."""
        kept, waits = self._session.draft_of(conversation), self._session.outgoing.letter(conversation)
        if waits != Letter():
            letter = msgspec.structs.replace(waits, files=(*letter.files, *waits.files))
        self._session.draft(conversation, f"{text}\n{kept}" if kept.strip() else text, letter)
        self._return(conversation)

    def held(self, conversation: int) -> Message | None:
        """My newest reply there that has not left yet."""
        mirror, now = self._session.mirror, self._inbox.now()
        for message in reversed(mirror.messages(conversation)):
            if message.direction == "out" and message.author == mirror.name:
                held = message.status == "queued" and (message.send_at or 0) > now
                return message if held or letters.waits_for_review(message) else None
        return None

    def _return(self, conversation: int) -> None:
        """Words that did not go are in the draft: go on with them; a writer elsewhere is not disturbed."""
        inbox = self._inbox
        if inbox.composer.conversation == conversation:
            inbox.composer.load(self._session.draft_of(conversation), self._session.outgoing.letter(conversation))
        elif inbox.place == "composer":
            return
        else:
            inbox.open(conversation)
        inbox.writing.begin(note=False)

    # ------------------------------------------------------------ refusals

    def trouble(self, trouble: Trouble) -> None:
        """The server said no. What was shown early has been taken back; words are never lost."""
        problem, conversation = trouble.problem, trouble.conversation
        inbox = self._inbox
        if isinstance(trouble.change, Reply | Note | RunMacro):
            inbox.notices.withdraw()
        if conversation is not None and trouble.stopped and problem.code == "conversation_moved":
            self._waiting.append(trouble)
            self.ask_waiting()
            return
        said = line(self._said(problem.code, problem.params, problem.detail), 300)
        if conversation is not None and trouble.stopped:
            where = name_of(self._session.mirror, conversation)
            self._session.give_up(conversation)
            self._return(conversation)
            inbox.say(_("Not sent to {name}: {why}").format(name=where, why=said), "warn", LONG)
        else:
            inbox.say(said, "warn", LONG)

    def _said(self, code: str, params: dict[str, object], detail: str) -> str:
        if code in _OWN:
            return _(_OWN[code]).format(detail=detail)
        return words.problem(code, params, detail)

    def ask_waiting(self) -> None:
        """Ask what has to be asked, once nobody is in the middle of writing."""
        inbox = self._inbox
        if not self._waiting:
            return
        if inbox.place == "composer" or inbox.over.open:
            name = name_of(self._session.mirror, self._waiting[0].conversation)
            inbox.say(_("{name} was answered meanwhile: your reply waits (Esc)").format(name=name), "warn")
            return
        self._ask_whether_to_send(self._waiting.pop(0))

    def _ask_whether_to_send(self, trouble: Trouble) -> None:
        conversation = trouble.conversation
        if conversation is None:
            return
        answer = self._newest_by_colleague(conversation)
        said = [words.problem("conversation_moved", trouble.problem.params)]
        if answer is not None:
            text = media.preview(answer.kind, answer.text)
            said.append(f"{clock(answer.at)}  {line(answer.author_name or answer.author, 40)}: «{text}»")
        if isinstance(trouble.change, Reply):
            said.append(_("Yours: «{text}»").format(text=line(trouble.change.text)))
        question = Question(
            _("{name} was answered meanwhile").format(name=name_of(self._session.mirror, conversation)),
            said,
            (("enter", _("send mine too")), ("s", ""), ("escape", _("back to the text"))),
        )

        def then(chosen: str) -> None:
            if chosen == "escape":
                self._session.give_up(conversation)
                self._return(conversation)
            else:
                self._session.go_on(conversation, confirm=True)
                self._hold(conversation)

        self._inbox.ask(question, then)

    def _newest_by_colleague(self, conversation: int) -> Message | None:
        mirror = self._session.mirror
        return next(
            (
                message
                for message in reversed(mirror.messages(conversation))
                if message.direction == "out" and message.author != mirror.name
            ),
            None,
        )
