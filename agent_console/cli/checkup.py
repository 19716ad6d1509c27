"""What `agent-console doctor` looks at on this computer. Every wrong finding says what to do."""

from __future__ import annotations

import os
import platform
import shutil
import stat
import sys
from pathlib import Path

from agent_console.i18n import _, language, size
from server.wire import Check

#: The oldest Python we run on.
PYTHON = (3, 11)
#: The smallest terminal the console is made for.
COLUMNS, LINES = 80, 24
#: Free bytes below which a data folder is in danger.
ROOM = 1_000_000_000


def computer() -> list[Check]:
    """Python, SQLite, the terminal, the language, where the sign-in is kept."""
    return [_python(), _sqlite(), _terminal(), _encoding(), _keyring()]


def data_folder(folder: Path) -> list[Check]:
    """A server's data folder: there, ours alone, with room left."""
    if not folder.is_dir():
        detail = _("{folder} does not exist. Make it: agent-console init --data {folder} --admin NAME")
        return [Check(name="data", ok=False, detail=detail.format(folder=folder))]
    return [_database(folder), _private(folder), _space(folder)]


def _python() -> Check:
    version = platform.python_version()
    if sys.version_info < PYTHON:
        return Check(name="python", ok=False, detail=_("{version}; install 3.11 or newer").format(version=version))
    return Check(name="python", ok=True, detail=version)


def _sqlite() -> Check:
    """Both kinds of version are fine: the affected ones are used in the way that avoids the fault."""
    try:
        from server.store import engine
    except ImportError as error:
        return Check(name="sqlite", ok=False, detail=_("Python was built without it: {why}").format(why=error))
    version = engine.sqlite_version()
    if engine.wal_reset_fault():
        detail = _(
            "{version}; it has the WAL-reset fault, so only one connection writes. "
            "Do not open the live database with other programs. 3.51.3 or newer has it put right."
        )
        return Check(name="sqlite", ok=True, detail=detail.format(version=version))
    return Check(name="sqlite", ok=True, detail=version)


def _terminal() -> Check:
    if not sys.stdout.isatty():
        return Check(name="terminal", ok=True, detail=_("not looked at: this goes to a file or a pipe"))
    kind = os.environ.get("TERM", "")
    columns, lines = shutil.get_terminal_size()
    shown = f"{kind} {columns}x{lines}"
    if kind in ("", "dumb"):
        return Check(name="terminal", ok=False, detail=_("TERM is not set; try TERM=xterm-256color"))
    if columns < COLUMNS or lines < LINES:
        detail = _("{size}; make it at least {columns}x{lines}")
        return Check(name="terminal", ok=False, detail=detail.format(size=shown, columns=COLUMNS, lines=LINES))
    return Check(name="terminal", ok=True, detail=shown)


def _encoding() -> Check:
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    if encoding != "utf8":
        detail = _("{encoding} cannot show every name; set LANG to one that ends in UTF-8, like es_SV.UTF-8")
        return Check(name="locale", ok=False, detail=detail.format(encoding=sys.stdout.encoding or "?"))
    return Check(name="locale", ok=True, detail=f"{language()}, UTF-8")


def _keyring() -> Check:
    """Where `login` keeps the token; a file only the user can read is good enough."""
    try:
        import keyring
        from keyring.backends import fail, null

        backend = keyring.get_keyring()
        if not isinstance(backend, fail.Keyring | null.Keyring):
            return Check(name="keyring", ok=True, detail=type(backend).__module__)
    except Exception as error:  # whatever a desktop's keyring throws, it is only that there is none
        return Check(name="keyring", ok=True, detail=_("none ({why}): a file is used").format(why=type(error).__name__))
    return Check(name="keyring", ok=True, detail=_("none: the sign-in is kept in a file only you can read"))


def _database(folder: Path) -> Check:
    file = folder / "agent-console.db"
    if not file.is_file():
        detail = _("{folder} holds no store. Make one: agent-console init --data {folder} --admin NAME")
        return Check(name="data", ok=False, detail=detail.format(folder=folder))
    return Check(name="data", ok=True, detail=f"{folder}, {size(file.stat().st_size)}")


def _private(folder: Path) -> Check:
    for path in (folder, folder / "agent-console.db", folder / "secret.key"):
        if not path.exists():
            continue
        found = path.stat()
        if found.st_uid != os.getuid() and os.getuid() != 0:
            detail = _("{path} belongs to somebody else; run the server as its owner")
            return Check(name="permissions", ok=False, detail=detail.format(path=path))
        if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            detail = _("others can read {path}: chmod go= {path}")
            return Check(name="permissions", ok=False, detail=detail.format(path=path))
    return Check(name="permissions", ok=True)


def _space(folder: Path) -> Check:
    free = shutil.disk_usage(folder).free
    if free < ROOM:
        return Check(name="space", ok=False, detail=size(free))
    return Check(name="space", ok=True, detail=size(free))
