"""What rises over the inbox, one at a time, and who had the keys before."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from agent_console.presentation.drawers import Question
from agent_console.widgets.drawers import Drawer, HelpOverlay, Palette, QuestionDrawer

if TYPE_CHECKING:
    from textual.screen import Screen
    from textual.widget import Widget

    from agent_console.actions import Place, State


class Over:
    """The drawers of a screen. `now`: the time, ms."""

    def __init__(self, screen: Screen[None], now: Callable[[], int]) -> None:
        self._screen = screen
        self._before: Widget | None = None
        self.help = HelpOverlay(id="help")
        self.palette = Palette(id="palette")
        self.question = QuestionDrawer(now, id="question")
        self.drawers: list[Drawer] = [self.help, self.palette, self.question]

    @property
    def open(self) -> bool:
        """Whether one is up."""
        return any(drawer.display for drawer in self.drawers)

    @property
    def has_keys(self) -> bool:
        """Whether one is up that takes the keys, and not beside what one is doing."""
        return isinstance(self._screen.focused, Drawer)

    @property
    def below(self) -> Widget | None:
        """Who has the keys, or will have them when the drawer is closed."""
        focused = self._screen.focused
        return self._before if isinstance(focused, Drawer) else focused

    def show_help(self, place: Place) -> None:
        """All keys."""
        self._make_room()
        self.help.rise_for(place)

    def show_palette(self, state: State) -> None:
        """Commands by name."""
        self._make_room()
        self.palette.rise_for(state)

    def ask(self, question: Question, then: Callable[[str], None]) -> None:
        """Ask; `then` gets the key of the answer."""
        self._make_room()
        self.question.ask(question, then)

    def raise_(self, drawer: Drawer, before: Widget | None = None) -> None:
        """Show a drawer of another kind; it becomes part of the screen the first time. `before`: who gets the keys when
        it is closed, if not who has them now."""
        self._make_room()
        self._before = before or self._before
        if drawer not in self.drawers:
            self.drawers.append(drawer)
            self._screen.mount(drawer)
        drawer.rise()

    def show(self, drawer: Drawer) -> None:
        """Show a drawer beside what one is doing: the keys stay where they are."""
        if drawer not in self.drawers:
            self.drawers.append(drawer)
            self._screen.mount(drawer)
        if not drawer.display:
            self._make_room()

    def close(self, otherwise: Widget) -> None:
        """Put away what is up, without an answer."""
        self._sink()
        (self._before or otherwise).focus()

    def _make_room(self) -> None:
        self._before = self.below
        self._sink()

    def _sink(self) -> None:
        for drawer in self.drawers:
            drawer.sink()

    def answered(self, answer: str, otherwise: Widget) -> None:
        """A drawer is done: the keys go back to where they were, else to `otherwise`."""
        asked = self.question.display
        self._sink()
        (self._before or otherwise).focus()
        if asked:
            self.question.answer(answer)

    def settle(self) -> None:
        """The screen's size changed."""
        for drawer in self.drawers:
            if drawer.display:
                drawer.settle()

    def forget_look(self) -> None:
        """The theme changed."""
        for drawer in self.drawers:
            drawer.forget_look()
