"""A desk with a mailbox: what tests ask of its conversations."""

from __future__ import annotations

from typing import Any

from server.commands.channels import CreateChannel
from server.wire import NewChannel
from tests.mail.post import Post
from tests.routes.desk import Desk, until


class Mailroom:
    """A running server, its advisor's client, and the mailbox it reads."""

    def __init__(self, desk: Desk, post: Post) -> None:
        self.desk = desk
        self.post = post
        self.api = desk.client("advisor")

    def add_channel(self, name: str = "correo", **settings: str) -> None:
        made = CreateChannel(channel=NewChannel(kind="email", name=name, settings=self.post.channel(**settings)))
        self.desk._do(made)

    # ---------------------------------------------------------------- looking

    def messages(self, where: str = "1 = 1", *params: Any) -> list[Any]:
        return self.desk.read(f"SELECT * FROM messages WHERE {where} ORDER BY id", *params)

    def arrived(self, count: int) -> list[Any]:
        """The inbound messages, once there are so many."""
        until(lambda: len(self.messages("direction = 'in'")) >= count, f"{count} mails came in")
        return self.messages("direction = 'in'")

    def conversations(self) -> list[Any]:
        return self.desk.read("SELECT * FROM conversations ORDER BY id")

    def message(self, id: int) -> dict[str, Any]:
        row = self.messages("id = ?", id)[0]
        found = self.api.get(f"/conversations/{row['conversation_id']}/messages").json()["items"]
        return next(dict(one) for one in found if one["id"] == id)

    def cursor(self) -> str:
        rows = self.desk.read("SELECT value FROM cursors")
        return str(rows[0]["value"]) if rows else ""

    def health(self, name: str = "correo") -> str:
        """What is wrong with the channel, as admins see it; empty if nothing is."""
        return str(self.api.get(f"/channels/{name}").json()["health"]["problem"])

    # ---------------------------------------------------------------- doing

    def answer(self, conversation: int, text: str = "Con gusto.", **about: Any) -> int:
        """An advisor answers; the message's id."""
        made = self.api.post(f"/conversations/{conversation}/replies", json={"text": text, **about})
        assert made.is_success, made.text
        return int(made.json()["id"])

    def until_status(self, message: int, status: str) -> dict[str, Any]:
        until(lambda: self.messages("id = ?", message)[0]["status"] == status, f"message {message} is {status}")
        return self.message(message)
