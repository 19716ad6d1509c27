"""The customer line by line: who they are, and noting it: name, region, language, profile, whatever else is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from agent_console.backend import attributes, calls
from agent_console.i18n import _
from agent_console.plain import vocabulary, wording
from agent_console.plain.refusals import Refused
from agent_console.safetext import line
from server import wire

if TYPE_CHECKING:
    from agent_console.plain.desk import Desk

_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "name": ("nombre", "name"),
    "region": ("región", "region"),
    "language": ("idioma", "language"),
    attributes.PROFILE: ("perfil", "profile"),
}
_LANGUAGES: Final[dict[str, tuple[str, ...]]] = {
    "es": ("es", "español", "spanish"),
    "en": ("en", "inglés", "english"),
}


class Customers:
    """Whoever writes in the open conversation."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def do_customer(self, rest: str) -> None:
        """Hear who they are; with FIELD: VALUE note it, with -FIELD it is no longer known."""
        desk, row = self._desk, self._desk.row_here()
        if not rest.strip():
            about = await desk.send(calls.conversation(row.id))
            desk.say(*wording.customer_lines(about, desk.now(), desk.session.mirror.name))
            return
        contact = await desk.send(calls.contact(row.contact))
        said, colon, typed = rest.strip().partition(":")
        gone = said.startswith("-") and not colon
        name, typed = " ".join(said.lstrip("-").split()), " ".join(typed.split())
        if not name or not (typed or gone):
            raise Refused(_("say what and a colon: region: San Miguel; or -region, and it is no longer known."))
        await self._note(row, contact, self._field(contact, name), typed)

    def _field(self, contact: wire.Contact, said: str) -> str:
        """What is meant: one of every customer's, one that is noted already, else a new one, as it is written."""
        wanted = vocabulary.plain(said)
        known = _FIELDS | {each: (each,) for each in contact.attributes}
        return next((key for key, ways in known.items() if wanted in map(vocabulary.plain, ways)), said)

    async def _note(self, row: wire.ConversationRow, contact: wire.Contact, field: str, typed: str) -> None:
        change, back = wire.ChangeContact(), wire.ChangeContact()
        if field in ("name", "region", "language"):
            if field == "name" and not typed:
                raise Refused(_("A customer has a name."))
            if field == "language":
                typed = vocabulary.pick(typed, _LANGUAGES) or typed
            was: Any = getattr(contact, field)
            setattr(change, field, typed)
            setattr(back, field, was)
        else:
            was = contact.attributes.get(field)
            if was is None and not typed:
                raise Refused(_("nothing is noted as {name}.").format(name=vocabulary.shown(field)))
            change.attributes = {field: attributes.value(typed, was)}
            back.attributes = {field: was}
        await self._change(row, change)
        told = self._told(field, typed, was)

        async def run() -> str:
            await self._change(row, back)
            return _("Taken back: {what}").format(what=told)

        self._desk.undoable(told, run)
        self._desk.say(told)

    def _told(self, field: str, typed: str, was: object) -> str:
        label, value, before = _label(field), line(typed, 200), line(attributes.text(was), 200)
        if not typed:
            return _("No longer noted: {label}, {value}.").format(label=label, value=before)
        if before:
            return _("Noted: {label}, {value}; before, {before}.").format(label=label, value=value, before=before)
        if field in _FIELDS:
            return _("Noted: {label}, {value}.").format(label=label, value=value)
        return _("Noted, a new field: {label}, {value}.").format(label=label, value=value)

    async def _change(self, row: wire.ConversationRow, change: wire.ChangeContact) -> None:
        desk = self._desk
        await desk.send(calls.change_contact(row.contact, change))
        await desk.session.renew(row.id)


def _label(field: str) -> str:
    """What a field is called."""
    named = {"name": _("Name"), "region": _("Region"), "language": _("Language"), attributes.PROFILE: _("Profile")}
    return named.get(field) or str(line(field, 40))
