"""`agent-console serve`: run the server."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent_console import words
from agent_console.cli import grammar
from agent_console.cli.errors import Failure
from agent_console.cli.grammar import verb
from agent_console.i18n import _

if TYPE_CHECKING:
    from server.settings import Settings

app = grammar.app(_("Run the server."))


@verb(
    app,
    "serve",
    _("Run the server until ctrl+c (or SIGTERM)."),
    epilog=_("Others reach it through a proxy with TLS, or directly with a certificate; see docs/operations.md"),
)
def serve(
    data: Annotated[
        Path,
        typer.Option("--data", metavar=_("FOLDER"), envvar="AGENT_CONSOLE_DATA", help=_("The folder that init made.")),
    ],
    host: Annotated[
        str, typer.Option("--host", metavar=_("ADDRESS"), help=_("Where to listen; 0.0.0.0 for everywhere."))
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help=_("The port; 0 for any free one."))
    ] = 8080,
    database: Annotated[
        str,
        typer.Option(
            "--database", metavar="URL", envvar="AGENT_CONSOLE_DATABASE", help=_("Another database than SQLite.")
        ),
    ] = "",
    public_url: Annotated[
        str, typer.Option("--public-url", metavar="URL", help=_("How the outside reaches this server."))
    ] = "",
    trusted_proxy: Annotated[
        list[str] | None,
        typer.Option(
            "--trusted-proxy",
            metavar=_("ADDRESS"),
            help=_("A proxy (or its network) whose word on who calls is believed; may be repeated."),
        ),
    ] = None,
    tls_certificate: Annotated[
        str, typer.Option("--tls-certificate", metavar=_("FILE"), help=_("A certificate in PEM form."))
    ] = "",
    tls_key: Annotated[str, typer.Option("--tls-key", metavar=_("FILE"), help=_("Its key, in PEM form."))] = "",
    allow_plaintext: Annotated[
        bool, typer.Option("--allow-plaintext", help=_("Let others in without TLS, though passwords can be read."))
    ] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help=_("Tell more in the log."))] = False,
) -> None:
    from server.settings import BadSetup, Settings

    settings = Settings(
        data=data,
        host=host,
        port=port,
        database=database,
        public_url=public_url,
        trusted_proxies=tuple(trusted_proxy or ()),
        allow_plaintext=allow_plaintext,
        tls_certificate=tls_certificate,
        tls_key=tls_key,
    )
    try:
        settings.check()
        _run(settings, verbose)
    except BadSetup as error:
        raise Failure(words.setup(error.code, error.params, str(error))) from None


def _run(settings: Settings, verbose: bool) -> None:
    from server import app as server
    from server.commands.door import Unavailable

    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    next_step = _next_step(settings.data)

    def ready(port: int) -> None:
        scheme = "https" if settings.tls_certificate else "http"
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        url = f"{scheme}://{host}:{port}"
        _say(_("listening on {url}").format(url=url))
        if next_step:
            _say(next_step.format(url=url))

    try:
        server.serve(settings, ready)
    except Unavailable:
        raise Failure(_("{folder} is in use by another server.").format(folder=settings.data)) from None


def _next_step(folder: Path) -> str:
    """What to do next if nobody can write yet; empty when a channel is there. Raises Failure without a store."""
    from server.commands.channels import ListChannels
    from server.commands.door import SYSTEM, Unavailable
    from server.commands.setup import IsSetUp
    from server.store.store import Store

    init = f"agent-console init --data {folder} --admin {_('NAME')}"
    if not (folder / "agent-console.db").is_file():
        raise Failure(_("{folder} holds no store. Make one: {command}").format(folder=folder, command=init))
    try:
        store = Store(folder, readers=1)
    except Unavailable:
        raise Failure(_("{folder} is in use by another server.").format(folder=folder)) from None
    try:
        if not store.read_now(lambda read: IsSetUp().run(read, SYSTEM)):
            raise Failure(_("{folder} has no administrator yet: {command}").format(folder=folder, command=init))
        if store.read_now(lambda read: ListChannels().run(read, SYSTEM)).items:
            return ""
    finally:
        store.close()
    return _("No channel yet: agent-console login {url} --user NAME, then agent-console channel add webchat web …")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
