"""The sign-in: server, user, password. Says in a sentence what went wrong and keeps what was typed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from agent_console import words
from agent_console.backend.api import ApiError, Unreachable
from agent_console.i18n import N_, _
from agent_console.safetext import line

_UNREACHABLE = {
    "connect": N_("Nothing answers at that address."),
    "timeout": N_("The server does not answer in time."),
    "lost": N_("The connection was lost; try again."),
    "tls": N_("The server's certificate is not valid."),
    "not_agent_console": N_("Something else than agent-console answers there."),
    "bad_address": N_("That is not an address; it looks like https://chat.example.org"),
}


def unreachable_text(why: str) -> str:
    """Why no server was reached, in a sentence."""
    return _(_UNREACHABLE.get(why, _UNREACHABLE["connect"]))


#: keys that end the console
_QUIT = ("ctrl+q", "ctrl+c")


class Field(Input):
    """A line of the form. While the server is asked (`busy`) it takes no keys: what is typed ahead belongs neither to
    the password nor to the user's name."""

    busy = False

    def on_key(self, event: events.Key) -> None:
        """Before anything is typed."""
        if self.busy and event.key not in _QUIT:
            event.stop()
            event.prevent_default()


class SignIn(Screen[None]):
    """`sign_in(server, user, password)` goes on to the inbox or raises ApiError or Unreachable. `why`: said first."""

    ALLOW_SELECT = False

    def __init__(
        self, server: str, user: str, sign_in: Callable[[str, str, str], Awaitable[None]], why: str = ""
    ) -> None:
        super().__init__()
        self._sign_in = sign_in
        self._given = (server, user)
        self._why = why

    def compose(self) -> ComposeResult:
        """A column in the middle."""
        server, user = self._given
        with Vertical(id="form"):
            yield Static(Content("agent-console"), id="name")
            yield Static(Content(_("Sign in")), classes="quiet")
            yield Static(Content(_("Server")), classes="label")
            yield Field(line(server, 300), placeholder="https://chat.example.org", id="server")
            yield Static(Content(_("User")), classes="label")
            yield Field(line(user, 100), id="user")
            yield Static(Content(_("Password")), classes="label")
            yield Field(password=True, id="password")
            yield Static(Content(self._why), id="said")
            yield Static(Content(_("Enter goes on · ctrl+q quits")), classes="quiet")

    def on_mount(self) -> None:
        """Begin at the first field that is empty."""
        for field in self.query(Input):
            if not field.value:
                field.focus()
                return

    def on_key(self, event: events.Key) -> None:
        """The few keys of a form."""
        if event.key in _QUIT:
            event.stop()
            self.app.exit()
        elif event.key in ("down", "up"):
            event.stop()
            _ignored = self.focus_next() if event.key == "down" else self.focus_previous()

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes to the next field, from the last one to the server."""
        event.stop()
        if event.input.id != "password":
            self.focus_next()
            return
        # The app's, not this screen's: it goes on when this screen has gone.
        self.app.run_worker(self._try(), group="sign-in", exclusive=True)

    async def _try(self) -> None:
        server, user, password = (self.query_one(f"#{id}", Input).value for id in ("server", "user", "password"))
        server, user = server.strip().rstrip("/"), user.strip()
        if not (server and user and password):
            self._say(_("All three are needed."))
            return
        if "://" not in server:
            server = f"https://{server}"
        self._say(_("Signing in…"), "quiet")
        self._set_busy(True)
        try:
            await self._sign_in(server, user, password)
        except ApiError as error:
            self._say(line(words.problem(error.code, error.problem.params, error.problem.detail), 200))
            self.query_one("#password", Input).value = ""
        except Unreachable as error:
            self._say(unreachable_text(error.why))
        finally:
            self._set_busy(False)

    def _set_busy(self, busy: bool) -> None:
        for field in self.query(Field):
            field.busy = busy

    def _say(self, text: str, tone: str = "wrong") -> None:
        said = self.query_one("#said", Static)
        said.set_class(tone == "quiet", "quiet")
        said.update(Content(text))
