"""Templates that providers approve for messages outside the reply window: noted, listed, and what one says."""

from __future__ import annotations

import re
from typing import ClassVar

import msgspec

from server import wire
from server.commands.door import Actor, Command, Need, Query, not_found
from server.store import channels, templates
from server.store.store import Row, Snapshot, Tx

_HOLE = re.compile(r"\{\{\s*(\w{1,60})\s*\}\}")


class Content(msgspec.Struct, omit_defaults=True):
    """What the store keeps of an approved template as one document."""

    header: str = ""
    footer: str = ""
    header_parameters: int = 0
    names: list[str] = []
    links: list[int] = []
    lacks: str = ""


class NoteApproved(Command, kw_only=True):
    """All the templates that a channel's provider knows of now."""

    needs: ClassVar[Need] = "system"

    channel_id: int
    templates: list[wire.ApprovedTemplate]

    def run(self, tx: Tx, actor: Actor) -> None:
        channel = channels.get(tx, self.channel_id)
        if channel is None or channel["removed_at"] is not None:
            return
        rows = {
            (each.name, each.language): (
                each.name,
                each.language,
                each.status,
                each.category,
                each.body,
                each.parameters,
                msgspec.json.encode(msgspec.convert(each, Content, from_attributes=True)).decode(),
            )
            for each in self.templates
        }
        if templates.replace_approved(tx, self.channel_id, list(rows.values())):
            tx.emit("template.approved", channel=channel["name"], count=len(rows))


class ListApproved(Query, kw_only=True):
    """The templates that providers approved, or not yet, of one channel or of all."""

    needs: ClassVar[Need] = "advisor"

    channel: str | None = None

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.ApprovedTemplate]:
        id = None
        if self.channel is not None:
            row = channels.by_name(read, self.channel)
            if row is None:
                raise not_found("channel", self.channel)
            id = row["id"]
        return wire.Page(items=[_shown(row) for row in templates.approved(read, id)], as_of=read.head())


def _shown(row: Row) -> wire.ApprovedTemplate:
    content = msgspec.json.decode(row["content"], type=Content)
    return wire.ApprovedTemplate(
        channel=row["channel"],
        name=row["name"],
        language=row["language"],
        status=row["status"],
        category=row["category"],
        body=row["body"],
        parameters=row["parameters"],
        **msgspec.structs.asdict(content),
    )


def said(read: Snapshot, channel_id: int, template: wire.Template) -> str:
    """What the customer will read, as far as it is known here; empty if that template is not known."""
    row = templates.one_approved(read, channel_id, template.name, template.language)
    if row is None:
        return ""
    content = msgspec.json.decode(row["content"], type=Content)
    names = template.names[len(template.header) :]
    parts = (
        filled(content.header, template.header, template.names[: len(template.header)]),
        filled(row["body"], template.parameters, names),
        content.footer,
    )
    return "\n".join(part for part in parts if part)


def filled(text: str, parameters: list[str], names: list[str]) -> str:
    """A template's text with its holes filled in: by name, else by number; what is not given stays as it is."""
    given = dict(zip(names, parameters, strict=False)) or {str(n): each for n, each in enumerate(parameters, 1)}
    return _HOLE.sub(lambda hole: given.get(hole[1], hole[0]), text)
