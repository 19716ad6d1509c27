"""`agent-console api`: the server's HTTP interface, directly."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from agent_console.cli import asking, grammar
from agent_console.cli.errors import WrongUsage
from agent_console.cli.grammar import verb
from agent_console.i18n import _

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

app = grammar.app(_("Call the server's HTTP interface directly."))


@verb(
    app,
    "api",
    _("Call the server's HTTP interface directly, signed in as you are. Prints the answer's body."),
    epilog=_("For example: agent-console api GET /conversations?view=mine - everything else: api GET /openapi.json"),
)
def api(
    method: Annotated[str, typer.Argument(metavar=_("METHOD"), help=", ".join(METHODS))],
    path: Annotated[str, typer.Argument(metavar=_("PATH"), help=_("With or without /api/v1 in front."))],
    data: Annotated[
        str | None,
        typer.Option("--data", metavar="JSON", help=_("The body; @FILE reads a file, - standard input.")),
    ] = None,
    key: Annotated[str, typer.Option("--key", metavar=_("KEY"), help=_("The Idempotency-Key; else a fresh one."))] = "",
) -> None:
    from urllib.parse import parse_qsl, urlsplit

    import msgspec

    from agent_console.backend.calls import JSON, Call, new_key
    from agent_console.cli import calling, printing
    from server.wire import API

    if method.upper() not in METHODS:
        raise WrongUsage(_("METHOD is one of {methods}.").format(methods=", ".join(METHODS)))
    body = None if data is None else asking.value(data).encode()
    if body is not None:
        try:
            msgspec.json.decode(body)
        except msgspec.DecodeError as error:
            raise WrongUsage(_("--data is not JSON: {why}").format(why=error)) from None
    split = urlsplit(path)
    answer = calling.send(
        Call(
            method=method.upper(),
            path="/" + split.path.removeprefix(API).lstrip("/"),
            answer=bytes,
            params=dict(parse_qsl(split.query, keep_blank_values=True)),
            body=body,
            headers={} if body is None else {"Content-Type": JSON},
            key="" if method.upper() == "GET" else key or new_key(),
        )
    )
    try:
        printing.out(printing.to_json(msgspec.Raw(msgspec.json.format(answer)))) if answer else None
    except msgspec.DecodeError:
        if sys.stdout.isatty():
            raise WrongUsage(_("The answer is no text; send it to a file with > FILE.")) from None
        sys.stdout.buffer.write(answer)
