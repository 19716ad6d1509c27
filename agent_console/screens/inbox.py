"""The inbox: list, conversation, customer; one pane at a time on a small screen, side by side from 120 columns.

The screen lays the panes out, tells them what changed and says who has the keys. What an action does is in `acts`,
what the edges say in `edges`, writing in `writing`, what rises over the panes in `over`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from agent_console import keys
from agent_console.actions import Place, State, begun
from agent_console.backend.changes import Changes
from agent_console.backend.live import wall_ms
from agent_console.backend.overlay import Letter
from agent_console.backend.views import ListSpec
from agent_console.i18n import _
from agent_console.presentation.bars import empty_list
from agent_console.presentation.drawers import Question
from agent_console.presentation.messages import held
from agent_console.screens.acts import Acts
from agent_console.screens.edges import Edges
from agent_console.screens.errands import Errands
from agent_console.screens.notices import NOTICE, REASON, Tone
from agent_console.screens.over import Over
from agent_console.screens.standing import state_of, told
from agent_console.screens.tidy import Tidy
from agent_console.screens.writing import Writing
from agent_console.widgets.bars import CustomerPane
from agent_console.widgets.composer import Composer
from agent_console.widgets.conversation_list import ConversationList
from agent_console.widgets.guard import guarded
from agent_console.widgets.messages import Answered, Dropped, InSight, LinkClicked, Moved, OlderMessages, Perform
from agent_console.widgets.thread_view import ThreadView

if TYPE_CHECKING:
    from textual import events

    from agent_console.backend.directory import Directory
    from agent_console.backend.session import Session
    from agent_console.screens.marking import Marking
    from agent_console.screens.searching import Searching
    from agent_console.screens.telling import Telling
    from agent_console.screens.views import SavedViews
    from server.wire import ConversationRow

#: from this width the panes stand side by side
WIDE = 120
#: seconds after the first paint at which what rises over the inbox is imported, unless it is asked for before
LATER = 1.0


class Inbox(Errands):
    """An advisor's main screen. `painted` is called after the first paint; `clock` answers the local time, UTC ms."""

    BLANK: ClassVar[bool] = True
    ALLOW_SELECT: ClassVar[bool] = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide"), (160, "-wider"), (200, "-widest")]  # noqa: RUF012

    def __init__(self, session: Session, painted: Callable[[], None], clock: Callable[[], int] = wall_ms) -> None:
        super().__init__()
        self.session = session
        self._painted = painted
        self._clock = clock
        self.opened: int | None = None
        mirror, now = session.mirror, self.now
        self.edges = Edges(session, now, self._keys_of, lambda: self.thelist.hidden_fresh(), self.state)
        self.notices = self.edges.notices
        self.thelist = ConversationList(mirror, now, self._empty, self._draft, id="list")
        self.thread = ThreadView(mirror, now, id="thread")
        self.composer = Composer(mirror, now, session.channels.own, id="composer")
        self.customer = CustomerPane(mirror, now, session.channels.kind, id="customer")
        self.over = Over(self, now)
        self.writing = Writing(self)
        self.tidy = Tidy()
        self._moved_at = 0
        self.acts = Acts(self)
        #: notifications outside of this screen, if the advisor wished for them
        self.telling: Telling | None = None

    def compose(self) -> ComposeResult:
        """Edges first: what is split off takes its place before the panes share the rest."""
        yield self.edges.top
        yield self.edges.footer
        yield self.edges.status
        yield self.edges.trouble
        yield self.edges.tour
        yield self.thelist
        yield self.customer
        yield self.thread
        yield self.composer
        yield from self.over.drawers

    def on_mount(self) -> None:
        """Take the keys, start the one clock."""
        self._arrange()
        self.thelist.focus()
        self._seconds = self.set_interval(1.0, self.tick)
        self.edges.begin()
        if len(self.session.mirror.window):
            self.thelist.show()
        self.call_after_refresh(self._first_paint_done)

    def _first_paint_done(self) -> None:
        self.composer.prepare()
        self.set_timer(LATER, self.acts.prepare)
        self._painted()

    def retire(self) -> None:
        """Another user takes over with an inbox of their own."""
        self._seconds.stop()

    def now(self) -> int:
        """The server's time, UTC ms."""
        return self.session.mirror.server_now(self._clock())

    # ------------------------------------------------------------ where one is

    @property
    def wide(self) -> bool:
        """Whether the panes stand side by side."""
        return self.size.width >= WIDE

    @property
    def place(self) -> Place:
        """Where keys go, or will go when a drawer is closed."""
        keys = self.over.below
        if keys is not None and self.composer in keys.ancestors:
            return "composer"
        return "thread" if keys is self.thread or keys is self.customer else "list"

    @property
    def here(self) -> int | None:
        """The conversation that actions are about: the open one while reading, else the one under the cursor."""
        return self.opened if self.place != "list" and self.opened is not None else self.thelist.cursor

    @property
    def directory(self) -> Directory:
        """The organisation's names."""
        return self.acts.directory

    @property
    def marking(self) -> Marking:
        """The conversations that are marked."""
        return self.acts.marking

    @property
    def searching(self) -> Searching:
        """The search."""
        return self.acts.searching

    @property
    def views(self) -> SavedViews:
        """The saved views."""
        return self.acts.views

    def state(self) -> State:
        """What decides which actions can be done now."""
        return state_of(self)

    # ------------------------------------------------------------ doing

    @guarded
    def on_perform(self, event: Perform) -> None:
        """An action was asked for."""
        event.stop()
        if event.taught and (found := keys.of(event.action)):
            said = _("{key} does that at once.").format(key=keys.key_name(found[0]))
            self.say(said, "muted", REASON)
        if self.acts.perform(event.action):
            self.edges.tour.did(event.action)

    @guarded
    def on_key(self, event: events.Key) -> None:
        """A key that nobody took. Where nobody has the keys (a pane was hidden under them) the list gets them."""
        if self.focused is None:
            self.thelist.focus()
        if before := begun():
            self.say(f"{keys.key_name(before)} …", "muted", REASON)
        if event.key == "ctrl+c":
            event.stop()
            self.say(_("{key} closes the console.").format(key=keys.first("quit")), "muted", REASON)

    @guarded
    def on_dropped(self, event: Dropped) -> None:
        """What was pasted may be files."""
        event.stop()
        self.acts.drop(event.text)

    @guarded
    def on_link_clicked(self, event: LinkClicked) -> None:
        """A link of the conversation was clicked."""
        event.stop()
        self.acts.tell("link_clicked", event.link)

    def say(self, text: str, tone: Tone = "text", stay: int = NOTICE) -> None:
        """Say something in the status line."""
        self.edges.say(text, tone, stay)

    def ask(self, question: Question, then: Callable[[str], None]) -> None:
        """Ask inside the screen."""
        self.over.ask(question, then)

    def on_answered(self, event: Answered) -> None:
        """A drawer is done."""
        event.stop()
        self.over.answered(event.answer, self.thelist)
        if event.then is not None:
            event.then()
        self.sync_bars()

    def show_view(self, spec: ListSpec) -> None:
        """Show another list; reading goes on only where the panes stand side by side."""
        if not self.wide and self.place != "list":
            self.back()
        self.session.show(spec)
        self.thelist.show()
        self.thelist.focus()
        self.sync_bars()

    def open(self, conversation: int | None, focus: bool = True) -> None:
        """Open a conversation and read it."""
        found = self.session.mirror.line(conversation) if conversation is not None else None
        if conversation is None or found is None:
            return
        if self.composer.writing:
            self.writing.leave()
        if conversation != self.opened:
            self.opened = self.thelist.opened = conversation
            self.background(self.session.open(conversation))
            letter = self.session.outgoing.letter(conversation)
            self.composer.show(conversation, self.session.draft_of(conversation), letter)
            self.writing.opened_another()
        self.remove_class("who")
        self.add_class("reading")
        self.thread.open(conversation, found.unread, self.composer.letter.reply_to)
        self.customer.show(conversation)
        if focus:
            self.thread.focus()
        self._mark_seen()
        self.thelist.sync()
        self.sync_bars()

    def open_elsewhere(self, row: ConversationRow, message: int | None = None) -> None:
        """Open a conversation that may be in no list shown, at a message of it."""
        self.session.mirror.know(row)
        self.thelist.go_to(row.id)
        self.open(row.id)
        if message is not None:
            self.thread.mark(message)

    def back(self) -> None:
        """From the customer to the conversation, from there to the list; on a small screen that closes it."""
        if self.has_class("who"):
            self.toggle_customer()
            return
        self.remove_class("reading")
        if not self.wide:
            self._close()
        self.thelist.focus()
        self.thelist.sync()
        self.sync_bars()

    def _close(self) -> None:
        if self.opened is not None:
            self.opened = self.thelist.opened = None
            self.session.close()
            self.composer.show(None, "", Letter())

    def switch_pane(self) -> None:
        """List and conversation take turns."""
        if self.place == "list":
            if self.opened is not None and self.wide:
                self.thread.focus()
            else:
                self.open(self.thelist.cursor)
        elif self.wide:
            self.thelist.focus()
        else:
            self.back()
        self.sync_bars()

    def toggle_customer(self) -> None:
        """Show or hide the customer: a pane beside the others, or in their place on a small screen."""
        if self.wide:
            self.toggle_class("alone")
            return
        if self.opened is None:
            self.open(self.thelist.cursor)
        self.toggle_class("who")
        (self.customer if self.has_class("who") else self.thread).focus()

    @guarded
    def on_composer_edited(self, event: Composer.Edited) -> None:
        """The draft changed."""
        event.stop()
        self.writing.edited(event.conversation, event.text, event.letter)
        if self.acts.prepared:
            self.acts.mentioning.sync()

    # ------------------------------------------------------------ what changed

    @guarded
    def on_moved(self, event: Moved) -> None:
        """The cursor stands elsewhere: what is near it is got ready."""
        event.stop()
        self._moved_at = self._clock()
        self.session.cursor(event.conversation)
        self.edges.tour.did("down")
        self.edges.status.sync()

    def on_in_sight(self, event: InSight) -> None:
        """Other rows are in sight."""
        event.stop()
        self.session.near(event.top, event.bottom)

    def on_older_messages(self, event: OlderMessages) -> None:
        """The conversation wants its older messages."""
        event.stop()
        self.background(self.session.load_older(event.conversation))

    def changed(self, changes: Changes) -> None:
        """The mirror changed: paint that, and nothing else."""
        mirror = self.session.mirror
        if changes.rows or changes.order:
            self.edges.rows_changed(changes.rows)
            if mirror.window.cursor is None and len(mirror.window):
                self.thelist.show()
            self.thelist.rows_changed(changes.order)
        opened = self.opened
        if opened is not None and (opened in changes.threads or opened in changes.rows or opened in changes.presence):
            if not self.composer.writing and self.composer.empty:
                self.composer.show(opened, self.session.draft_of(opened), self.session.outgoing.letter(opened))
            self.thread.sync()
            self.composer.sync()
            self.customer.sync()
            self._mark_seen()
        for alert in changes.alerts:
            if (news := told(alert, mirror)) is not None:
                self.say(*news)
            if self.telling is not None:
                self.telling.take(alert)
        self.acts.changed(changes)
        if changes.names or changes.reload:
            self.acts.names_changed(changes.names, changes.reload)
        for trouble in changes.troubles:
            self.acts.trouble(trouble)
        self.sync_bars()

    def _mark_seen(self) -> None:
        opened = self.opened
        found = self.session.mirror.line(opened) if opened is not None else None
        shown = self.wide or self.has_class("reading")
        if found is not None and found.unread and shown and self.thread.at_end and self.app.app_focus:
            self.session.seen(found.id)

    @guarded
    def tick(self) -> None:
        """Once a second: every countdown, every notice that passes, every promise that breaks."""
        self.edges.tick()
        if self.telling is not None:
            self.telling.tick()
        self.thelist.sync()
        if self.opened is not None:
            if self._counts_in_thread(self.opened):
                self.thread.sync()
            else:
                self.thread.sync_header()
            self.composer.sync()
            self._mark_seen()
        self.writing.tick()
        self.acts.sending.ask_waiting()
        self.acts.changed(Changes(waiting=True))
        self.sync_bars()
        self.tidy.tick(resting=self._clock() - max(self._moved_at, self.writing.typed_at) > 1_000)

    def _counts_in_thread(self, conversation: int) -> bool:
        """Whether something below its header goes with the time: a reply that can be taken back, what is offered."""
        mirror = self.session.mirror
        thread = mirror.thread(conversation)
        offered = thread is not None and thread.about is not None and bool(thread.about.transfers)
        return offered or held(mirror.messages(conversation), self.now())

    def sync_bars(self) -> None:
        """Paint what looks different at the edges."""
        if self.is_mounted:
            self.edges.sync()

    def _keys_of(self) -> Place | None:
        return None if self.over.has_keys else self.place

    def _draft(self, conversation: int) -> str:
        return self.session.outgoing.draft(conversation)

    def _empty(self) -> list[str]:
        mirror = self.session.mirror
        spec = mirror.window.spec
        return empty_list(spec.view, mirror.counts, loading=not mirror.window.loaded, query=spec.q)

    # ------------------------------------------------------------ layout and look

    def on_resize(self, event: events.Resize) -> None:
        """Panes stand side by side or one at a time."""
        self._arrange()

    def _arrange(self) -> None:
        self.thelist.set_shared(self.wide)
        if self.wide and self.has_class("who"):
            self.remove_class("who")
            self.thread.focus()
        if not self.wide and self.opened is not None and self.place == "list":
            self._close()
        self.over.settle()

    def on_descendant_focus(self) -> None:
        """The footer shows the keys of where one is."""
        self.sync_bars()

    def sign_in_again(self) -> None:
        """The session has ended: back to the password, with everything else as it is."""
        self.console.sign_in_again()

    def forget_look(self) -> None:
        """The theme changed: everything is painted anew."""
        edges = self.edges
        for widget in (edges.top, edges.footer, edges.status, edges.trouble, edges.tour, self.customer):
            widget.repaint()
        self.thelist.forget_look()
        self.thread.forget_look()
        self.composer.forget_look()
        self.over.forget_look()
        if self.acts.prepared:
            self.searching.forget_look()
