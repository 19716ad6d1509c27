"""Reply templates: kept, rendered for a conversation, and run with their acts."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from typing import Any, ClassVar

import msgspec

from server import wire
from server.commands import naming, scopes, shapes
from server.commands.acts import AssignTo, ResolveConversation, line
from server.commands.door import Actor, Command, Need, Query, Refusal, not_found
from server.commands.labels import SetPriority, TagConversation
from server.commands.replies import AddNote, SendReply, load
from server.commands.snoozing import Snooze
from server.desk import templates as rules
from server.store import channels, contacts, messages, organisation, people, templates
from server.store.conversations import Conversation
from server.store.store import Row, Snapshot, Tx

_NAME = re.compile(r"\w[\w-]*(\.\w[\w-]*){0,4}")
_SHORTCUT = re.compile(r"(\w[\w-]{0,29})?")
_FIELD = re.compile(r"[^\W\d]\w{0,39}")
#: of one template at most: variants, fields, acts, files
MOST = 30


def faults_of(new: wire.NewTemplate) -> list[wire.TemplateFault]:
    """Everything that is wrong with a template as it is written; pure."""
    found = []
    if not _NAME.fullmatch(new.name) or len(new.name) > 60:
        found.append(wire.TemplateFault(code="bad_name", what=new.name[:60]))
    if not _SHORTCUT.fullmatch(new.shortcut):
        found.append(wire.TemplateFault(code="bad_name", what=new.shortcut[:60]))
    if max(len(new.variants), len(new.fields), len(new.acts)) > MOST:
        found.append(wire.TemplateFault(code="too_many", what=str(MOST)))
    if not new.variants and not new.acts:
        found.append(wire.TemplateFault(code="empty"))
    seen = set()
    for field in new.fields:
        if not _FIELD.fullmatch(field.name) or field.name in seen:
            found.append(wire.TemplateFault(code="bad_field", what=field.name[:60]))
        if field.kind == "choice" and not field.choices:
            found.append(wire.TemplateFault(code="no_choices", what=field.name[:60]))
        seen.add(field.name)
    places = set()
    for n, variant in enumerate(new.variants):
        if (variant.channel, variant.language) in places:
            found.append(
                wire.TemplateFault(code="same_variant", what=f"{variant.channel} {variant.language}", variant=n)
            )
        places.add((variant.channel, variant.language))
        for fault in rules.check(variant.text, seen):
            found.append(wire.TemplateFault(code=fault.code, what=fault.what, line=fault.line, variant=n))
    return found


def _shown(read: Snapshot, rows: list[Row]) -> list[wire.ReplyTemplate]:
    files: dict[int, list[wire.Attachment]] = {}
    for file in templates.files(read, [row["id"] for row in rows]):
        files.setdefault(file["template_id"], []).append(shapes.attachment(file))
    return [_one(row, files.get(row["id"], [])) for row in rows]


def _one(row: Row, files: list[wire.Attachment]) -> wire.ReplyTemplate:
    content = templates.content(row)
    return wire.ReplyTemplate(
        id=row["id"],
        name=row["name"],
        title=row["title"],
        shortcut=row["shortcut"],
        scope=scopes.scope_of(row),
        team=row["team"],
        variants=content.variants,
        fields=content.fields,
        acts=content.acts,
        files=files,
        uses=row["uses"],
        last_used_at=row["last_used_at"],
        updated_at=row["updated_at"],
    )


class _Keep(Command, kw_only=True):
    """What writing a new template and writing one anew share."""

    def _check(self, tx: Tx, actor: Actor, new: wire.NewTemplate, but: int) -> tuple[int | None, int | None]:
        """(owner, team) of a template that may be kept; sharing is a supervisor's."""
        faults = faults_of(new)
        if faults:
            raise Refusal(422, "bad_template", why=faults[0].code, what=faults[0].what, line=faults[0].line)
        owner, team = scopes.owner_and_team(tx, actor, new.scope, new.team)
        for column, value in (("name", new.name), ("shortcut", new.shortcut)):
            if value and templates.twin(tx, column, value, owner, team, but):
                raise Refusal(409, "name_taken", name=value)
        return owner, team

    def _content(self, new: wire.NewTemplate) -> str:
        content = templates.Content(variants=new.variants, fields=new.fields, acts=new.acts)
        return msgspec.json.encode(content).decode()


def _mine(tx: Tx, id: int, actor: Actor) -> Row:
    return scopes.changeable(templates.get(tx, id), "template", id, actor)


class CreateTemplate(_Keep, kw_only=True):
    """Keep a template; one with faults is refused."""

    needs: ClassVar[Need] = "advisor"

    template: wire.NewTemplate

    def run(self, tx: Tx, actor: Actor) -> wire.ReplyTemplate:
        new = self.template
        owner, team = self._check(tx, actor, new, 0)
        id = templates.create(tx, new.name, new.title[:120], new.shortcut, owner, team, self._content(new))
        tx.emit("template.created", template=id, name=new.name, scope=new.scope)
        return _shown(tx, _found(tx, id))[0]


def _found(tx: Tx, id: int) -> list[Row]:
    row = templates.get(tx, id)
    assert row is not None
    return [row]


class ReplaceTemplate(_Keep, kw_only=True):
    """Write a template anew, as a whole. Its uses and its files stay."""

    needs: ClassVar[Need] = "advisor"

    id: int
    template: wire.NewTemplate

    def run(self, tx: Tx, actor: Actor) -> wire.ReplyTemplate:
        was = _mine(tx, self.id, actor)
        new = self.template
        owner, team = self._check(tx, actor, new, self.id)
        templates.update(tx, self.id, new.name, new.title[:120], new.shortcut, owner, team, self._content(new))
        tx.emit("template.updated", template=self.id, name=new.name)
        followed = _named(tx, was, new.name if owner is None else None)
        kept = _shown(tx, _found(tx, self.id))[0]
        return kept if new.name == was["name"] else msgspec.structs.replace(kept, followed=followed)


def _named(tx: Tx, was: Row, name: str | None) -> dict[str, int]:
    """Rules that send a shared template follow its new name; where it is shared no more (None), they hold it back. How
    many followed."""
    if was["owner_id"] is not None or any(row["name"] == was["name"] for row in templates.shared(tx)):
        return {}
    if name is None:
        naming.free(tx, naming.TEMPLATE, was["name"])
        return {}
    return naming.renamed(tx, naming.TEMPLATE, was["name"], name)


class RemoveTemplate(Command, kw_only=True):
    """Forget a template. Refused (409 in_use) while rules send it."""

    needs: ClassVar[Need] = "advisor"

    id: int

    def run(self, tx: Tx, actor: Actor) -> None:
        row = _mine(tx, self.id, actor)
        templates.remove(tx, self.id)
        _named(tx, row, None)
        tx.emit("template.removed", template=self.id, name=row["name"])


class SetTemplateFiles(Command, kw_only=True):
    """Exactly these uploaded files go with a template."""

    needs: ClassVar[Need] = "advisor"

    id: int
    files: list[int]

    def run(self, tx: Tx, actor: Actor) -> wire.ReplyTemplate:
        _mine(tx, self.id, actor)
        if len(self.files) > MOST:
            raise Refusal(422, "too_many_files", limit=MOST)
        for id in self.files:
            row = messages.attachment(tx, id)
            if row is None or row["state"] != "stored" or row["message_id"] is not None:
                raise not_found("attachment", id)
        templates.set_files(tx, self.id, list(dict.fromkeys(self.files)))
        tx.emit("template.updated", template=self.id)
        return _shown(tx, _found(tx, self.id))[0]


class TakeFiles(Command, kw_only=True):
    """A template's files as files of one's own, to go with an answer."""

    needs: ClassVar[Need] = "advisor"

    id: int

    def run(self, tx: Tx, actor: Actor) -> wire.Page[wire.Attachment]:
        if templates.visible(tx, self.id, actor.id) is None:
            raise not_found("template", self.id)
        taken = []
        for row in templates.files(tx, [self.id]):
            id = messages.upload(tx, row["kind"], row["mime"], row["file_name"], row["size"], row["sha256"], actor.id)
            copy: Any = messages.attachment(tx, id)
            taken.append(shapes.attachment(copy))
        return wire.Page(items=taken)


class ListTemplates(Query, kw_only=True):
    """The templates the asker has: everybody's, their teams' and their own, by name."""

    needs: ClassVar[Need] = "advisor"

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.ReplyTemplate]:
        return wire.Page(items=_shown(read, templates.for_user(read, actor.id)), as_of=read.head())


# ---------------------------------------------------------------- rendered for a conversation


def _values(read: Snapshot, conv: Conversation, actor: Actor, answers: dict[str, str]) -> dict[str, dict[str, Any]]:
    """What templates can speak of, here and now."""
    contact = contacts.get(read, conv.contact_id)
    user = people.user_by_id(read, actor.id)
    channel = channels.get(read, conv.channel_id)
    assert contact is not None and channel is not None
    attributes: dict[str, Any] = msgspec.json.decode(contact["attributes"])
    addresses = {i["kind"]: i["value"] for i in reversed(contacts.identities(read, [conv.contact_id]))}
    customer = {
        **attributes,
        "name": contact["name"],
        "first_name": rules.first_name(contact["name"]),
        "region": contact["region"],
        "language": contact["language"],
        "phone": attributes.get("phone") or addresses.get("phone", ""),
        "email": attributes.get("email") or addresses.get("email", ""),
    }
    return {
        "customer": customer,
        # what a rule sends has no advisor: a text that speaks of one is not filled then
        "advisor": {"name": user["display_name"], "first_name": rules.first_name(user["display_name"])} if user else {},
        "organisation": {"name": organisation.get(read).get("name", "")},
        "conversation": {"number": conv.id, "channel": channel["kind"], "subject": conv.subject},
        "ask": answers,
    }


def rendered(
    read: Snapshot, row: Row, conv: Conversation, actor: Actor, answers: dict[str, str]
) -> wire.RenderedTemplate:
    """What a template says in a conversation; with no text at all if it is made of acts only."""
    content = templates.content(row)
    channel = channels.get(read, conv.channel_id)
    contact = contacts.get(read, conv.contact_id)
    assert channel is not None and contact is not None
    places = [(variant.channel, variant.language) for variant in content.variants]
    n = rules.choose(places, channel["kind"], contact["language"])
    if n is None:
        return wire.RenderedTemplate(text="")
    zone = zoneinfo.ZoneInfo(organisation.get(read).get("zone", "UTC"))
    given = {field.name: answers.get(field.name) or field.default for field in content.fields}
    try:
        said = rules.render(
            content.variants[n].text,
            _values(read, conv, actor, given),
            dt.datetime.fromtimestamp(read.now / 1000, zone),
        )
    except rules.CannotRender as error:
        what = error.what[:200]
        raise Refusal(422, "cannot_render", why=error.why, what=what, line=error.line, detail=what) from None
    limit = shapes.capabilities(channel["kind"], conv.surface).text_limit
    return wire.RenderedTemplate(
        text=said.text, missing=list(said.missing), limit=limit if len(said.text) > limit else None, variant=n
    )


class Render(Query, kw_only=True):
    """What a template would say in a conversation, while it is chosen and its fields are filled in."""

    needs: ClassVar[Need] = "advisor"

    id: int
    render: wire.RenderTemplate

    def run(self, read: Snapshot, actor: Actor) -> wire.RenderedTemplate:
        row = templates.visible(read, self.id, actor.id)
        if row is None:
            raise not_found("template", self.id)
        return rendered(read, row, load(read, self.render.conversation), actor, self.render.answers)


class RunMacro(Command, kw_only=True):
    """Send what a template says and do its acts: all of it, or nothing."""

    needs: ClassVar[Need] = "advisor"

    conversation: int
    macro: wire.RunMacro

    def run(self, tx: Tx, actor: Actor) -> wire.ConversationRow:
        macro = self.macro
        row = templates.visible(tx, macro.template, actor.id)
        if row is None:
            raise not_found("template", macro.template)
        content = templates.content(row)
        text = macro.text
        if macro.reply is not None:
            reply = msgspec.structs.replace(macro.reply, snippet=row["id"])
            SendReply(conversation=self.conversation, reply=reply).run(tx, actor)
            text = ""
        elif text is None:
            said = rendered(tx, row, load(tx, self.conversation), actor, macro.answers)
            if said.missing:
                raise Refusal(422, "not_filled", missing=said.missing)
            text = said.text
        if text:
            reply = wire.Reply(text=text, seen_seq=macro.seen_seq, hold_ms=macro.hold_ms, snippet=row["id"])
            SendReply(conversation=self.conversation, reply=reply).run(tx, actor)
        moments = iter(macro.moments)
        for act in content.acts:
            self._act(act, moments).run(tx, actor)
        tx.emit("template.run", self.conversation, template=row["id"], name=row["name"])
        return line(tx, self.conversation, actor.id)

    def _act(self, act: wire.MacroAct, moments: Any) -> Command:
        id = self.conversation
        match act.do:
            case "tag":
                return TagConversation(conversation=id, change=wire.ChangeTags(add=[act.value]))
            case "untag":
                return TagConversation(conversation=id, change=wire.ChangeTags(remove=[act.value]))
            case "assign":
                return AssignTo(conversation=id, assign=wire.Assign(user=act.value or None))
            case "team":
                return AssignTo(conversation=id, assign=wire.Assign(team=act.value))
            case "priority":
                change = msgspec.convert({"priority": act.value}, wire.ChangePriority)
                return SetPriority(conversation=id, change=change)
            case "snooze":
                return Snooze(conversation=id, snooze=wire.Snooze(until=next(moments, 1)))
            case "note":
                return AddNote(conversation=id, note=wire.Note(text=act.value))
            case "resolve":
                return ResolveConversation(
                    conversation=id, resolve=wire.Resolve(outcome=act.value, anyway=self.macro.anyway)
                )
