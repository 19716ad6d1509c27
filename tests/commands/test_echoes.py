"""Messenger and Instagram tell of what the account sends, in any order and repeatedly: the store ends up the same."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server import wire
from server.commands.channels import CreateChannel
from server.commands.delivering import LeaseOutbox, RecordSent, RecordUnknown
from server.commands.door import SYSTEM
from server.commands.inbox import ListConversations
from server.commands.receive import Receive
from server.commands.replies import SendReply
from tests.channels.pages import (
    ACCOUNTS,
    IG,
    PAGE,
    PERSON,
    change,
    comment,
    direct,
    document,
    ig_comment,
    item,
    message,
)
from tests.channels.pages import adapter as make_adapter
from tests.commands.office import MINUTE, MORNING, Office

KINDS = ("messenger", "instagram")


class Pages(Office):
    """An office with one Page or Instagram account."""

    def __init__(self, folder: Path, kind: str) -> None:
        super().__init__(folder)
        self.kind = kind
        self.adapter = make_adapter(kind)
        shown = {name: value for name, value in self.adapter.settings.items() if value}
        new = wire.NewChannel(kind=kind, name="page", settings=shown)
        self.channel = self.do(self.root, CreateChannel(channel=new)).id

    def post(self, body: bytes) -> None:
        """One call of Meta's, taken in as the hook does."""
        self.now += 1
        facts = self.adapter.parse(body, self.now)
        self._bodies += 1
        raw = body + b" " * self._bodies  # a provider wraps the same items differently each time
        self.do(SYSTEM, Receive(channel_id=self.channel, body=raw, facts=facts, received_at=self.now))

    def rows(self) -> list[wire.ConversationRow]:
        page = self.ask(self.rosa, ListConversations(view="all", limit=100))
        items: list[wire.ConversationRow] = page.items
        return items

    def told(self) -> list[Any]:
        """What people see, whatever came when: per conversation, what stands in it and how."""
        found = []
        for row in self.rows():
            messages = [
                (
                    m.direction,
                    m.kind,
                    m.text,
                    m.status,
                    m.external_id,
                    m.via,
                    bool(m.revoked_at),
                    bool(m.edited_at),
                    sorted(m.reactions.items()),
                    bool(m.data.get("hidden")),
                )
                for m in self.thread(row.id)
                if m.kind not in ("reaction", "edit", "revoke", "hide", "unhide")
            ]
            found.append((row.surface, row.contact_name, row.inbound, sorted(messages, key=str)))
        return sorted(found, key=str)


def _story(kind: str) -> list[bytes]:
    """What one person did, directly and in public, and what became of it."""
    at = MORNING - MINUTE

    def did(n: int, **content: Any) -> bytes:
        return document(kind, messaging=[{**item(kind, **content), "timestamp": at + n * 1000}])

    said = [
        did(0, message={"mid": "m_a", "text": "hola"}),
        did(1, message={"mid": "m_b", "text": "numero equivocado"}),
        did(2, message={"mid": "m_b", "is_deleted": True}),
        did(3, message_edit={"mid": "m_a", "text": "hola, buenas", "num_edit": 1}),
        did(4, message_edit={"mid": "m_a", "text": "hola, buenas tardes", "num_edit": 2}),
        did(5, reaction={"mid": "m_a", "action": "react", "emoji": "👍", "reaction": "like"}),
        did(6, reaction={"mid": "m_a", "action": "react", "emoji": "❤", "reaction": "love"}),
    ]
    if kind == "instagram":
        boosted = {"id": "77", "ad_id": "6", "original_media_id": "55"}
        return [*said, ig_comment(), ig_comment(media=boosted)]

    def later(n: int, body: bytes) -> bytes:
        found = msgspec.json.decode(body)
        found["entry"][0]["time"] = at + n * 1000
        return msgspec.json.encode(found)

    return [
        *said,
        comment(),
        later(10, comment("edited", message="¿qué tasa tienen hoy?")),
        later(11, comment("hide")),
        later(12, comment("unhide")),
        later(13, comment("hide")),
        change("feed", item="like", verb="add", post_id=f"{PAGE}_1", sender_id=int(PERSON)),
    ]


def _after(kind: str, calls: list[bytes]) -> list[Any]:
    with tempfile.TemporaryDirectory() as folder:
        office = Pages(Path(folder), kind)
        try:
            for call in calls:
                office.post(call)
            return office.told()
        finally:
            office.close()


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_story_ends_with(kind: str) -> None:
    (public, direct) = _after(kind, _story(kind))
    assert direct[:1] == ("direct",)
    assert [message[2] for message in direct[3]] == ["hola, buenas tardes", "numero equivocado"]
    assert direct[3][0][8] == [("customer", "❤")]
    assert direct[3][1][6] is True
    assert (public[0], len(public[3])) == ("comment", 1)
    assert public[3][0][9] is (kind == "messenger")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_order_and_any_doubles_end_the_same(kind: str, data: st.DataObject) -> None:
    story = _story(kind)
    doubled = data.draw(st.lists(st.sampled_from(story), max_size=6))
    calls = data.draw(st.permutations([*story, *doubled]))
    assert _after(kind, calls) == _after(kind, story)


# ---------------------------------------------------------------- our own


class Race:
    """One answer of ours that was taken by the provider: its reports, and what the outbox learned."""

    def __init__(self, folder: Path, kind: str, public: bool, metadata: bool) -> None:
        self.office = office = Pages(folder, kind)
        self.public = public
        if public:
            office.post(comment() if kind == "messenger" else ig_comment())
        else:
            office.post(message(kind, text="hola"))
        (row,) = office.rows()
        self.conversation = row.id
        reply = wire.Reply(text="Buenas tardes")
        self.message: wire.Message = office.do(office.ana, SendReply(conversation=row.id, reply=reply))
        (self.attempt,) = office.do(SYSTEM, LeaseOutbox(limit=10, media=""))
        self.metadata = self.attempt.out.client_ref if metadata else ""
        self.kind = kind

    def report(self, word: str) -> None:
        office, kind, text = self.office, self.kind, "Buenas tardes"
        if word == "answer":
            office.do(SYSTEM, RecordSent(message=self.message.id, n=1, external_id="m_x"))
        elif word == "lost":
            office.do(SYSTEM, RecordUnknown(message=self.message.id, n=1, detail="time-out"))
        elif word == "delivered":
            office.post(direct(kind, delivery={"mids": ["m_x"]}))
        elif word == "read":
            office.post(direct(kind, read={"mid": "m_x"}))
        elif not self.public:
            more = {"metadata": self.metadata} if self.metadata else {}
            office.post(message(kind, True, mid="m_x", text=text, is_echo=True, **more))
        elif kind == "messenger":
            office.post(comment(author=PAGE, comment_id="m_x", parent_id="1_2", message=text))
        else:
            office.post(ig_comment(IG, id="m_x", parent_id="179", text=text))


_DIRECT = ("echo", "delivered", "read")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("outcome", ["answer", "lost"])
@pytest.mark.parametrize(("public", "metadata"), [(False, True), (False, False), (True, False)])
def test_an_echo_before_or_after_the_answer(
    tmp_path: Path, kind: str, outcome: str, public: bool, metadata: bool
) -> None:
    """However the provider's answer and its reports overtake each other, there is one message, and it is known."""
    reports = ("echo",) if public else _DIRECT
    orders = itertools.permutations((outcome, *reports, "echo"))
    for n, order in enumerate(sorted(set(orders))):
        race = Race(tmp_path / str(n), kind, public, metadata)
        try:
            for word in order:
                race.report(word)
            (mine,) = [each for each in race.office.thread(race.conversation) if each.direction == "out"]
            assert (mine.id, mine.external_id) == (race.message.id, "m_x"), order
            assert mine.status in (("delivered", "sent") if public else ("read",)), order
            assert len(race.office.rows()) == 1, order
        finally:
            race.office.close()


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_written_elsewhere_is_shown_as_such(tmp_path: Path, kind: str) -> None:
    race = Race(tmp_path, kind, False, True)
    try:
        race.office.post(message(kind, True, mid="m_y", text="Ya le atienden", is_echo=True))
        race.report("echo")
        found = {each.external_id: each for each in race.office.thread(race.conversation) if each.direction == "out"}
        assert set(found) == {"m_x", "m_y"}
        assert (found["m_y"].via, found["m_y"].status) == ("Facebook" if kind == "messenger" else "Instagram", "sent")
        assert found["m_x"].via == ""
    finally:
        race.office.close()


def test_an_own_comment_below_nothing_we_know_is_a_notice(tmp_path: Path) -> None:
    office = Pages(tmp_path, "messenger")
    try:
        office.post(comment(author=PAGE, comment_id="9_2", parent_id="9_1"))
        office.post(comment("remove", author=PAGE, comment_id="9_2"))
        assert office.rows() == []
        assert [event.data["notice"] for event in office.events("channel.notice")] == ["unplaced", "unplaced"]
    finally:
        office.close()


def test_an_answer_on_the_site_itself_answers_the_conversation(tmp_path: Path) -> None:
    office = Pages(tmp_path, "messenger")
    try:
        office.post(comment())
        office.post(comment(author=PAGE, comment_id="1_9", parent_id="1_2", message="6 %"))
        (row,) = office.rows()
        assert (row.state, row.surface) == ("waiting", "comment")
        assert [(m.direction, m.via) for m in office.thread(row.id)] == [("in", ""), ("out", "Business Suite")]
    finally:
        office.close()


def test_both_objects_at_one_address(tmp_path: Path) -> None:
    """One app has one webhook: what comes in at the Page's address for the Instagram account goes to its channel."""
    office = Pages(tmp_path, "messenger")
    try:
        shown = {name: value for name, value in make_adapter("instagram").settings.items() if value}
        office.do(office.root, CreateChannel(channel=wire.NewChannel(kind="instagram", name="ig", settings=shown)))
        office.post(message("instagram", text="hola por Instagram"))
        office.post(message("messenger", text="hola por Messenger"))
        assert {row.channel: row.preview for row in office.rows()} == {
            "ig": "hola por Instagram",
            "page": "hola por Messenger",
        }
        assert set(ACCOUNTS) == set(KINDS)
    finally:
        office.close()
