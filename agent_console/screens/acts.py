"""What each action of the registry does in the inbox. A method per action, named after it; `prepare` names the parts
that have the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent_console import actions, keys
from agent_console.backend.views import ListSpec
from agent_console.i18n import _, clock
from agent_console.presentation import letters, media
from agent_console.presentation.bars import VIEWS
from agent_console.presentation.drawers import Question
from agent_console.screens.notices import REASON
from agent_console.screens.sending import Sending

if TYPE_CHECKING:
    from agent_console.backend.changes import Changes, Trouble
    from agent_console.backend.overlay import Macro
    from agent_console.backend.unsent import Command
    from agent_console.screens.inbox import Inbox
    from agent_console.screens.macros import Macros
    from agent_console.screens.protocolling import Protocolling
    from server.wire import ConversationRow


class Acts:
    """Carries out what is asked for in an inbox."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._session = inbox.session
        self.sending = Sending(inbox)
        #: what records and replays; None before the first paint
        self.macros: Macros | None = None
        self._parts: list[object] = [self, self.sending]

    def prepare(self) -> None:
        """Get ready what is not needed before the first paint."""
        if len(self._parts) == 2:
            from agent_console.screens.attaching import Attaching
            from agent_console.screens.commanding import Commanding
            from agent_console.screens.composing import Composing
            from agent_console.screens.dead_letters import DeadLetters
            from agent_console.screens.health import ChannelHealth
            from agent_console.screens.jumping import Jumping
            from agent_console.screens.linking import Links
            from agent_console.screens.macros import Macros
            from agent_console.screens.moderating import Moderating
            from agent_console.screens.people import People
            from agent_console.screens.service import service_parts
            from agent_console.screens.templating import Templating
            from agent_console.screens.viewing import Viewing

            self._attaching = Attaching(self._inbox)
            self.commanding = Commanding(self._inbox)
            self.macros = Macros(self._inbox, self.commanding)
            self._prepare_work()
            self._parts += [self._attaching, self.commanding, self.macros, Jumping(self._inbox)]
            self._templating = Templating(self._inbox)
            self._links = Links(self._inbox, self._templating.templates)
            self._composing = Composing(self._inbox, self._attaching, self._templating, self._links)
            self._parts += [self._templating, self._composing, self._links]
            self._parts += [part(self._inbox) for part in (Viewing, Moderating, DeadLetters, ChannelHealth, People)]
            self._service = service_parts(self._inbox)
            self._parts += self._service

    def _prepare_work(self) -> None:
        """Searching, saved views, marks, and what is done to conversations."""
        from agent_console.backend.directory import Directory
        from agent_console.screens.going import Going
        from agent_console.screens.marking import Marking
        from agent_console.screens.mentioning import Mentioning
        from agent_console.screens.scheduling import Scheduling
        from agent_console.screens.searching import Searching
        from agent_console.screens.views import SavedViews
        from agent_console.screens.working import Working

        inbox = self._inbox
        self.directory = Directory(self._session.api, self._names_came)
        self.marking, self.views, self.working = Marking(inbox), SavedViews(inbox), Working(inbox)
        self.searching, self.mentioning = Searching(inbox), Mentioning(inbox)
        self._parts += [self.working, self.marking, self.searching, self.views]
        self._parts += [self.mentioning, Going(inbox), Scheduling(inbox)]
        self.directory.want("views")

    def _names_came(self) -> None:
        """More names are known than before."""
        self._inbox.edges.saved = self.views.all
        self.views.names_came()
        self.working.names_came()
        self.commanding.names_came()
        self.searching.sync()
        self.mentioning.sync()
        for part in self._service:
            part.names_came()
        self._inbox.sync_bars()

    def changed(self, changes: Changes) -> None:
        """The mirror changed: what is not painted by the panes themselves."""
        if not self.prepared:
            return
        if names := changes.names - {"templates"}:  # those are kept elsewhere, see `names_changed`
            self.directory.forget(*names)
            self.directory.want(*names)
        if changes.waiting:
            self.working.progress()
        self.searching.sync()
        for part in self._service:
            part.changed(changes)

    def trouble(self, trouble: Trouble) -> None:
        """The server said no: some refusals are asked about, of the others one is told."""
        if not (self.prepared and any(part.trouble(trouble) for part in self._service)):
            self.sending.trouble(trouble)

    @property
    def protocol(self) -> Protocolling:
        """The protocol of the service: classification, stages."""
        from agent_console.screens.protocolling import Protocolling

        return next(part for part in self._service if isinstance(part, Protocolling))

    @property
    def prepared(self) -> bool:
        """Whether what is not needed before the first paint is there."""
        return len(self._parts) > 2

    def drop(self, text: str) -> None:
        """Something that may be paths of files was pasted into an answer."""
        self.prepare()
        self._composing.drop(text)

    def names_changed(self, kinds: set[str], anew: bool) -> None:
        """The journal told of other names than those known; `anew`: everything is loaded again."""
        if len(self._parts) > 2:  # before the first paint nothing is known that could be out of date
            self._templating.names_changed({*kinds, "templates"} if anew else kinds)

    def undo_macro(self, before: ConversationRow, macro: Macro, command: Command) -> None:
        """What a template did besides can be taken back."""
        from agent_console.screens.macro_undo import offer_undo

        offer_undo(self._inbox, before, macro, command)

    def recorded(self, command: str) -> None:
        """What was chosen in a drawer is this command: a macro that is being recorded takes it."""
        if self.macros is not None:
            self.macros.heard(command)

    def tell(self, what: str, *about: object) -> None:
        """Ask the part that can do this to do it."""
        self.prepare()
        do = next((found for part in self._parts if (found := getattr(part, what, None)) is not None), None)
        if do is not None:
            do(*about)

    def perform(self, action: str) -> bool:
        """Do it, or say for two seconds why it can't be done; whether it was done."""
        known = actions.BY_ID[action]
        reason = known.enabled(self._inbox.state())
        if reason:
            self._inbox.say(reason, "warn", REASON)
            return False
        step = self.macros.step_of(action) if self.macros is not None else ""
        if action == "toggle_note" and self.prepared and self.mentioning.take():
            return True
        if action.startswith("view_"):
            self.view(action)
        else:
            self.prepare()
            do = next(found for part in self._parts if (found := getattr(part, f"do_{action}", None)) is not None)
            do()
        if step and self.macros is not None and not self._inbox.over.open:
            self.macros.heard(step)
        return True

    # ------------------------------------------------------------ moving about

    def do_open(self) -> None:
        self._inbox.open(self._inbox.thelist.cursor)

    def do_back(self) -> None:
        if self._inbox.thread.marked is not None:
            self._inbox.thread.mark(None)
        else:
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
        if self.prepared:
            self.searching.close()
            self.marking.clear()
        self._inbox.show_view(ListSpec(view=view))

    # ------------------------------------------------------------ the conversation

    def do_resolve_next(self) -> None:
        here = self._inbox.here
        following = self._session.mirror.next_unanswered(here)
        self.working.do_resolve()
        if following is not None and following != here:
            self._inbox.thelist.go_to(following)
            self._inbox.open(following)
        else:
            self._inbox.back()

    def do_retry(self) -> None:
        inbox = self._inbox
        here = inbox.here
        if here is None:
            return
        if inbox.opened != here:
            inbox.open(here)
        failed = inbox.thread.target(lambda message: message.status == "failed")
        if any(command.conversation == here for command in self._session.outgoing.stopped()):
            self._session.go_on(here)
        elif failed is not None:
            self._session.resend(here, failed.id)
        else:
            inbox.say(
                _("The messages are being loaded; press {key} once more.").format(key=keys.first("retry")), "muted"
            )
            return
        inbox.say(_("Sending it again…"), "muted")

    def do_settle(self) -> None:
        inbox = self._inbox
        unknown = inbox.thread.target(lambda message: message.status == "unknown")
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

    def do_undo(self) -> None:
        undo = self._inbox.notices.take_undo(self._inbox.now())
        if undo is not None:
            undo.run()
        self._inbox.sync_bars()

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
        self._inbox.console.next_theme()

    def do_tour(self) -> None:
        if not self._inbox.edges.tour.running and self._inbox.place != "list":
            self._inbox.back()  # where the first of its keys is
        self._inbox.edges.tour.toggle()

    def do_quit(self) -> None:
        self._inbox.app.exit()

    def do_fold(self) -> None:
        found = self._inbox.thread.target(lambda message: bool(letters.folded(message)))
        if found is not None:
            self._inbox.thread.fold(found.id)
