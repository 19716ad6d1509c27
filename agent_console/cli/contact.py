"""`agent-console contact`: customers, and which of them are one person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agent_console.cli import asking, grammar
from agent_console.cli.errors import WrongUsage
from agent_console.cli.grammar import Format, Output, Quiet, Yes, verb
from agent_console.i18n import _

if TYPE_CHECKING:
    from server import wire

#: How many contacts the server is asked for at once.
PAGE = 100

app = grammar.app(_("Customers, and which of them are one person."))

Id = Annotated[int, typer.Argument(metavar=_("CONTACT"), help=_("The contact's number."))]
OtherId = Annotated[int, typer.Argument(metavar=_("OTHER"), help=_("The other contact's number."))]


@verb(app, "list", _("List and search customers."))
def list_(
    query: Annotated[
        str | None,
        typer.Argument(metavar=_("QUERY"), help=_("Words of a name or region, or a whole number or address.")),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=0, help=_("At most so many; 0 for all."))] = 50,
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling, contact_show, printing

    found = calling.pages(lambda after, size: calls.contacts(q=query, after=after, limit=size), limit, PAGE)
    printing.rows(
        found,
        contact_show.columns(),
        output,
        empty=_("No customers."),
        ids=(lambda contact: contact.id) if quiet else None,
    )


@verb(app, "show", _("Show one customer: what is noted, all addresses, and the contacts merged into it."))
def show(contact: Id, output: Output = Format.text) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling

    _print(calling.send(calls.contact(contact)), output)


@verb(app, "set", _("Change what is noted of a customer. What is not named stays as it is."))
def set_(
    contact: Id,
    name: Annotated[str | None, typer.Option("--name", metavar=_("TEXT"), help=_("Their name."))] = None,
    language: Annotated[
        str | None, typer.Option("--language", metavar=_("CODE"), help=_("Their language: es, en …"))
    ] = None,
    region: Annotated[str | None, typer.Option("--region", metavar=_("TEXT"), help=_("Their region."))] = None,
    pairs: Annotated[
        list[str] | None,
        typer.Option("--set", metavar=_("KEY=VALUE"), help=_("An attribute; may be repeated.")),
    ] = None,
    drop: Annotated[
        list[str] | None, typer.Option("--drop", metavar=_("KEY"), help=_("Take this attribute away; may be repeated."))
    ] = None,
    output: Output = Format.text,
) -> None:
    from msgspec import UNSET

    from agent_console.backend import calls
    from agent_console.cli import calling
    from server import wire

    attributes = {**dict.fromkeys(drop or []), **asking.settings(pairs or [])}
    change = wire.ChangeContact(
        name=UNSET if name is None else name,
        language=UNSET if language is None else language,
        region=UNSET if region is None else region,
        attributes=UNSET if not attributes else {**attributes},
    )
    calling.something(change, _('Say what to change, for example --name "Ana Ramos".'))
    _print(calling.send(calls.change_contact(contact, change)), output)


@verb(app, "suggestions", _("Who is likely the same person, by their numbers and mail addresses."))
def suggestions(contact: Id, output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling, contact_show, printing

    printing.rows(
        calling.send(calls.suggestions(contact)).items,
        contact_show.likely_columns(),
        output,
        empty=_("Nobody else looks like the same person."),
        ids=(lambda likely: likely.contact) if quiet else None,
    )


@verb(app, "forget-suggestion", _("They are two people: do not suggest it again."))
def forget_suggestion(contact: Id, other: OtherId) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling, printing

    calling.send(calls.reject_suggestion(contact, other))
    printing.out(_("Contacts {one} and {other} are noted as two people.").format(one=contact, other=other))


@verb(app, "merge", _("Both are one person: everything of OTHER belongs to CONTACT from now on."))
def merge(contact: Id, other: OtherId, yes: Yes = False, output: Output = Format.text) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling

    asking.sure(_("Make contact {other} part of contact {one}?").format(one=contact, other=other), yes)
    _print(calling.send(calls.merge_contacts(contact, other)), output)


@verb(app, "unmerge", _("Undo a merge: OTHER has again what came with it, and what arrived there since."))
def unmerge(contact: Id, other: OtherId, output: Output = Format.text) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling

    merges = calling.send(calls.contact(contact)).merges
    found = next((merge for merge in merges if other in (merge.contact, merge.id)), None)
    if found is None:
        raise WrongUsage(
            _("Contact {other} was not merged into {one}. See {command}").format(
                other=other, one=contact, command=f"agent-console contact show {contact}"
            )
        )
    _print(calling.send(calls.unmerge_contacts(contact, found.id)), output)


def _print(contact: wire.Contact, output: Format) -> None:
    from agent_console.cli import contact_show

    contact_show.show(contact, output)
