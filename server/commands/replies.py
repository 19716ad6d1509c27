"""What an advisor writes: replies, notes, reactions; and taking one back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar

import msgspec

from server import wire
from server.commands import alerts, approved, assigning, flow, reviewing, scheduling, shapes
from server.commands.door import Actor, Command, Need, Refusal, not_found
from server.desk import window
from server.store import channels, conversations, journal, labels, messages, outbox, people, templates
from server.store.conversations import Conversation
from server.store.messages import NewMessage
from server.store.store import Row, Snapshot, Tx

#: characters of a note
NOTE_LIMIT = 10_000
#: characters of a mail's subject
SUBJECT_LIMIT = 300

_ADDRESS = re.compile(r"[^\s@<>,;:\"()\\]{1,64}@(?:[^\W_]|[.-]){1,250}")


def load(tx: Snapshot, id: int) -> Conversation:
    conv = conversations.load(tx, id)
    if conv is None:
        raise not_found("conversation", id)
    return conv


class SendReply(Command, kw_only=True):
    """Answer the customer. Claims an unassigned conversation, stops its clock, reopens a resolved one.

    Where its team asks for that, it waits for a reviewer first, and the customer's clock goes on.
    It goes out on the conversation's own channel; an answer to a message of a conversation that was merged into it goes
    where that one came from.
    """

    needs: ClassVar[Need] = "advisor"

    conversation: int
    reply: wire.Reply

    def run(self, tx: Tx, actor: Actor) -> wire.Message:
        conv = load(tx, self.conversation)
        flow.not_merged(conv)
        reply_to, home = _target(tx, conv, self.reply.reply_to)
        channel = channels.get(tx, home.channel_id)
        assert channel is not None
        can = shapes.capabilities(channel["kind"], home.surface)
        options = self._options(tx, home, can, reply_to)
        send_at, later = scheduling.leaves_at(tx.now, self.reply.hold_ms, self.reply.send_at)
        kind, files = self._check(tx, home, channel, can, send_at)
        self._check_nobody_answered(tx, conv, actor)
        if conv.state == "resolved":
            self._reopen(tx, conv)
        template = self.reply.template
        data: dict[str, Any] = {"template": msgspec.to_builtins(template)} if template else {}
        if options and not template:
            data["options"] = options
        if later:
            data[flow.SCHEDULED] = send_at
        text = approved.said(tx, home.channel_id, template) if template else self.reply.text
        held = reviewing.asked(tx, conv, channel, home.surface, actor)
        id = queue(
            tx,
            flow.Place(conv, home),
            actor,
            kind,
            text,
            send_at,
            data=data or None,
            reply_to=reply_to,
            files=len(files),
            leaves=held is None,
        )
        for file in files:
            messages.adopt(tx, file, id, home.channel_id)
        if self.reply.snippet is not None:
            templates.used(tx, self.reply.snippet)
        if held is None:
            tx.emit("message.queued", conv.id, message=id, kind=kind, send_at=send_at)
        else:
            reviewing.hold(tx, conv, id, held, actor)
        if conv.assignee_id is None:
            assigning.claim(tx, conv, actor.id, actor.name, "reply")
        if later or held is not None:
            conversations.save(tx, conv)
            return shapes.one_message(tx, id)
        flow.answered(tx, conv, id)
        if actor.role in ("supervisor", "admin") and conv.assignee_id != actor.id:
            alerts.helped(tx, conv, "answered")
        conv.last_at = tx.now
        flow.show(conv, text or (template.name if template else ""), kind, "out", actor.name)
        conversations.save(tx, conv)
        return shapes.one_message(tx, id)

    def _options(self, tx: Tx, conv: Conversation, can: wire.Capabilities, reply_to: str) -> dict[str, Any]:
        """What only some channels know, or why it cannot be had here."""
        reply = self.reply
        options: dict[str, Any] = {}
        if reply.cc or reply.bcc:
            if not can.copies:
                raise Refusal(422, "invalid", detail="this channel has no copies")
            for address in (*reply.cc, *reply.bcc):
                if not _ADDRESS.fullmatch(address):
                    raise Refusal(422, "bad_address", address=address[:100])
            options |= {"cc": reply.cc, "bcc": reply.bcc}
        if reply.subject:
            if not can.subject:
                raise Refusal(422, "invalid", detail="this channel has no subjects")
            options["subject"] = " ".join(reply.subject.split())[:SUBJECT_LIMIT]
        if reply.private:
            options["private"] = _check_private(tx, conv, can, reply_to)
        return options

    def _check(
        self, tx: Tx, conv: Conversation, channel: Row, can: wire.Capabilities, at: int
    ) -> tuple[str, list[Row]]:
        """What kind of message this is and the files it carries, or why it cannot go."""
        reply = self.reply
        if not channel["active"]:
            raise Refusal(409, "channel_off", channel=channel["name"])
        if reply.template is not None:
            if reply.text or self._files or not can.templates:
                raise Refusal(422, "invalid", detail="a template goes alone, on a channel that has templates")
            return "template", []
        check_window(tx, conv, channel, at)
        if self._files:
            return self._check_files(tx, can)
        if not reply.text.strip():
            raise Refusal(422, "empty")
        if len(reply.text) > can.text_limit:
            raise Refusal(422, "too_long", limit=can.text_limit, length=len(reply.text))
        return "text", []

    @property
    def _files(self) -> list[int]:
        one = self.reply.attachment
        return [*([] if one is None else [one]), *self.reply.attachments]

    def _check_files(self, tx: Tx, can: wire.Capabilities) -> tuple[str, list[Row]]:
        if len(set(self._files)) > can.files:
            raise Refusal(422, "too_many_files", limit=can.files)
        files = [self._file(tx, id) for id in dict.fromkeys(self._files)]
        check_files(can, files, self.reply.text)
        return files[0]["kind"], files

    def _file(self, tx: Tx, id: int) -> Row:
        """A file that nothing carries yet, or that went with an answer of this conversation which was taken back."""
        file = messages.attachment(tx, id)
        if file is None or file["state"] != "stored" or not self._is_free(tx, file):
            raise not_found("attachment", id)
        return file

    def _is_free(self, tx: Tx, file: Row) -> bool:
        if file["message_id"] is None:
            return True
        carrier = messages.get(tx, file["message_id"])
        return (
            carrier is not None
            and carrier["conversation_id"] == self.conversation
            and carrier["direction"] == "out"
            and carrier["status"] == "cancelled"
        )

    def _check_nobody_answered(self, tx: Tx, conv: Conversation, actor: Actor) -> None:
        """A colleague's answer that the writer had not seen when writing stops this one, until they say so again."""
        if self.reply.seen_seq is None:
            return
        for row in journal.last_of_kind(tx, conv.id, ("message.queued", "message.echo"), self.reply.seen_seq):
            if row["actor"] == str(actor):
                continue
            answer = messages.get(tx, msgspec.json.decode(row["data"])["message"])
            if answer is not None and answer["status"] != "cancelled" and '"automatic":true' not in answer["data"]:
                author = people.user_by_id(tx, answer["author_id"]) if answer["author_id"] is not None else None
                raise Refusal(
                    409,
                    "conversation_moved",
                    by=author["name"] if author is not None else answer["via"],
                    at=answer["received_at"],
                    seq=row["seq"],
                )

    def _reopen(self, tx: Tx, conv: Conversation) -> None:
        other = conversations.find_open(tx, conv.channel_id, conv.thread)
        if other is not None:
            raise Refusal(409, "newer_conversation", conversation=other.id)
        flow.reopen(tx, conv, by="advisor")


def check_files(can: wire.Capabilities, files: Sequence[Row], caption: str) -> None:
    """Refuse files that a channel does not carry, or not with this text."""
    if len(files) > can.files:
        raise Refusal(422, "too_many_files", limit=can.files)
    for file in files:
        limit = can.media.get(file["kind"])
        if limit is None:
            raise Refusal(422, "file_kind", kind=file["kind"], takes=sorted(can.media))
        if file["size"] > limit:
            raise Refusal(422, "file_too_large", limit=limit, size=file["size"])
    if len(caption) > can.caption_limit:
        raise Refusal(422, "too_long", limit=can.caption_limit, length=len(caption))


def check_window(tx: Tx, conv: Conversation, channel: Row, at: int) -> None:
    """Free text goes only while the channel's reply window is open, as it will be `at` (UTC ms); in public there is
    none."""
    if conv.surface == "direct" and not window.is_open(channel["window_ms"], conv.window_from, at):
        until = window.until(channel["window_ms"], conv.window_from)
        raise Refusal(409, "window_closed", until=until, channel_kind=channel["kind"])


def _check_private(tx: Tx, conv: Conversation, can: wire.Capabilities, reply_to: str) -> str:
    """A public message can be answered in private once, and only for a while; the provider's id of which one it is."""
    last = messages.last_inbound(tx, conv.id)
    asked = messages.by_external(tx, conv.channel_id, reply_to) if reply_to else last
    if can.private_once_ms is None or asked is None:
        raise Refusal(422, "invalid", detail="only a public message can be answered in private")
    if tx.now > asked["at"] + can.private_once_ms:
        raise Refusal(409, "private_late", until=asked["at"] + can.private_once_ms)
    if messages.answered_in_private(tx, conv.id, str(asked["external_id"])):
        raise Refusal(409, "private_used")
    return str(asked["external_id"])


def queue(
    tx: Tx,
    place: flow.Place,
    actor: Actor,
    kind: str,
    text: str,
    due_at: int,
    *,
    data: dict[str, Any] | None = None,
    reply_to: str = "",
    files: int = 0,
    leaves: bool = True,
) -> int:
    """Write an outbound message down and put it into the outbox, to leave no earlier than `due_at`; its id.

    One that does not leave (`leaves`) waits for somebody to put it there.
    """
    conv, home = place.conv, place.home or place.conv
    id = messages.insert(
        tx,
        NewMessage(
            conversation_id=conv.id,
            home_id=home.id if home.id != conv.id else None,
            channel_id=home.channel_id,
            direction="out",
            kind=kind,
            text=text,
            data=data,
            author_id=actor.id or None,
            via="" if actor.id else str(actor),
            at=tx.now,
            status="queued",
            reply_to=reply_to,
            files=files,
        ),
    )
    assert id is not None  # it has no provider's id yet that another message could have
    messages.set_client_ref(tx, id)
    if leaves:
        outbox.put(tx, id, conv.id, home.channel_id, home.handle_id, due_at)
    return id


def _target(tx: Tx, conv: Conversation, message: int | None) -> tuple[str, Conversation]:
    """The provider's id of the message that is answered ("" for none), and the conversation it is at home in."""
    if message is None:
        return "", conv
    row = messages.get(tx, message)
    if row is None or row["conversation_id"] != conv.id or row["external_id"] is None:
        raise not_found("message", message)
    return str(row["external_id"]), conv if row["home_id"] is None else load(tx, row["home_id"])


class AddNote(Command, kw_only=True):
    """Write an internal note; the customer never sees it and no clock minds it."""

    needs: ClassVar[Need] = "advisor"

    conversation: int
    note: wire.Note

    def run(self, tx: Tx, actor: Actor) -> wire.Message:
        conv = load(tx, self.conversation)
        flow.not_merged(conv)
        text = self.note.text
        if not text.strip():
            raise Refusal(422, "empty")
        if len(text) > NOTE_LIMIT:
            raise Refusal(422, "too_long", limit=NOTE_LIMIT, length=len(text))
        id = messages.insert(
            tx,
            NewMessage(
                conversation_id=conv.id,
                channel_id=conv.channel_id,
                direction="note",
                kind="text",
                text=text,
                author_id=actor.id or None,
                via="" if actor.id else str(actor),
                at=tx.now,
                status="note",
            ),
        )
        assert id is not None
        mentioned = _mentioned(tx, text)
        labels.mention(tx, id, conv.id, [row["id"] for row in mentioned])
        tx.emit("note.added", conv.id, message=id, mentions=[row["name"] for row in mentioned])
        conversations.save(tx, conv)
        return shapes.one_message(tx, id)


class Moderate(Command, kw_only=True):
    """Hide a public message from others, show it again, or delete it, which is for good."""

    needs: ClassVar[Need] = "advisor"

    conversation: int
    moderate: wire.Moderate

    def run(self, tx: Tx, actor: Actor) -> wire.Message:
        conv = load(tx, self.conversation)
        channel = channels.get(tx, conv.channel_id)
        assert channel is not None
        if not channel["active"]:
            raise Refusal(409, "channel_off", channel=channel["name"])
        if not shapes.capabilities(channel["kind"], conv.surface).moderation:
            raise Refusal(422, "invalid", detail="messages of this conversation cannot be hidden or deleted")
        target, home = _target(tx, conv, self.moderate.message)
        id = queue(tx, flow.Place(conv, home), actor, self.moderate.act, "", tx.now, reply_to=target)
        tx.emit("message.moderated", conv.id, message=self.moderate.message, act=self.moderate.act, by=id)
        conversations.save(tx, conv)
        return shapes.one_message(tx, id)


_MENTION = re.compile(r"(?<![\w@])@(\w[\w.-]{0,59})")


def _mentioned(tx: Tx, text: str) -> list[Row]:
    """The people a note calls: @name is a user, or every member of a team whose name is one word."""
    names = {name.casefold().rstrip(".-") for name in _MENTION.findall(text)[:50]}
    return people.named(tx, sorted(names)) if names else []


class React(Command, kw_only=True):
    """React to a message of the customer's, or take the reaction back."""

    needs: ClassVar[Need] = "advisor"

    conversation: int
    reaction: wire.Reaction

    def run(self, tx: Tx, actor: Actor) -> wire.Message:
        conv = load(tx, self.conversation)
        target, home = _target(tx, conv, self.reaction.message)
        channel = channels.get(tx, home.channel_id)
        assert channel is not None
        if not shapes.capabilities(channel["kind"], home.surface).reactions:
            raise Refusal(422, "invalid", detail="this channel has no reactions")
        check_window(tx, home, channel, tx.now)
        if len(self.reaction.emoji) > 16:
            raise Refusal(422, "too_long", limit=16, length=len(self.reaction.emoji))
        id = queue(tx, flow.Place(conv, home), actor, "reaction", self.reaction.emoji, tx.now, reply_to=target)
        row = messages.get(tx, self.reaction.message)
        assert row is not None
        reactions: dict[str, str] = msgspec.json.decode(row["reactions"]) if row["reactions"] else {}
        if self.reaction.emoji:
            reactions["us"] = self.reaction.emoji
        else:
            reactions.pop("us", None)
        messages.set_reactions(tx, row["id"], reactions)
        tx.emit("message.reacted", conv.id, message=row["id"], by=id)
        conversations.save(tx, conv)
        return shapes.one_message(tx, id)


def outbound(tx: Tx, id: int, actor: Actor, but: str = "") -> Row:
    """An outbound message that this actor may decide about: their own, or any for a supervisor."""
    row = messages.get(tx, id)
    if row is None or row["direction"] != "out":
        raise not_found("message", id)
    if row["author_id"] != actor.id and not actor.at_least("supervisor"):
        raise Refusal(403, "forbidden", needs="supervisor")
    if but and row["status"] != but:
        raise Refusal(409, "wrong_status", status=row["status"], wanted=but)
    return row


class TakeBack(Command, kw_only=True):
    """Take a reply back that nobody tried to send yet; its clock runs on as if it had never been."""

    needs: ClassVar[Need] = "advisor"

    message: int

    def run(self, tx: Tx, actor: Actor) -> wire.Message:
        row = outbound(tx, self.message, actor)
        conv = load(tx, row["conversation_id"])
        waits = row["status"] == "queued" and reviewing.withdraw(tx, conv, row["id"], actor)
        if not waits and (row["status"] != "queued" or not outbox.cancel(tx, row["id"])):
            raise Refusal(409, "already_sent", status=row["status"])
        messages.set_status(tx, row["id"], "cancelled")
        flow.unanswered(tx, conv, row["id"])
        flow.show_last(tx, conv)
        conversations.save(tx, conv)
        tx.emit("message.cancelled", conv.id, message=row["id"])
        return shapes.one_message(tx, row["id"])


class StoreUpload(Command, kw_only=True):
    """Note a file that lies in the media folder under its sha256."""

    needs: ClassVar[Need] = "advisor"

    kind: str
    mime: str
    file_name: str
    size: int
    sha256: str

    def run(self, tx: Tx, actor: Actor) -> wire.Attachment:
        id = messages.upload(tx, self.kind, self.mime, self.file_name, self.size, self.sha256, actor.id)
        row: Any = messages.attachment(tx, id)
        return shapes.attachment(row)
