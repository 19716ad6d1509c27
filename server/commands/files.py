"""What the media job does to the store: which files to fetch, and how that went."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from server.commands.door import Actor, Command, Need, Query
from server.store import channels, messages
from server.store.store import Snapshot, Tx


class Wanted(msgspec.Struct, kw_only=True):
    """A provider's file to fetch. `sha256`: what the provider claims, in hex, or empty; `document`: the raw call (its
    delivery) that the message came in."""

    id: int
    message: int
    channel_id: int
    kind: str
    provider_id: str
    url: str
    mime: str
    file_name: str
    sha256: str
    attempts: int
    document: int | None = None


class LeaseFiles(Command, kw_only=True):
    """Take files that are due to be fetched; nobody else gets them for `lease_ms`."""

    needs: ClassVar[Need] = "system"

    limit: int
    lease_ms: int

    def run(self, tx: Tx, actor: Actor) -> list[Wanted]:
        found = messages.due_attachments(tx, self.limit)
        for row in found:
            messages.lease_attachment(tx, row["id"], tx.now + self.lease_ms)
        documents = messages.documents(tx, [row["message_id"] for row in found])
        return [
            Wanted(
                id=row["id"],
                message=row["message_id"],
                channel_id=row["channel_id"],
                kind=row["kind"],
                provider_id=row["provider_id"],
                url=row["url"],
                mime=row["mime"],
                file_name=row["file_name"],
                sha256=row["claimed_sha256"],
                attempts=row["attempts"] + 1,
                document=documents.get(row["message_id"]),
            )
            for row in found
        ]


class FileStored(Command, kw_only=True):
    """The file lies in the media folder. `warning`: what the console should say of it (wire.Attachment)."""

    needs: ClassVar[Need] = "system"

    id: int
    message: int
    sha256: str
    mime: str
    size: int
    warning: str = ""

    def run(self, tx: Tx, actor: Actor) -> None:
        messages.finish_attachment(
            tx, self.id, "stored", sha256=self.sha256, mime=self.mime, size=self.size, warning=self.warning
        )
        _tell(tx, "attachment.stored", self.message, self.id)


class FileFailed(Command, kw_only=True):
    """It could not be fetched: again at `due_at`, or for good (`refused` when it may not be fetched at all)."""

    needs: ClassVar[Need] = "system"

    id: int
    message: int
    error: str
    refused: bool = False
    due_at: int | None = None

    def run(self, tx: Tx, actor: Actor) -> None:
        state = "pending" if self.due_at is not None else "refused" if self.refused else "failed"
        messages.fail_attachment(tx, self.id, state, self.error[:500], self.due_at)
        if self.due_at is None:
            _tell(tx, "attachment.failed", self.message, self.id)


def _tell(tx: Tx, kind: str, message: int, attachment: int) -> None:
    messages.touch(tx, message)
    row = messages.get(tx, message)
    assert row is not None
    tx.emit(kind, row["conversation_id"], message=message, attachment=attachment)


class FilesDue(Query, kw_only=True):
    """When the next file is to be fetched (UTC ms), or None."""

    needs: ClassVar[Need] = "system"

    def run(self, read: Snapshot, actor: Actor) -> int | None:
        return messages.next_attachment_due(read)


class GetDocument(Query, kw_only=True):
    """A kept raw call's bytes; None if it is no longer kept."""

    needs: ClassVar[Need] = "system"

    id: int

    def run(self, read: Snapshot, actor: Actor) -> bytes | None:
        row = channels.delivery(read, self.id)
        return None if row is None else bytes(row["body"])
