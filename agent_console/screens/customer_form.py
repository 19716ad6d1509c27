"""The customer edited where they are shown: name, region, language, profile and whatever else was noted of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from agent_console import words
from agent_console.backend import attributes, calls
from agent_console.backend.api import ApiError, Unreachable
from agent_console.backend.attributes import PROFILE
from agent_console.i18n import _
from agent_console.presentation import customer
from agent_console.safetext import line
from agent_console.screens.notices import UNDO, Undo
from agent_console.screens.service import ServicePart
from agent_console.widgets.fields_drawer import Field, FieldsDrawer, Sheet, Values
from server import wire

if TYPE_CHECKING:
    from textual.geometry import Region

    from agent_console.screens.inbox import Inbox

#: attributes that fit on the sheet; the others are shown beside it and changed from the command line
MOST = 12
#: cells of the sheet where the pane is narrower
WIDTH = 46
_ATTRIBUTE = "attribute:"


class CustomerEditing(ServicePart):
    """Editing the customer of an inbox's conversation."""

    def __init__(self, inbox: Inbox) -> None:
        super().__init__(inbox)
        self._sheet = FieldsDrawer(id="customer-form")

    def do_edit_customer(self) -> None:
        here = self._inbox.here
        if here is not None:
            self._inbox.first(self._ask(here))

    async def _ask(self, conversation: int) -> None:
        """Put the sheet over the pane, with the contact as it is now."""
        row = await self._session.find_row(conversation)
        contact = await self._session.api.send(calls.contact(row.contact))
        fields = [
            Field("name", _("Name"), contact.name),
            Field("region", _("Region"), contact.region),
            Field("language", _("Language"), contact.language, reading=customer.language_of, hint="es, en …"),
            Field(
                "profile",
                _("Profile"),
                attributes.text(contact.attributes.get(PROFILE, "")),
                hint=_("member, business …"),
            ),
        ]
        others = [(name, attributes.text(value)) for name, value in contact.attributes.items() if name != PROFILE]
        fields += [
            Field(_ATTRIBUTE + name, line(name, 30), value, hint=_("will be removed")) for name, value in others[:MOST]
        ]
        fields.append(Field("new", _("+ new"), reading=_read_new, hint=_("name = what is known")))
        sheet = Sheet(
            _("Customer: {who}").format(who=line(contact.name, 60) or _("No name")),
            fields,
            lambda values: self._inbox.background(self._save(conversation, contact, values)),
            _("Tab next · Enter keeps it · Esc"),
            _check,
            key=("customer", contact.id, contact.attributes.keys()),
            over=self._region,
        )
        self._sheet.take(sheet)
        self._inbox.over.raise_(self._sheet)

    def _region(self) -> Region | None:
        """Where the pane is; a narrow one is covered with something of its neighbour."""
        from textual.geometry import Region

        pane = self._inbox.customer
        if not pane.display or not pane.region.width or pane.region.right < WIDTH:
            return None
        region = pane.region
        width = max(region.width, WIDTH)
        return Region(region.right - width, region.y, width, region.height)

    async def _save(self, conversation: int, contact: wire.Contact, values: Values) -> None:
        change, back = changes(contact, values)
        if change is None or back is None:
            self._sheet.done()
            return
        try:
            await self._session.api.send(calls.change_contact(contact.id, change))
        except ApiError as error:
            self._sheet.refuse(line(words.problem(error.code, error.problem.params, error.problem.detail), 200))
            return
        except Unreachable:
            self._sheet.refuse(_("The server does not answer. What you typed stays here: try again."))
            return
        self._sheet.done()

        async def undo() -> None:
            await self._session.api.send(calls.change_contact(contact.id, back))
            await self._session.renew(conversation)

        inbox = self._inbox
        said = _("{name}: noted").format(name=line(values["name"], 40))
        inbox.notices.offer(Undo(said, inbox.now() + UNDO, lambda: inbox.background(undo())))
        await self._session.renew(conversation)
        inbox.sync_bars()


def changes(contact: wire.Contact, values: Values) -> tuple[wire.ChangeContact | None, wire.ChangeContact | None]:
    """What the sheet changes of a contact, and what puts it back; nothing where it changes nothing. Pure."""
    change, back = wire.ChangeContact(), wire.ChangeContact()
    for name in ("name", "region", "language"):
        was, now = getattr(contact, name), values[name].strip()
        if now != was:
            setattr(change, name, now)
            setattr(back, name, was)
    noted: dict[str, Any] = {}
    for name, was in contact.attributes.items():
        typed = values.get(PROFILE if name == PROFILE else _ATTRIBUTE + name)
        if typed is not None and typed.strip() != attributes.text(was):
            noted[name] = attributes.value(typed.strip(), was)
    if PROFILE not in contact.attributes and values[PROFILE].strip():
        noted[PROFILE] = values[PROFILE].strip()
    noted.update(_new(values["new"]))
    if noted:
        change.attributes = noted
        back.attributes = {name: contact.attributes.get(name) for name in noted}
    if all(getattr(change, name) is UNSET for name in change.__struct_fields__):
        return None, None
    return change, back


def _new(typed: str) -> dict[str, str]:
    """Attributes to add: `name = value`, several with `;` between them."""
    found: dict[str, str] = {}
    for part in typed.split(";"):
        name, equals, value = part.partition("=")
        if equals and name.strip() and value.strip():
            found[name.strip()] = value.strip()
    return found


def _read_new(typed: str) -> str:
    found = _new(typed)
    return "= " + ", ".join(f"{line(name, 20)}: {line(value, 30)}" for name, value in found.items()) if found else ""


def _check(values: Values) -> str:
    if not values["name"].strip():
        return _("A customer has a name.")
    if values["new"].strip() and not _new(values["new"]):
        return _("Write it so: name = what is known")
    return ""
