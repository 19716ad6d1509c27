"""What admins see of a mailbox in trouble, what it does to other mailboxes, and that it mends by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.channels.email_imap import MAIL_BYTES
from tests.mail.mailroom import Mailroom
from tests.mail.post import Post
from tests.routes.desk import open_desk, until

ANA = "ana@mail.example"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Mailroom]:
    with Post() as post, open_desk(tmp_path) as desk:
        room = Mailroom(desk, post)
        with room.api:
            yield room


def test_a_wrong_password_is_told_and_mended(room: Mailroom) -> None:
    room.post.write(ANA, text="hola")
    room.add_channel("otro", password="wrong")
    room.add_channel()
    until(lambda: room.health("otro") == "token", "the wrong password is known")
    (message,) = room.arrived(1)  # by the other channel, which minds nothing
    assert message["text"] == "hola" and room.health() == ""
    with room.desk.client("admin") as admin:
        good = {"settings": {"password": room.post.world.settings.password}}
        admin.patch("/channels/otro", json=good).raise_for_status()
    until(lambda: room.health("otro") == "", "it is mended")
    room.arrived(2)  # the same mailbox, read by a second channel


def test_a_missing_folder_is_told(room: Mailroom) -> None:
    room.add_channel(folder="Nowhere")
    until(lambda: room.health() == "permission", "the folder is missed")


def test_a_line_that_breaks_in_the_middle_of_mails(room: Mailroom) -> None:
    for n in range(30):
        room.post.write(ANA, subject=f"{n}", text=f"mensaje {n}")
    room.post.fault(kind="cut", on="imap", times=2)
    room.add_channel()
    assert [row["text"] for row in room.arrived(30)] == [f"mensaje {n}" for n in range(30)]


def test_addresses_in_other_letters(room: Mailroom) -> None:
    room.post.write("peña@correo.example", subject="Saldo", text="hola")
    room.add_channel()
    (message,) = room.arrived(1)
    conversation = message["conversation_id"]
    answer = room.answer(conversation, cc=["año@señal.example"])
    failed = room.until_status(answer, "failed")  # at once: no other attempt would fare better
    assert failed["failure"] == "other_letters" and "peña@correo.example" in failed["failure_detail"]
    assert room.health() == "", "which is not the channel's fault"
    room.post.world.settings.smtputf8 = True
    room.api.post(f"/messages/{answer}/resend").raise_for_status()
    room.until_status(answer, "sent")
    (sent,) = room.post.sent(1)
    assert sent.recipients == ("peña@correo.example", "año@xn--seal-hqa.example")
    room.post.reply(sent, "gracias")
    assert room.arrived(2)[1]["conversation_id"] == conversation


def test_mails_offered_twice_come_once(room: Mailroom) -> None:
    room.post.fault(kind="duplicate", on="box")
    room.add_channel()
    for n in range(10):
        room.post.write(ANA, subject=f"{n}", text=f"mensaje {n}")
    until(lambda: room.cursor().endswith(":20"), "all were fetched")
    assert len(room.messages()) == 10


def test_answers_that_fail_at_first_go_once(room: Mailroom) -> None:
    room.add_channel()
    room.post.write(ANA, text="hola")
    (message,) = room.arrived(1)
    room.post.fault(kind="temporary", times=1)
    answer = room.answer(message["conversation_id"])
    room.until_status(answer, "sent")
    assert len(room.post.world.state.delivered) == 1
    room.post.fault(kind="permanent", times=1, code=550, text="5.7.1 looks like spam")
    refused = room.answer(message["conversation_id"], "otra")
    found = room.until_status(refused, "failed")
    assert found["failure"] == "policy" and "looks like spam" in found["failure_detail"]
    assert len(room.post.world.state.delivered) == 1


@pytest.mark.slow
def test_an_answer_of_unknown_fate_is_settled_by_the_sent_folder(room: Mailroom) -> None:
    room.post.world.settings.keeps_sent = True
    room.add_channel()
    room.post.write(ANA, text="hola")
    (message,) = room.arrived(1)
    room.post.fault(kind="silent", times=1)
    answer = room.answer(message["conversation_id"])
    room.until_status(answer, "sent")
    assert len(room.post.world.state.delivered) == 1
    assert room.messages("id = ?", answer)[0]["external_id"].endswith("@coop.example")


def test_an_answer_of_unknown_fate_is_settled_by_whoever_answers_it(room: Mailroom) -> None:
    room.add_channel()
    room.post.write(ANA, text="hola")
    (message,) = room.arrived(1)
    room.post.fault(kind="silent", times=1)
    answer = room.answer(message["conversation_id"])
    room.until_status(answer, "unknown")
    (sent,) = room.post.sent(1)
    room.post.reply(sent, "Recibido.")
    room.until_status(answer, "delivered")
    assert room.arrived(2)[1]["conversation_id"] == message["conversation_id"]
    assert len(room.post.world.state.delivered) == 1


@pytest.mark.slow
def test_a_very_large_mail_is_seen_and_listed(room: Mailroom) -> None:
    room.add_channel()
    attachment = ("video.mp4", "video/mp4", bytes(MAIL_BYTES))
    room.post.write(ANA, subject="Video", text="le mando el video", files=[attachment])
    room.post.write(ANA, subject="Después", text="¿llegó?")
    large, after = room.arrived(2)

    def files() -> list[dict[str, Any]]:
        return list(room.message(large["id"])["attachments"])

    assert (large["text"], after["text"]) == ("le mando el video", "¿llegó?")
    (file,) = until(lambda: [one for one in files() if one["state"] == "refused"], "the file was not accepted")
    assert file["file_name"] == "mail.eml" and file["size"] > MAIL_BYTES and "in the mailbox" in file["error"]
    with room.desk.client("admin") as admin:
        (listed,) = admin.get("/deliveries", params={"state": "bad"}).json()["items"]
    assert listed["state"] == "partial" and "bytes" in listed["error"]
    assert listed["size"] < 2 * 1024 * 1024
