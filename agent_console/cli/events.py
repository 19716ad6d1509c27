"""`agent-console events`: the journal."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from agent_console import words
from agent_console.cli import grammar
from agent_console.cli.errors import WrongUsage
from agent_console.cli.grammar import Format, Output, Quiet, verb
from agent_console.i18n import _, moment

if TYPE_CHECKING:
    from agent_console.cli.printing import Column
    from server import wire

#: How many events the server is asked for at once.
PAGE = 500
#: Seconds between two looks with --follow.
PAUSE = 1.0

app = grammar.app(_("The journal: everything that happened."))


@verb(app, "events", _("The journal: everything that happened, oldest first. Without --since, the newest ones."))
def events(
    since: Annotated[int | None, typer.Option("--since", metavar="N", min=0, help=_("Those after event N."))] = None,
    conversation: Annotated[
        int | None, typer.Option("--conversation", metavar="ID", help=_("Of this conversation."))
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=0, help=_("At most so many; 0 for all."))] = 50,
    follow: Annotated[bool, typer.Option("-f", "--follow", help=_("Go on with what happens, until ctrl+c."))] = False,
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.cli import printing

    columns = _columns(time.time_ns() // 1_000_000)
    ids = (lambda event: event.seq) if quiet else None
    if not follow:
        found = _newest(conversation, limit) if since is None else list(_after(since, conversation, limit))
        printing.rows(found, columns, output, empty=_("No events."), ids=ids)
        return
    if output is Format.csv:
        raise WrongUsage(_("--follow prints text or json."))
    for event in _coming(since, conversation):
        if quiet:
            printing.out(str(event.seq))
        elif output is Format.json:
            printing.out(printing.json_line(event))
        else:
            printing.out("  ".join(printing.safe(str(column.text(event))) for column in columns).rstrip())
        sys.stdout.flush()


def _after(since: int, conversation: int | None, limit: int) -> Iterator[wire.Event]:
    """Events after `since`, at most `limit` of them (0: all there are)."""
    from agent_console.backend import calls
    from agent_console.cli import calling

    given = 0
    while not limit or given < limit:
        want = min(PAGE, limit - given) if limit else PAGE
        page = calling.send(calls.events(since=since, conversation=conversation, limit=want)).items
        yield from page
        given += len(page)
        if len(page) < want:
            return
        since = page[-1].seq


def _newest(conversation: int | None, limit: int) -> list[wire.Event]:
    """The newest events. The journal has no gaps; a conversation's own events are few."""
    if conversation is not None:
        found = list(_after(0, conversation, 0))
        return found[-limit:] if limit else found
    return list(_after(max(0, _head() - limit) if limit else 0, None, limit))


def _head() -> int:
    from agent_console.backend import calls
    from agent_console.cli import calling

    return calling.send(calls.events(since=0, limit=1)).as_of


def _coming(since: int | None, conversation: int | None) -> Iterator[wire.Event]:
    """Events after `since` (else from now on) as they happen; waits out a server that is away."""
    from agent_console.cli import calling

    place = _head() if since is None else since
    while True:
        try:
            for event in _after(place, conversation, 0):
                place = event.seq
                yield event
        except calling.Away as away:
            sys.stderr.write(f"{away}\n")
        time.sleep(PAUSE)


def _columns(now: int) -> list[Column[wire.Event]]:
    from agent_console.cli.printing import Column

    return [
        Column("seq", _("Event"), lambda e: e.seq, right=True),
        Column("at", _("When"), lambda e: moment(e.at, now), lambda e: e.at),
        Column("kind", _("What"), lambda e: words.event(e.kind), lambda e: e.kind),
        Column("conversation", "#", lambda e: e.conversation or "", lambda e: e.conversation, right=True),
        Column("actor", _("By"), lambda e: words.actor(e.actor), lambda e: e.actor),
        Column(
            "data", _("Details"), lambda e: _details(e), lambda e: json.dumps(e.data, ensure_ascii=False), grow=True
        ),
    ]


def _details(event: wire.Event) -> str:
    return " ".join(f"{key}={_detail(value)}" for key, value in event.data.items())


def _detail(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
