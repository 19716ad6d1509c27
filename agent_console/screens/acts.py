"""What each action of the registry does in the inbox. A method per action, named after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from agent_console import actions, words
from agent_console.backend.changes import Trouble
from agent_console.backend.overlay import Note, Reply
from agent_console.backend.views import ListSpec
from agent_console.i18n import N_, _, clock
from agent_console.presentation import media
from agent_console.presentation.bars import VIEWS
from agent_console.presentation.drawers import Question
from agent_console.safetext import line
from agent_console.screens.notices import LONG, REASON, UNDO, Undo

if TYPE_CHECKING:
    from agent_console.screens.inbox import Inbox
    from server.wire import ConversationRow, Message

#: what the server never says, but the console itself may have to
_OWN: Final[Mapping[str, str]] = {
    "too_old": N_("It waited too long to be sent by itself; read it again and send it."),
    "unsafe": N_("What you write cannot be kept on this computer's disk: {detail}"),
}


class Acts:
    """Carries out what is asked for in an inbox."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._session = inbox.session
        self._waiting: list[Trouble] = []

    def perform(self, action: str) -> None:
        """Do it, or say for two seconds why it can't be done."""
        known = actions.BY_ID[action]
        reason = known.enabled(self._inbox.state())
        if reason:
            self._inbox.say(reason, "warn", REASON)
            return
        if action.startswith("view_"):
            self.view(action)
        else:
            do: Callable[[], None] = getattr(self, f"do_{action}")
            do()

    # ------------------------------------------------------------ moving about

    def do_open(self) -> None:
        self._inbox.open(self._inbox.thelist.cursor)

    def do_back(self) -> None:
        self._inbox.back()

    def do_leave(self) -> None:
        self._inbox.writing.leave()

    def do_switch(self) -> None:
        self._inbox.switch_pane()

    def do_customer(self) -> None:
        self._inbox.toggle_customer()

    def do_next(self) -> None:
        self._go(self._session.mirror.next_unanswered(self._inbox.here))

    def do_previous(self) -> None:
        self._go(self._session.mirror.previous_unanswered(self._inbox.here))

    def _go(self, conversation: int | None) -> None:
        inbox = self._inbox
        if conversation is None or conversation == inbox.here:
            inbox.say(_("Nobody else waits for an answer here."), "good")
            return
        reading = inbox.place == "thread"
        inbox.thelist.go_to(conversation)
        if reading:
            inbox.open(conversation)

    def do_show_new(self) -> None:
        inbox = self._inbox
        if inbox.place != "list":
            inbox.back()
        inbox.thelist.show_fresh()
        inbox.sync_bars()

    def do_thread_up(self) -> None:
        self._inbox.thread.move("thread_up")

    def do_thread_down(self) -> None:
        self._inbox.thread.move("thread_down")

    def view(self, action: str) -> None:
        """Show another view (the keys 1 to 5)."""
        view = next(view for view in VIEWS if action == f"view_{view}")
        self._inbox.show_view(ListSpec(view=view))

    # ------------------------------------------------------------ the conversation

    def do_claim(self) -> None:
        row = self._row()
        if row is not None:
            id, before = row.id, row.assignee
            self._session.claim(id)
            self._undoable(
                _("{name} is yours now").format(name=self._name(id)),
                lambda: self._session.assign(id, user=before, team=None if before else row.team),
            )

    def do_resolve(self) -> None:
        here = self._inbox.here
        if here is not None:
            self._session.resolve(here)
            self._undoable(_("{name}: resolved").format(name=self._name(here)), lambda: self._session.reopen(here))

    def do_resolve_next(self) -> None:
        here = self._inbox.here
        following = self._session.mirror.next_unanswered(here)
        self.do_resolve()
        if following is not None and following != here:
            self._inbox.thelist.go_to(following)
            self._inbox.open(following)
        else:
            self._inbox.back()

    def do_reopen(self) -> None:
        here = self._inbox.here
        if here is not None:
            self._session.reopen(here)
            self._undoable(_("{name}: open again").format(name=self._name(here)), lambda: self._session.resolve(here))

    def _undoable(self, what: str, opposite: Callable[[], object]) -> None:
        self._inbox.notices.offer(Undo(what, self._inbox.now() + UNDO, opposite))
        self._inbox.sync_bars()

    def do_retry(self) -> None:
        inbox = self._inbox
        here = inbox.here
        if here is None:
            return
        if inbox.opened != here:
            inbox.open(here)
        failed = inbox.thread.newest(lambda message: message.status == "failed")
        if any(command.conversation == here for command in self._session.outgoing.stopped()):
            self._session.go_on(here)
        elif failed is not None:
            self._session.resend(here, failed.id)
        else:
            inbox.say(_("The messages are being loaded; press R once more."), "muted")
            return
        inbox.say(_("Sending it again…"), "muted")

    def do_settle(self) -> None:
        inbox = self._inbox
        unknown = inbox.thread.newest(lambda message: message.status == "unknown")
        if unknown is None or inbox.opened is None:
            return
        here, message = inbox.opened, unknown.id
        question = Question(
            _("Did this message arrive?"),
            (
                f"{clock(unknown.at)}  «{media.preview(unknown.kind, unknown.text)}»",
                _("The line went dead while it was being sent, and the channel does not tell."),
            ),
            (("a", _("it arrived")), ("v", _("send it again")), ("escape", _("decide later"))),
        )

        def then(answer: str) -> None:
            if answer == "a":
                self._session.settle(here, message, "sent")
            elif answer == "v":
                self._session.settle(here, message, "resend")

        inbox.ask(question, then)

    # ------------------------------------------------------------ writing

    def do_reply(self) -> None:
        self._inbox.writing.begin(note=False)

    def do_note(self) -> None:
        self._inbox.writing.begin(note=True)

    def do_toggle_note(self) -> None:
        composer = self._inbox.composer
        composer.set_note(not composer.note)

    def do_send(self) -> None:
        inbox, composer = self._inbox, self._inbox.composer
        conversation, text = composer.conversation, composer.text.strip()
        if conversation is None:
            return
        if not text:
            inbox.say(_("There is nothing written yet."), "warn", REASON)
            return
        blocked = composer.limits().blocked
        if blocked:
            inbox.say(_("Not sent: {why}.").format(why=blocked), "warn")
            return
        note, seen_seq = composer.note, inbox.writing.seen_seq
        composer.clear()
        self._session.draft(conversation, "")
        if note:
            self._session.note(conversation, text)
            inbox.say(_("Note written."), "muted")
        else:
            self._session.reply(conversation, text, seen_seq=seen_seq)
            self._hold(conversation)
        inbox.writing.sent()

    def _hold(self, conversation: int) -> None:
        """The reply just written can be taken back for as long as it is held."""

        def take_back() -> None:
            message = self._held(conversation)
            if message is None:
                self._inbox.say(words.problem("already_sent"), "warn")
                return
            text = self._session.take_back(conversation, message.id)
            kept = self._session.draft_of(conversation)
            self._session.draft(conversation, f"{text}\n{kept}" if kept.strip() else text)
            self._return(conversation)
            self._inbox.say(_("Taken back; the text is in the composer."), "good")

        message = self._held(conversation)
        if message is not None and message.send_at is not None:
            what = _("The reply to {name}").format(name=self._name(conversation))
            self._inbox.notices.offer(Undo(what, message.send_at, take_back, held=True))
            self._inbox.sync_bars()

    def _held(self, conversation: int) -> Message | None:
        """My newest reply there that has not left yet."""
        mirror, now = self._session.mirror, self._inbox.now()
        for message in reversed(mirror.messages(conversation)):
            if message.direction == "out" and message.author == mirror.name:
                return message if message.status == "queued" and (message.send_at or 0) > now else None
        return None

    def _return(self, conversation: int) -> None:
        """Words that did not go are in the draft: go on with them; a writer elsewhere is not disturbed."""
        inbox = self._inbox
        if inbox.composer.conversation == conversation:
            inbox.composer.load(self._session.draft_of(conversation))
        elif inbox.place == "composer":
            return
        else:
            inbox.open(conversation)
        inbox.writing.begin(note=False)

    def do_undo(self) -> None:
        undo = self._inbox.notices.take_undo(self._inbox.now())
        if undo is not None:
            undo.run()
        self._inbox.sync_bars()

    # ------------------------------------------------------------ refusals

    def trouble(self, trouble: Trouble) -> None:
        """The server said no. What was shown early has been taken back; words are never lost."""
        problem, conversation = trouble.problem, trouble.conversation
        inbox = self._inbox
        if isinstance(trouble.change, Reply | Note):
            inbox.notices.withdraw()
        if conversation is not None and trouble.stopped and problem.code == "conversation_moved":
            self._waiting.append(trouble)
            self.ask_waiting()
            return
        said = line(self._said(problem.code, problem.params, problem.detail), 300)
        if conversation is not None and trouble.stopped:
            where = self._name(conversation)
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
            name = self._name(self._waiting[0].conversation)
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
            _("{name} was answered meanwhile").format(name=self._name(conversation)),
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

    # ------------------------------------------------------------ the console itself

    def do_refresh(self) -> None:
        if self._session.link.state == "refused":
            self._inbox.sign_in_again()
            return
        self._inbox.background(self._session.refresh())
        self._inbox.say(_("Loading everything anew…"), "muted", REASON)

    def do_palette(self) -> None:
        self._inbox.over.show_palette(self._inbox.state())

    def do_help(self) -> None:
        self._inbox.over.show_help(self._inbox.place)

    def do_theme(self) -> None:
        self._inbox.next_theme()

    def do_quit(self) -> None:
        self._inbox.app.exit()

    # ------------------------------------------------------------ inside

    def _row(self) -> ConversationRow | None:
        here = self._inbox.here
        return None if here is None else self._session.mirror.row(here)

    def _name(self, conversation: int | None) -> str:
        row = None if conversation is None else self._session.mirror.row(conversation)
        return (line(row.contact_name, 30) if row else "") or _("No name")
