"""Mail in, mail out, and back again: a server over real sockets, with the stand-in and with a real Dovecot."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage

import msgspec

from server.sandbox.mail import Delivered
from tests.mail.mailroom import Mailroom
from tests.mail.post import ADDRESS
from tests.routes.desk import until

ANA = "ana.lopez@mail.example"


def parsed(mail: Delivered) -> EmailMessage:
    found = message_from_bytes(mail.raw, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def text_of(mail: Delivered) -> str:
    body = parsed(mail).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_a_mail_opens_a_conversation(room: Mailroom) -> None:
    text = f"¿Cuándo vence?\n\nOn Mon, 2 Nov 2026 at 10:00, Servicio <{ADDRESS}> wrote:\n> antes"
    room.post.write(ANA, name="Ana López", subject="Mi préstamo", text=text)
    (message,) = room.arrived(1)
    assert message["text"] == "¿Cuándo vence?"
    shown = room.message(message["id"])
    assert shown["data"]["subject"] == "Mi préstamo"
    assert "> antes" in shown["data"]["folded"]
    assert shown["data"]["from"] == [ANA] and shown["data"]["to"] == [ADDRESS]
    (conversation,) = room.conversations()
    assert (conversation["subject"], conversation["state"]) == ("Mi préstamo", "queued")
    assert conversation["sla_due_at"] is not None
    found = room.api.get(f"/conversations/{conversation['id']}").json()
    assert found["contact"]["name"] == "Ana López"
    assert found["contact"]["identities"] == [{"channel": "correo", "kind": "email", "value": ANA}]
    assert not any("\\Seen" in flags for flags in room.post.flags())


def test_an_answer_threads_and_so_does_the_answer_to_it(room: Mailroom) -> None:
    raw = room.post.write(
        ANA, name="Ana", subject="Mi préstamo", text="¿Cuándo vence?", message_id="first@mail.example"
    )
    assert b"first@mail.example" in raw
    (message,) = room.arrived(1)
    answer = room.answer(message["conversation_id"], "El viernes.")
    room.until_status(answer, "sent")
    (sent,) = room.post.sent(1)
    mail = parsed(sent)
    assert (sent.sender, sent.recipients) == (ADDRESS, (ANA,))
    assert mail["From"] == f"Cooperativa El Sol <{ADDRESS}>"
    assert mail["Subject"] == "Re: Mi préstamo"
    assert (mail["In-Reply-To"], mail["References"]) == ("<first@mail.example>",) * 2
    assert mail["Auto-Submitted"] is None
    assert text_of(sent).strip() == "El viernes."
    room.post.reply(sent, "Gracias, y ¿a qué hora?")
    _, second = room.arrived(2)
    assert second["conversation_id"] == message["conversation_id"]
    assert second["text"] == "Gracias, y ¿a qué hora?"
    room.until_status(answer, "delivered")  # whoever answers it has it
    room.answer(message["conversation_id"], "A las cinco.")
    last = parsed(room.post.sent(2)[-1])
    assert last["Subject"] == "Re: Mi préstamo"
    chain = str(last["References"]).split()
    assert chain[0] == "<first@mail.example>" and len(chain) == 3 and chain[-1] == last["In-Reply-To"]


def test_a_mail_finds_its_conversation_by_plus_address_alone(room: Mailroom) -> None:
    with room.desk.client("admin") as admin:
        admin.patch("/channels/correo", json={"settings": {"plus": "yes"}}).raise_for_status()
    room.post.write(ANA, subject="Mi préstamo", text="¿Cuándo vence?")
    (message,) = room.arrived(1)
    room.answer(message["conversation_id"])
    (sent,) = room.post.sent(1)
    reply_to = str(parsed(sent)["Reply-To"])
    token = re.search(r"servicio\+([0-9a-f]+\.[0-9a-f]{16})@coop.example", reply_to)
    assert token is not None
    # a program that keeps neither In-Reply-To nor References, and a subject of its own
    room.post.write(ANA, to=f"servicio+{token[1]}@coop.example", subject="otra cosa", text="sin hilo")
    _, second = room.arrived(2)
    assert second["conversation_id"] == message["conversation_id"]
    # a token that somebody made up says nothing
    room.post.write(ANA, to="servicio+1.0123456789abcdef@coop.example", subject="otra cosa", text="inventado")
    assert room.arrived(3)[2]["conversation_id"] != message["conversation_id"]


def test_a_subject_alone_joins_nothing(room: Mailroom) -> None:
    room.post.write(ANA, subject="Mi préstamo", text="uno")
    room.arrived(1)
    room.post.write(ANA, subject="Re: Mi préstamo", text="dos")
    room.post.write("otro@mail.example", subject="Re: Mi préstamo", text="tres")
    room.arrived(3)
    assert len({row["conversation_id"] for row in room.messages()}) == 3
    assert len(room.desk.read("SELECT id FROM contacts")) == 2


def test_copies_come_once_and_other_mails_with_the_same_id_come_too(room: Mailroom) -> None:
    raw = room.post.write(ANA, subject="uno", text="lo mismo", message_id="same@mail.example")
    room.post.put(raw)
    # the same mail by way of another address: only what stands above it differs
    room.post.put(b"Received: from elsewhere by mx.example; Mon, 1 Jan 2024 00:00:00 +0000\r\n" + raw)
    other = room.post.write(ANA, subject="dos", text="otra cosa", message_id="same@mail.example")
    room.post.put(other)
    without = re.sub(rb"Message-ID: [^\r]*\r\n", b"", room.post.write(ANA, subject="tres", text="sin id"))
    room.post.put(without)
    room.post.put(without)
    room.post.write(ANA, subject="fin", text="fin")
    until(lambda: [row for row in room.messages() if row["text"] == "fin"], "the last one came in")
    texts = [row["text"] for row in room.messages()]
    assert texts == ["lo mismo", "otra cosa", "sin id", "sin id", "fin"]
    first, second = room.messages("text IN ('lo mismo', 'otra cosa')")
    assert first["external_id"] == "same@mail.example"
    assert second["external_id"].startswith("same@mail.example#")
    assert first["conversation_id"] != second["conversation_id"]
    room.answer(second["conversation_id"])
    assert parsed(room.post.sent(1)[0])["In-Reply-To"] == "<same@mail.example>"


def test_a_new_uidvalidity_brings_nothing_twice_and_loses_nothing(room: Mailroom) -> None:
    for n in range(5):
        room.post.write(ANA, subject=f"uno {n}", text=f"mensaje {n}")
    room.arrived(5)
    before = until(lambda: room.cursor() if room.cursor().endswith(":5") else "", "the place is kept")
    room.post.renumber()
    room.post.write(ANA, subject="seis", text="mensaje 5")
    room.arrived(6)
    until(lambda: room.cursor().endswith(":6") and room.cursor() != before, "the new place is kept")
    assert room.cursor().partition(":")[0] != before.partition(":")[0]
    assert [row["text"] for row in room.messages()] == [f"mensaje {n}" for n in range(6)]


def test_offline_and_back_nothing_is_lost(room: Mailroom) -> None:
    room.post.write(ANA, subject="antes", text="antes")
    (message,) = room.arrived(1)
    room.post.offline()
    until(lambda: room.health() == "provider_down", "the trouble is known")
    answer = room.answer(message["conversation_id"], "mientras tanto")
    room.post.online()
    # two days' mail, dated when it was written
    clock = room.post.world.state.clock()
    for n in range(60):
        room.post.write(ANA, subject=f"espera {n}", text=f"espera {n}", at=clock - 2 * 86_400_000 + n)
    arrived = room.arrived(61)
    assert [row["text"] for row in arrived[1:]] == [f"espera {n}" for n in range(60)]
    assert arrived[1]["at"] < arrived[1]["received_at"] - 86_400_000
    until(lambda: room.health() == "", "the trouble is over")
    room.until_status(answer, "sent")
    assert len(room.post.sent(1)) == 1


def test_a_bounce_fails_our_message(room: Mailroom) -> None:
    room.post.write(ANA, subject="Hola", text="hola")
    (message,) = room.arrived(1)
    answer = room.answer(message["conversation_id"])
    (sent,) = room.post.sent(1)
    room.post.bounce(sent, status="4.4.1", action="delayed", words="still trying")
    delayed = room.arrived(2)[1]
    assert room.until_status(answer, "sent")["failure"] == ""
    room.post.bounce(sent, status="5.2.2", words="mailbox full")
    failed = room.until_status(answer, "failed")
    assert failed["failure"] == "mailbox_full" and ANA in failed["failure_detail"]
    report = room.arrived(3)[2]
    for row in (delayed, report):
        assert row["conversation_id"] == message["conversation_id"]
        data = msgspec.json.decode(row["data"])
        assert data["automatic"] and data["sender"]["address"] == "mailer-daemon@mx.example"
    (conversation,) = room.conversations()
    assert conversation["inbound"] == 1 and conversation["failed"]
    assert conversation["sla_due_at"] is not None  # the customer still waits
    # the next answer goes to the customer, not to the server that reported
    room.answer(message["conversation_id"], "otra vez")
    assert room.post.sent(2)[1].recipients == (ANA,)


def test_machines_start_no_clock_and_get_no_answer(room: Mailroom) -> None:
    room.post.write(ANA, subject="Hola", text="hola")
    (message,) = room.arrived(1)
    room.answer(message["conversation_id"])
    (sent,) = room.post.sent(1)
    room.post.absence(sent)
    away = room.arrived(2)[1]
    assert away["conversation_id"] == message["conversation_id"]
    (conversation,) = room.conversations()
    assert (conversation["sla_due_at"], conversation["state"], conversation["inbound"]) == (None, "waiting", 1)
    room.post.write(
        "news@list.example", subject="Boletín", text="novedades", headers={"List-Id": "<news.list.example>"}
    )
    room.arrived(3)
    assert room.conversations()[1]["sla_due_at"] is None
    assert len(room.post.world.state.delivered) == 1


def test_our_own_mail_come_back(room: Mailroom) -> None:
    room.post.write(ANA, subject="Hola", text="hola")
    (message,) = room.arrived(1)
    answer = room.answer(message["conversation_id"], "con copia", cc=["otra@mail.example"])
    (sent,) = room.post.sent(1)
    room.until_status(answer, "sent")
    room.post.put(sent.raw)  # a list or a rule brings it back
    # somebody in the office answers with another mail program, which sends us a copy
    room.post.write(
        ADDRESS, to=ANA, cc=[ADDRESS], subject="Re: Hola", text="desde el teléfono",
        headers={"In-Reply-To": "<" + message["external_id"] + ">"},
    )  # fmt: skip
    # and a form on the web site writes in our name, for somebody
    room.post.write(
        ADDRESS, subject="Formulario", text="desde la web", headers={"Reply-To": "Luis <luis@mail.example>"}
    )
    web = until(lambda: room.messages("text = 'desde la web'"), "the form's mail came in")[0]
    assert len(room.messages("text = 'con copia'")) == 1
    (echo,) = room.messages("text = 'desde el teléfono'")
    assert (echo["direction"], echo["via"], echo["status"]) == ("out", "e-mail", "sent")
    assert echo["conversation_id"] == message["conversation_id"]
    assert web["direction"] == "in" and web["conversation_id"] != message["conversation_id"]
    room.answer(web["conversation_id"])
    assert room.post.sent(2)[1].recipients == ("luis@mail.example",)
    assert len(room.post.world.state.delivered) == 2


def test_files_both_ways(room: Mailroom) -> None:
    pdf = b"%PDF-1.4\n" + bytes(range(256)) * 400
    room.post.write(ANA, subject="Recibo", text="adjunto", files=[("recibo nº 1.pdf", "application/pdf", pdf)])
    (message,) = room.arrived(1)
    until(lambda: room.message(message["id"])["attachments"][0]["state"] == "stored", "the file is stored")
    (file,) = room.message(message["id"])["attachments"]
    assert (file["file_name"], file["mime"], file["size"]) == ("recibo nº 1.pdf", "application/pdf", len(pdf))
    assert room.api.get(f"/attachments/{file['id']}").content == pdf
    uploads = []
    for name, content in (("uno.pdf", pdf), ("dos.png", b"\x89PNG\r\n\x1a\n" + bytes(100))):
        made = room.api.post("/attachments", headers={"X-File-Name": name}, content=content)
        assert made.is_success, made.text
        uploads.append(made.json()["id"])
    answer = room.answer(message["conversation_id"], "van dos", attachments=uploads)
    room.until_status(answer, "sent")
    mail = parsed(room.post.sent(1)[0])
    found = [(part.get_filename(), part.get_content()) for part in mail.iter_attachments()]
    assert found == [("uno.pdf", pdf), ("dos.png", b"\x89PNG\r\n\x1a\n" + bytes(100))]
    assert text_of(room.post.sent(1)[0]).strip() == "van dos"


def test_copies_subject_and_blind_copies(room: Mailroom) -> None:
    room.post.write(ANA, subject="Hola", text="hola", cc=["socio@mail.example"], headers={"Reply-To": "a@b.example"})
    (message,) = room.arrived(1)
    assert msgspec.json.decode(message["data"])["cc"] == ["socio@mail.example"]
    room.answer(
        message["conversation_id"], subject="Otro asunto", cc=["socio@mail.example", ADDRESS], bcc=["b@c.example"]
    )
    (sent,) = room.post.sent(1)
    assert sent.recipients == ("a@b.example", "socio@mail.example", "b@c.example")
    mail = parsed(sent)
    assert (mail["To"], mail["Cc"], mail["Bcc"]) == ("a@b.example", "socio@mail.example", None)
    assert mail["Subject"] == "Otro asunto"
    assert b"b@c.example" not in sent.raw
