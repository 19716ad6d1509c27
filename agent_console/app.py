"""The console as an application: themes, sign-in or inbox, start, what happens when something goes wrong. Thin.

    ConsoleApp("https://chat.example.org", token).run()

Without a token it begins with the sign-in. The network is spoken to only after the first paint.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from rich.text import Text
from textual import events
from textual.app import App
from textual.screen import Screen
from textual.theme import Theme

from agent_console import actions, hangup, i18n, words
from agent_console.backend.api import ApiError
from agent_console.backend.changes import Changes
from agent_console.backend.live import wall_ms
from agent_console.backend.session import Session
from agent_console.faults import write_down
from agent_console.i18n import _
from agent_console.presentation import osc, palette
from agent_console.presentation.look import Look
from agent_console.safetext import line
from agent_console.screens.inbox import Inbox
from agent_console.screens.notices import LONG
from agent_console.widgets.key_gate import Fence, KeyGate
from agent_console.widgets.terminal_keys import know_alt_enter, know_alt_signs, survive_odd_keys

if TYPE_CHECKING:
    from agent_console.settings import Remembered, Settings
    from server import wire

log = logging.getLogger(__name__)

#: what tells that somebody is at the keyboard
_TOUCHES = (events.Key, events.Paste, events.MouseDown, events.MouseScrollDown, events.MouseScrollUp)
#: what Textual's own styles ask of a theme that leaves the terminal's colours as they are
_NATIVE = {
    "ansi-background": "ansi_black",
    "ansi-foreground": "ansi_white",
    "border-blurred": "ansi_default",
    "block-cursor-foreground": "ansi_default",
    "block-cursor-background": "ansi_default",
}

_SCREENS = Path(__file__).parent / "screens"


class MakeSession(Protocol):
    """`Session`, or what stands for it in a test."""

    def __call__(
        self, server: str, token: str, *, listener: Callable[[Changes], None], lang: str, user: wire.User | None
    ) -> Session: ...


class ConsoleApp(App[None], inherit_bindings=False):
    """An advisor's console.

    `server` and `token`: where to and as whom; without one of them the sign-in comes first. `user`, if known, lets the
    inbox be painted before the server has answered. `lang`: es or en, None asks the environment. `theme`: see
    `palette.named`; without one, the one remembered. `settings`, `remembered`: the person's own; without them the
    console is as it comes and remembers nothing. `clock` answers the local time in UTC ms; it and `make_session` are
    there for tests.
    """

    ENABLE_COMMAND_PALETTE = False
    TITLE = "agent-console"
    #: nothing moves by itself
    ANIMATION_LEVEL = "none"

    def __init__(
        self,
        server: str = "",
        token: str = "",
        *,
        user: wire.User | None = None,
        lang: str | None = None,
        theme: str = "",
        settings: Settings | None = None,
        remembered: Remembered | None = None,
        clock: Callable[[], int] = wall_ms,
        make_session: MakeSession = Session,
    ) -> None:
        if lang is not None:
            i18n.set_language(lang)
        know_alt_enter()
        know_alt_signs()
        survive_odd_keys()
        self.settings, self.remembered = settings, remembered
        actions.use(settings.keymap.keys if settings is not None and settings.keymap is not None else None)
        #: the person wants no colour, whatever the theme (no-color.org)
        self.colourless = bool(os.environ.get("NO_COLOR"))
        # Given here because Textual does not read the CSS_PATH of the first screen, which is the app's default one.
        super().__init__(
            css_path=[_SCREENS / "inbox.tcss", _SCREENS / "signin.tcss"], ansi_color=self.colourless or None
        )
        self.animation_level = "none"
        for name, (variables, dark) in palette.THEMES.items():
            self.register_theme(_theme(name, variables, dark))
        chosen = palette.named(theme) or palette.named(remembered.theme if remembered is not None else "")
        self.theme = palette.WITHOUT_COLOUR if self.colourless else chosen or palette.DEFAULT
        wish = settings.hyperlinks if settings is not None else None
        self._hyperlinks = osc.hyperlinks(os.environ) if wish is None else wish
        self.look = self._look()
        self._server, self._token, self._user = server, token, user
        self._clock = clock
        self._make_session = make_session
        #: keys come through here, one at a time
        self.gate = KeyGate(self, super().on_event)
        #: what went wrong and was survived
        self.faults: list[Exception] = []
        self._started = False
        self.session: Session | None = None
        self.inbox: Inbox | None = None

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own variables, for themes that do not have them."""
        return dict(palette.DARK)

    def get_default_screen(self) -> Screen[Any]:
        """The inbox, or the sign-in that leads to it."""
        if self._server and self._token:
            return self._new_inbox(self._new_session(self._server, self._token, self._user))
        return self._new_sign_in()

    def on_mount(self) -> None:
        """Listen to what concerns the whole console; everything slow comes after the first paint."""
        self.theme_changed_signal.subscribe(self, self._theme_changed)
        asyncio.get_running_loop().set_exception_handler(self._background_fault)
        if not self.is_headless:
            hangup.watch(self._leave_soon(asyncio.get_running_loop()))

    async def on_unmount(self) -> None:
        """Drafts and unsent answers are on disk; let go of the rest."""
        if self.inbox is not None:
            self.inbox.tidy.end()
            if self.inbox.telling is not None:
                self.inbox.telling.end()
        if self.session is not None:
            await self.session.stop()

    async def on_event(self, event: events.Event) -> None:
        """Keys and pastes, which come here first, take their turn."""
        if self.session is not None and isinstance(event, _TOUCHES):
            self.session.touched()
        if isinstance(event, (events.Key, events.Paste)) and not event.is_forwarded:
            await self.gate.take(event)
        else:
            await super().on_event(event)

    async def on_fence(self, fence: Fence) -> None:
        """What a key caused has happened."""
        await self.gate.back(fence)

    def _leave_soon(self, loop: asyncio.AbstractEventLoop) -> Callable[[], None]:
        """What another thread calls to end the console."""

        def leave() -> None:
            loop.call_soon_threadsafe(self.exit)

        return leave

    # ------------------------------------------------------------ sign-in, inbox

    def _new_inbox(self, session: Session) -> Inbox:
        """The inbox of a session; it connects once it is painted."""
        self.session = session
        self.inbox = Inbox(session, self._painted, self._clock)
        return self.inbox

    def _new_sign_in(self, why: str = "") -> Screen[None]:
        from agent_console.screens.signin import SignIn

        return SignIn(self._server, self._user.name if self._user else "", self._sign_in, why)

    def sign_in_again(self) -> None:
        """The session has ended: ask for the password, over the inbox, which keeps all that is in it."""
        self.push_screen(self._new_sign_in(_("The session has ended. Sign in again.")))

    async def _sign_in(self, server: str, user: str, password: str) -> None:
        """Sign in and go (back) to the inbox. Raises ApiError, Unreachable."""
        before = self.session
        same = before is not None and server == self._server and self._user is not None and user == self._user.name
        session = before if same and before is not None else self._new_session(server, "", None)
        opened = await session.sign_in(user, password)
        self._server, self._token, self._user = server, opened.token, opened.user
        await self._keep(server, opened)
        if session is before:
            self.pop_screen()
            if not self._started:
                self._painted()
            return
        if before is not None and self.inbox is not None:
            self.inbox.retire()
            await before.stop()
            self.pop_screen()
        await self.push_screen(self._new_inbox(session))

    async def _keep(self, server: str, opened: wire.Session) -> None:
        from agent_console.backend import credentials

        try:
            await asyncio.to_thread(credentials.save, server, opened)
        except OSError as error:
            log.warning("the sign-in is not kept: %s", error)

    def _new_session(self, server: str, token: str, user: wire.User | None) -> Session:
        return self._make_session(server, token, listener=self._changed, lang=i18n.language(), user=user)

    def _painted(self) -> None:
        """The first paint is done: connect, while the advisor can already look around."""
        self.run_worker(self._start(), group="start", exclusive=True)

    async def _start(self) -> None:
        """Connect, and spare every key the collector's walk over what stays."""
        if self.session is None or self.inbox is None:
            return
        try:
            await self.session.start()
            self._started = True
        except ApiError as error:
            if error.status == 401:
                self.sign_in_again()
                return
            said = words.problem(error.code, error.problem.params, error.problem.detail)
            self.inbox.say(line(said, 200), "warn")
        except Exception as error:
            self.fault(error)
        if not self.is_headless:
            self.inbox.tidy.begin()
        self._welcome(self.inbox)

    def _welcome(self, inbox: Inbox) -> None:
        """What the person set up, and the tour for who has not seen it."""
        settings, remembered = self.settings, self.remembered
        if settings is not None and settings.notify is not None and settings.notify.any:
            from agent_console.screens.telling import Telling

            inbox.telling = Telling(inbox, settings.notify)
            inbox.telling.begin()
        if settings is not None and settings.problems:
            said = _("Settings: {problem} (agent-console keys --check tells all)").format(problem=settings.problems[0])
            inbox.say(line(said, 300), "warn", LONG)
        who = f"{inbox.session.mirror.name}@{self._server}"
        if remembered is not None and inbox.session.mirror.name and who not in remembered.toured:

            def seen() -> None:
                remembered.toured.append(who)
                remembered.keep()

            inbox.edges.tour.over = seen
            inbox.edges.tour.begin()

    def _changed(self, changes: Changes) -> None:
        """The session's word: paint what changed."""
        if self.inbox is not None and self.inbox.is_mounted:
            try:
                self.inbox.changed(changes)
            except Exception as error:
                self.fault(error)

    # ------------------------------------------------------------ faults

    def fault(self, error: Exception) -> None:
        """Something went wrong in one handler: say so, write it down, go on."""
        self.faults.append(error)
        path = write_down(error)
        log.error("a fault in the console, see %s", path, exc_info=error)
        if self.inbox is not None and self.inbox.is_mounted:
            self.inbox.say(_("Something went wrong ({error}); the rest goes on.").format(error=_name(error)), "warn")

    def _background_fault(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """The same for what ran in the background; what is no exception is for the log."""
        error = context.get("exception")
        if isinstance(error, Exception):
            self.fault(error)
        else:
            loop.default_exception_handler(context)

    def _handle_exception(self, error: Exception) -> None:
        """Textual's last resort. On a terminal: one line that says what happened instead of pages of code."""
        if self.is_headless:
            super()._handle_exception(error)
            return
        path = write_down(error)
        text = _("The console had to stop ({error}). Drafts and unsent replies are kept. Details: {path}")
        self.exit(return_code=1, message=Text(text.format(error=_name(error), path=path or "-")))

    def _look(self) -> Look:
        return Look.of(self.get_css_variables(), palette.ATTRIBUTES.get(self.theme), self._hyperlinks)

    def next_theme(self) -> None:
        """Another set of colours."""
        names = list(palette.THEMES)
        at = names.index(self.theme) if self.theme in names else -1
        self.choose_theme(names[(at + 1) % len(names)])

    def choose_theme(self, theme: str) -> None:
        """These colours, from now on."""
        if self.inbox is None:
            return
        if self.colourless:
            self.inbox.say(_("NO_COLOR is set: there are no colours to choose from."), "warn")
            return
        self.theme = theme
        if self.remembered is not None:
            self.remembered.theme = palette.name_of(theme)
            self.remembered.keep()
        self.inbox.say(_("Colours: {name}").format(name=palette.name_of(theme)), "muted")

    def _theme_changed(self, theme: Theme) -> None:
        self.look = self._look()
        for screen in self.screen_stack:
            forget = getattr(screen, "forget_look", None)
            if forget is not None:
                forget()

    # ------------------------------------------------------------ for the command line

    async def screenshot(self, size: tuple[int, int] = (120, 40), settle: float = 1.0) -> str:
        """Run without a terminal until the inbox stands, and answer it as SVG. `settle`: seconds to let it fill."""
        async with self.run_test(size=size) as pilot:
            await pilot.pause(settle)
            return self.export_screenshot(title=self.TITLE)


def _name(error: BaseException) -> str:
    return line(f"{type(error).__name__}: {error}", 120)


def _theme(name: str, variables: palette.Variables, dark: bool) -> Theme:
    return Theme(
        name=name,
        primary=variables["ink-accent"],
        accent=variables["ink-accent"],
        warning=variables["ink-warning"],
        error=variables["ink-breach"],
        success=variables["ink-good"],
        foreground=variables["ink"],
        background=variables["page"],
        surface=variables["page"],
        panel=variables["bar"],
        dark=dark,
        ansi=name in palette.NATIVE,
        variables={**(_NATIVE if name in palette.NATIVE else {}), **variables},
    )
