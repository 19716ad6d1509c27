"""Who is signed in where: the token in the system's keyring, else in a file that only its owner can read.

`AGENT_CONSOLE_SERVER` and `AGENT_CONSOLE_TOKEN` go before what is kept. All of this may take a moment (a keyring can
ask, or hang where there is no desktop): call it from a thread where a screen must not stop.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from server import wire

T = TypeVar("T")

#: Seconds a keyring gets to answer.
PATIENCE = 3.0
SERVICE = "agent-console"


class _Account(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One server. `token` is empty when the keyring has it."""

    user: wire.User
    expires_at: int = 0
    token: str = ""


class _Known(msgspec.Struct, kw_only=True):
    """The file: accounts by server, and the server used last."""

    last: str = ""
    accounts: dict[str, _Account] = {}


def server() -> str:
    """The server's address, empty if none is known."""
    return os.environ.get("AGENT_CONSOLE_SERVER", "").strip().rstrip("/") or _read().last


def token(server: str) -> str:
    """The token for a server, empty if nobody is signed in there."""
    given = os.environ.get("AGENT_CONSOLE_TOKEN", "").strip()
    if given:
        return given
    account = _read().accounts.get(_address(server))
    if account is None:
        return ""
    if account.token:
        return account.token
    label = _label(server, account.user.name)
    return _ask(lambda ring: ring.get_password(SERVICE, label) or "") or ""


def user(server: str) -> wire.User | None:
    """Who signed in to a server last, as it was then. None with a token from the environment: it may be anybody's."""
    if os.environ.get("AGENT_CONSOLE_TOKEN", "").strip():
        return None
    account = _read().accounts.get(_address(server))
    return None if account is None else account.user


def save(server: str, opened: wire.Session) -> bool:
    """Keep a sign-in and make its server the one to use. True if the keyring took the token, False for the file.

    Raises OSError if neither can be written.
    """
    address, label = _address(server), _label(server, opened.user.name)

    def keep(ring: _Ring) -> bool:
        ring.set_password(SERVICE, label, opened.token)
        return ring.get_password(SERVICE, label) == opened.token

    in_ring = bool(_ask(keep))
    known = _read()
    known.last = address
    account = _Account(user=opened.user, expires_at=opened.expires_at, token="" if in_ring else opened.token)
    known.accounts[address] = account
    _write(known)
    return in_ring


def forget(server: str) -> None:
    """Forget the sign-in to a server. The address stays the one to use. Raises OSError."""
    known = _read()
    account = known.accounts.pop(_address(server), None)
    if account is None:
        return
    _write(known)
    if not account.token:
        _ask(lambda ring: ring.delete_password(SERVICE, _label(server, account.user.name)))


# ---------------------------------------------------------------- keyring


class _Ring:
    """What we use of the keyring module."""

    def get_password(self, service: str, name: str) -> str | None:
        raise NotImplementedError

    def set_password(self, service: str, name: str, password: str) -> None:
        raise NotImplementedError

    def delete_password(self, service: str, name: str) -> None:
        raise NotImplementedError


def _ask(question: Callable[[_Ring], T]) -> T | None:
    """Ask the keyring; None if there is none, it fails, or takes too long (without a session bus it may for ever)."""
    answer: list[T] = []

    def work() -> None:
        with contextlib.suppress(Exception):  # each backend throws errors of its own
            import keyring
            from keyring.backends import fail, null

            if not isinstance(keyring.get_keyring(), fail.Keyring | null.Keyring):
                answer.append(question(keyring))  # type: ignore[arg-type]

    worker = threading.Thread(target=work, name="keyring", daemon=True)
    worker.start()
    worker.join(PATIENCE)
    return answer[0] if answer else None


# ---------------------------------------------------------------- file


def path() -> Path:
    """The file."""
    import platformdirs

    return Path(platformdirs.user_config_dir("agent-console", appauthor=False)) / "accounts.json"


def _read() -> _Known:
    try:
        return msgspec.json.decode(path().read_bytes(), type=_Known)
    except (OSError, msgspec.DecodeError):
        return _Known()


def _write(known: _Known) -> None:
    file = path()
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = file.with_suffix(f".{os.getpid()}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(msgspec.json.format(msgspec.json.encode(known)))
    new.replace(file)


def _address(server: str) -> str:
    return server.strip().rstrip("/")


def _label(server: str, name: str) -> str:
    return f"{name}@{_address(server)}"
