"""`agent-console init`: a data folder with its first administrator."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from agent_console import words
from agent_console.cli import asking, grammar
from agent_console.cli.errors import Failure, why
from agent_console.cli.grammar import PasswordStdin, verb
from agent_console.i18n import _, language

app = grammar.app(_("Make a data folder with its first administrator."))


@verb(
    app,
    "init",
    _("Make a data folder with its first administrator, a first team and the usual service levels."),
)
def init(
    data: Annotated[
        Path,
        typer.Option(
            "--data", metavar=_("FOLDER"), envvar="AGENT_CONSOLE_DATA", help=_("Where everything will be kept.")
        ),
    ],
    admin: Annotated[
        str, typer.Option("--admin", metavar=_("NAME"), help=_("The name the administrator signs in with."))
    ],
    zone: Annotated[
        str, typer.Option("--zone", metavar=_("ZONE"), help=_("The time zone of your screens; else this computer's."))
    ] = "",
    team: Annotated[str, typer.Option("--team", metavar=_("TEAM"), help=_("The first team's name."))] = "",
    database: Annotated[
        str,
        typer.Option(
            "--database", metavar="URL", envvar="AGENT_CONSOLE_DATABASE", help=_("Another database than SQLite.")
        ),
    ] = "",
    password_stdin: PasswordStdin = False,
) -> None:
    from agent_console.cli import printing

    # Without stopping at a password: whoever gave a wrong folder shall not have to type it first.
    _refuse_if_taken(data)
    password = asking.password(password_stdin, new=True)
    _set_up(data, admin, password, team or _("Customer service"), zone or _own_zone(), database)
    printing.out(
        _("{folder} is ready. Start the server: {command}").format(
            folder=data, command=f"agent-console serve --data {data}"
        )
    )


def _refuse_if_taken(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise Failure(_("{folder} is a file. Name a folder.").format(folder=folder))
    if (folder / "agent-console.db").exists() and not _unfinished(folder):
        raise Failure(
            _("{folder} already holds a store. Nothing was changed; name another folder.").format(folder=folder)
        )


def _unfinished(folder: Path) -> bool:
    """Whether an earlier `init` was interrupted before there was anybody."""
    from server.commands.door import SYSTEM, Unavailable
    from server.commands.setup import IsSetUp
    from server.store.store import Store

    try:
        store = Store(folder, readers=1)
    except Unavailable:
        return False
    try:
        return not store.read_now(lambda read: IsSetUp().run(read, SYSTEM))
    finally:
        store.close()


def _own_zone() -> str:
    """This computer's time zone as an IANA name; empty if it does not say."""
    named = os.environ.get("TZ", "").lstrip(":") or os.path.realpath("/etc/localtime")
    zone = named.rpartition("zoneinfo/")[2]
    return "" if zone.startswith("/") else zone


def _set_up(folder: Path, admin: str, password: str, team: str, zone: str, database: str) -> None:
    """Write the store. Raises Failure if it cannot be, and leaves nothing half done."""
    from server import wire
    from server.commands.door import SYSTEM, Door, Refusal, Unavailable
    from server.commands.organisation import UpdateOrganisation
    from server.commands.setup import SetUp
    from server.routes.passwords import hash_password
    from server.settings import BadSetup, Settings
    from server.store.store import Store

    try:
        Settings(data=folder, database=database).check()
        hashed = hash_password(password)
        store = Store(folder, readers=1)
        try:
            first = SetUp(admin=admin, password_hash=hashed, team=team, language=language())
            door = Door(store)
            door.do_now(SYSTEM, first)
            if zone:
                door.do_now(SYSTEM, UpdateOrganisation(change=wire.ChangeOrganisation(zone=zone)))
        finally:
            store.close()
    except BadSetup as error:
        raise Failure(words.setup(error.code, error.params, str(error))) from None
    except Refusal as error:
        raise Failure(words.problem(error.code, error.params)) from None
    except Unavailable:
        raise Failure(_("{folder} is in use by another server.").format(folder=folder)) from None
    except OSError as error:
        raise Failure(_("{folder} cannot be written: {why}").format(folder=folder, why=why(error))) from None
