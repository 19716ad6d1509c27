"""Mails that nobody here wrote, fetched from a mailbox by a server: each is there once, can be read and answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.channels.base import Outgoing, Refused
from server.channels.email_message import read_mail
from server.channels.email_out import Sender, letter
from server.facts import Address
from tests.conformance.test_email import mails
from tests.mail.mailroom import Mailroom
from tests.mail.post import ADDRESS, Post
from tests.routes.desk import open_desk, until

pytestmark = pytest.mark.needs_shared


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Mailroom]:
    with Post() as post, open_desk(tmp_path) as desk:
        room = Mailroom(desk, post)
        with room.api:
            yield room


@pytest.mark.slow
def test_every_mail_comes_in_once(room: Mailroom) -> None:
    given = [raw for path in mails() if (raw := path.read_bytes())]
    for raw in given:
        room.post.put(raw)
    room.add_channel()
    until(lambda: room.cursor().endswith(f":{len(given)}"), "all mails were fetched")
    assert room.desk.read("SELECT * FROM deliveries WHERE state <> 'done'") == []
    kept = {bytes(row["body"]) for row in room.desk.read("SELECT body FROM deliveries")}
    assert kept == set(given)
    found = room.messages()
    assert len({row["external_id"] for row in found}) == len(found)
    ids = {read_mail(raw).message_id for raw in given} - {""}
    assert ids <= {row["external_id"] for row in found}
    # what was not made a message says what another one says: same id, sender, recipients, text
    assert len(found) > 0.9 * len(set(given))
    until(
        lambda: not room.desk.read("SELECT 1 FROM attachments WHERE state IN ('pending', 'fetching')"), "files are out"
    )
    assert room.desk.read("SELECT * FROM attachments WHERE state <> 'stored'") == []
    for row in room.conversations():
        room.api.get(f"/conversations/{row['id']}").raise_for_status()
        room.api.get(f"/conversations/{row['id']}/messages").raise_for_status()
    # the mailbox is restored elsewhere: nothing is there twice
    room.post.renumber()
    until(lambda: room.cursor().startswith(f"{room.post.world.state.box.validity}:"), "it is read again")
    until(lambda: room.cursor().endswith(f":{len(given)}"), "all of it")
    assert len(room.messages()) == len(found)


@pytest.mark.parametrize("path", mails(), ids=lambda path: path.stem)
def test_every_mail_can_be_answered(path: Path) -> None:
    mail = read_mail(path.read_bytes(), (ADDRESS,))
    answer = Outgoing(
        kind="text",
        to=(Address("email", "ana@mail.example"),),
        client_ref="1.0123456789abcdef",
        at=1_795_000_000_000,
        text="Con gusto.",
        subject=mail.subject,
        last_in=mail.message_id,
        last_data={"from": [mail.from_.address], "subject": mail.subject},
        references=mail.references,
    )
    try:
        ready = letter(answer, Sender(address=ADDRESS, own=(ADDRESS,)))
    except Refused as error:
        assert error.failure.reason == "recipient_unknown" and not mail.from_.address.isascii()
        return
    sent = read_mail(ready.content, (ADDRESS,))
    assert sent.message_id == ready.message_id and sent.text == "Con gusto." and sent.defects == ()
    assert not mail.message_id or sent.references[0] == mail.message_id
    assert sent.subject.startswith("Re:") or not mail.subject
