"""`agent-console web`: the console in a browser, where no terminal is at hand."""

from __future__ import annotations

import logging
import sys
from typing import Annotated

import typer

from agent_console.cli import grammar
from agent_console.cli.errors import Failure
from agent_console.cli.grammar import verb
from agent_console.i18n import _

app = grammar.app(_("The console in a browser."))

#: what it needs besides, for the Python that runs the program
EXTRA = "textual-serve>=1.1,<2"


@verb(
    app,
    "web",
    _("Show the console to browsers until ctrl+c (or SIGTERM); each visitor signs in."),
    epilog=_("Others reach it through a proxy with TLS; see docs/guide/web.md"),
)
def web(
    host: Annotated[
        str, typer.Option("--host", metavar=_("ADDRESS"), help=_("Where to listen; 0.0.0.0 for everywhere."))
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help=_("The port; 0 for any free one."))
    ] = 8100,
    public_url: Annotated[
        str, typer.Option("--public-url", metavar="URL", help=_("How browsers reach it, through a proxy with TLS."))
    ] = "",
    visitors: Annotated[
        int, typer.Option("--visitors", metavar="N", min=1, help=_("How many at once; each takes some 60 MB."))
    ] = 20,
    allow_plaintext: Annotated[
        bool, typer.Option("--allow-plaintext", help=_("Let others in without TLS, though passwords can be read."))
    ] = False,
) -> None:
    import asyncio

    from agent_console.backend.api import is_loopback
    from agent_console.cli import calling

    behind = calling.server()
    bracketed = f"[{host}]" if ":" in host else host
    if public_url and not public_url.startswith(("https://", "http://")):
        raise Failure(_("--public-url takes an address like https://console.example.org"))
    if not (is_loopback(f"http://{bracketed}") or public_url.startswith("https://") or allow_plaintext):
        raise Failure(
            _(
                "Others can reach {host}, and passwords would travel in clear: put a proxy with TLS in front and say"
                " --public-url https://…, or allow it on purpose with --allow-plaintext."
            ).format(host=host)
        )
    try:
        from agent_console.web.serving import ConsoleServer
    except ModuleNotFoundError:
        raise Failure(
            _("The console in a browser needs more than is installed: {command}").format(
                command=f'{sys.executable} -m pip install "{EXTRA}"'
            )
        ) from None

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        asyncio.run(ConsoleServer(behind, host, port, public_url, visitors).run(_ready))
    except OSError as error:
        raise Failure(
            _("Port {port} of {host} cannot be used: {why}").format(port=port, host=host, why=error)
        ) from None


def _ready(url: str) -> None:
    sys.stdout.write(_("listening on {url}").format(url=url) + "\n")
    sys.stdout.flush()
