"""Calls to the server for the command line: who is signed in where, errors as sentences, and times as the organisation
counts them.

The server is the one of `--server` or `AGENT_CONSOLE_SERVER`, else the last one signed in to; the token is
`AGENT_CONSOLE_TOKEN`, else what `agent-console login` kept for that server.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from agent_console import i18n, words
from agent_console.cli.errors import Failure, WrongUsage
from agent_console.i18n import _, language

if TYPE_CHECKING:
    from agent_console.backend.api import Api
    from agent_console.backend.calls import Call
    from server import wire

T = TypeVar("T")

#: what the server asks about once, and the option that answers it
_INSIST = {
    "checklist_open": "--anyway",
    "user_absent": "--even-if-absent",
    "team_absent": "--even-if-absent",
}


class Away(Failure):
    """The server could not be reached, or can't do it now: the same may work later."""


def server() -> str:
    """The server's address. Raises Failure if none is known."""
    from agent_console.backend import credentials

    found = credentials.server()
    if not found:
        raise Failure(_("No server is set. Sign in first: agent-console login URL --user NAME"))
    return whole(found)


def whole(given: str) -> str:
    """A server's address as a person types it, whole: https, or http where it is this very machine."""
    from agent_console.backend.api import is_loopback

    if "://" in given:
        return given.rstrip("/")
    return f"{'http' if is_loopback('http://' + given) else 'https'}://{given}".rstrip("/")


def address(path: str) -> str:
    """A path of the server as an address to give to others; one that is whole already stays."""
    return path if "://" in path else server().rstrip("/") + "/" + path.lstrip("/")


def send(call: Call[T]) -> T:
    """Send a call as who is signed in. Raises Failure with what to do."""
    return _tell(_api(), call)


def send_to(server: str, token: str, call: Call[T]) -> T:
    """Send a call to a certain server (sign-in). Raises Failure."""
    from agent_console.backend.api import Api

    return _tell(Api(server, token, language()), call)


def pages(call: Callable[[str | None, int], Call[wire.Page[T]]], limit: int, size: int) -> list[T]:
    """The first `limit` items of a list (0: all), asked for `size` at a time. `call`: (cursor, how many)."""
    found: list[T] = []
    after: str | None = None
    while True:
        page = send(call(after, min(size, limit - len(found)) if limit else size))
        found += page.items
        after = page.next
        if after is None or (limit and len(found) >= limit):
            return found[:limit] if limit else found


def something(change: Any, hint: str) -> None:
    """Raise WrongUsage with `hint` if a change changes nothing."""
    from msgspec import UNSET

    if all(getattr(change, name) is UNSET for name in change.__struct_fields__):
        raise WrongUsage(hint)


@cache
def _api() -> Api:
    from agent_console.backend import credentials
    from agent_console.backend.api import Api

    address = server()
    token = credentials.token(address)
    if not token:
        raise Failure(
            _("Nobody is signed in to {server}. Sign in: agent-console login {server} --user NAME").format(
                server=address
            )
        )
    return Api(address, token, language())


def _tell(api: Api, call: Call[T]) -> T:
    from agent_console.backend.api import ApiError, Unreachable

    try:
        answer = api.send_now(call)
    except ApiError as error:
        problem = error.problem
        text = words.problem(problem.code, problem.params, problem.detail)
        if problem.code in _INSIST:
            text = f"{text.removesuffix('.')} ({_INSIST[problem.code]})."
        raise (Away if error.passing else Failure)(text) from None
    except Unreachable as error:
        raise Away(words.unreachable(error.why, api.server)) from None
    # Times are shown as the organisation counts them, wherever this is; a command may have asked for another zone.
    if i18n.zone() is None:
        i18n.set_zone(api.zone)
    return answer
