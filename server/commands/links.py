"""Links to stored files for providers that fetch what they are to send: signed by this server, good for a while."""

from __future__ import annotations

from typing import ClassVar

from server.commands.door import Actor, Need, Query
from server.commands.queries import StoredFile
from server.store import messages
from server.store.secrets import SecretBox
from server.store.store import Snapshot

#: where links lead, below the server's public address
PREFIX = "/media/"
#: how long a link works (ms): a provider fetches when it sends, which a busy account may delay
LASTS_MS = 2 * 3_600_000


def made(secrets: SecretBox, attachment: int, now: int) -> str:
    """The path of a link to this attachment, from now on."""
    until = now + LASTS_MS
    return f"{PREFIX}{attachment}/{until}/{secrets.sign(_meant(attachment, until))}"


def _meant(attachment: int, until: int) -> str:
    return f"{attachment} {until}"


class OpenLink(Query, kw_only=True):
    """The file a link leads to; None if the link was not made here, is too old, or its file is not there."""

    needs: ClassVar[Need] = "system"

    attachment: int
    until: int
    signature: str

    def run(self, read: Snapshot, actor: Actor) -> StoredFile | None:
        if self.until < read.now or not read.secrets.is_signed(_meant(self.attachment, self.until), self.signature):
            return None
        row = messages.attachment(read, self.attachment)
        if row is None or row["state"] != "stored":
            return None
        return StoredFile(sha256=row["sha256"], mime=row["mime"], file_name=row["file_name"], size=row["size"] or 0)
