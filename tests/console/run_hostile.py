"""The console with hostile texts in every place where foreign text is shown, in a terminal."""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from typing import Any

import msgspec

from agent_console.app import ConsoleApp
from agent_console.backend.changes import Trouble
from server import wire
from tests.console import hostile, sample, sample_channels
from tests.console.fake import FakeSession
from tests.console.run_sample import TickingClock

#: the part of the corpus this run shows, so that each text gets a screen of its own
TEXTS = [text[:400] for text in hostile.ALL if text.strip()]


def mark(text: str, n: int) -> str:
    """A text that can be told from its neighbours."""
    return f"<{n}:{text}:{n}>"


class HostileSession(FakeSession):
    """Every name, word, file name, note, reason and notice is hostile."""

    def __init__(self, *given: Any, **more: Any) -> None:
        rows = [self.row(n, text) for n, text in enumerate(TEXTS, 1)]
        super().__init__(*given, rows=rows, **more)

    @staticmethod
    def row(n: int, text: str) -> wire.ConversationRow:
        bad = mark(text, n)
        row = sample.row(n, bad, "whatsapp", bad, region=bad, campaign=bad, subject=bad, team=bad, sort_key=n)
        return msgspec.structs.replace(row, preview_author=bad, preview_direction="out" if n % 3 == 0 else "in")

    async def open(self, conversation: int) -> None:
        bad = mark(TEXTS[conversation - 1], conversation)
        row = self.mirror.row(conversation)
        assert row is not None
        about = sample.conversation(row)
        about.contact.name = about.contact.region = bad
        about.contact.attributes = {bad: bad, "n": bad}
        about.contact.identities = [
            wire.Identity(channel=bad, kind=kind, value=bad) for kind in ("phone", "email", bad)
        ]
        about.campaign = {"headline": bad, "body": bad, "source_url": bad}
        about.outcome = bad
        about.suggestions = [wire.Likely(contact=2, name=bad, reason="same_email", value=bad, channels=[bad])]
        about.draft = bad
        changes = self.mirror.set_open(conversation)
        changes.merge(self.mirror.load_conversation(about))
        file = wire.Attachment(id=1, kind="image", mime=bad, file_name=bad, size=9, state="failed", error=bad)
        place = {"name": bad, "address": bad, "latitude": 1.0, "longitude": 2.0, "title": bad}
        more: list[dict[str, Any]] = [
            {"direction": "in"},
            {"direction": "in", "kind": "image", "attachments": [file]},
            {"direction": "in", "kind": "location", "data": place},
            {"direction": "in", "kind": "contacts", "data": {"contacts": [{"name": {"formatted_name": bad}}]}},
            {"direction": "in", "kind": "interactive", "data": place},
            {"direction": "in", "kind": bad},
            {"direction": "note", "author": bad, "author_name": bad},
            {"direction": "out", "author": bad, "author_name": bad, "via": bad, "reply_to": 1},
            {"direction": "out", "status": "failed", "failure": bad, "failure_detail": bad},
            {"direction": "in", "edited_at": sample.NOW, "reactions": {bad: bad}},
            {"direction": "in", "revoked_at": sample.NOW},
            {
                "direction": "in",
                "data": {
                    "subject": bad,
                    "from": [bad],
                    "to": [bad, "a@b.c"],
                    "cc": [{"name": bad, "address": bad}],
                    "folded": bad,
                    "sender": {"name": bad, "address": bad},
                },
            },
            {"direction": "in", "data": {"automatic": bad, "hidden": True, "media_group": bad}},
            {"direction": "out", "data": {"options": {"cc": [bad], "subject": bad, "private": bad}}},
        ]
        items = [sample.message(id, text=bad, when=sample.NOW, conversation=conversation, **each)
                 for id, each in enumerate(more, 1)]  # fmt: skip
        changes.merge(self.mirror.load_messages(conversation, wire.Page(items=items)))
        past = wire.PastConversation(
            id=9999, channel=bad, channel_kind=bad, state="resolved", created_at=sample.NOW, outcome=bad,
            assignee=bad, preview=bad,
        )  # fmt: skip
        changes.merge(self.mirror.load_history(conversation, [past]))
        self._tell_now(changes)
        self.presence(conversation, viewing=[bad], typing=[bad], customer_typing=True)
        problem = wire.Problem(status=409, code=bad, detail=bad, title=bad, params={"by": bad})
        self.trouble(Trouble(problem, conversation))
        well = sample_channels.channel(1, "email", bad, state="down", problem=bad, detail=bad, since=sample.NOW)
        self.channels.take([well])
        self.fake_api.channels = [well]
        self.fake_api.unsent = [
            wire.OutboxItem(state="failed", message=items[0], conversation=row, reason="other", detail=bad, at=1)
        ]


def main() -> None:
    """Run it."""
    os.environ["TZ"] = "America/El_Salvador"
    time.tzset()
    clock = TickingClock()
    make = partial(HostileSession, clock=clock)
    ConsoleApp("http://test", "t", lang=sys.argv[1], clock=clock, make_session=make).run()


if __name__ == "__main__":
    main()
