"""Mails, comments, dead letters and likenesses of the invented cooperative's members."""

from __future__ import annotations

from server import wire
from tests.console import sample
from tests.console.sample import at, message

FERRETERIA, COMMENTER = 4, 5

_QUOTED = """El mar, 13 oct 2026 a las 16:20, Cooperativa (ayuda@coop.example) escribió:
> Estimados señores:
> para la línea de crédito necesitamos el balance
> y los estados de cuenta de seis meses.

--
Ferretería El Sol · San Miguel · 2661-0000"""


def mails() -> list[wire.Message]:
    """The ironmonger's line of credit."""
    me = {"conversation": FERRETERIA}
    first = {
        "subject": "Línea de crédito para capital de trabajo",
        "from": ["compras@elsol.example"],
        "to": ["ayuda@coop.example"],
    }
    answered = {
        "subject": "Re: Línea de crédito para capital de trabajo",
        "from": [{"name": "Ferretería El Sol", "address": "compras@elsol.example"}],
        "to": ["ayuda@coop.example", "gerencia@elsol.example"],
        "cc": [{"name": "Lic. Marta Peña", "address": "contador@pena.example"}],
        "folded": _QUOTED,
    }
    by_other = {
        "subject": "Balance 2025 FIRMADO",
        "from": ["contador@pena.example"],
        "to": ["ayuda@coop.example"],
        "cc": ["compras@elsol.example"],
        "sender": {"name": "Lic. Marta Peña", "address": "c@pena.example"},
    }
    away = {
        "subject": "Respuesta automática: Línea de crédito",
        "automatic": "auto_reply",
        "from": ["compras@elsol.example"],
        "to": ["ayuda@coop.example"],
    }
    return [
        message(401, "in", "Buenas tardes.\n\nQuisiéramos una línea de crédito de $12,000. ¿Qué necesitan?",
                at(15, 50, day=13), external_id="m1", data=first, **me),
        message(402, "out", "Estimados señores:\npara la línea de crédito necesitamos el balance y los estados de "
                "cuenta de seis meses.", at(16, 20, day=13), status="sent",
                data={"options": {"cc": ["gerencia@elsol.example"]}}, external_id="m2", **me),
        message(403, "in", "Estoy fuera de la oficina hasta el lunes.", at(16, 21, day=13), data=away,
                external_id="m3", **me),
        message(404, "in", "Buenos días, adjunto el balance. Los estados de cuenta se los manda la licenciada Peña.",
                at(9, 12), data=answered, external_id="m4", kind="document", attachments=[
                    wire.Attachment(id=41, kind="document", mime="application/pdf", file_name="balance 2025.pdf",
                                    size=412_000, state="stored"),
                    wire.Attachment(id=42, kind="image", mime="image/png", file_name="sello.png", size=3_000,
                                    state="stored")], **me),
        message(405, "in", "Va firmado. Quedo atenta.", at(9, 35), data=by_other, external_id="m5", **me),
    ]  # fmt: skip


def comments() -> list[wire.Message]:
    """Under a post."""
    me = {"conversation": COMMENTER}
    return [
        message(501, "in", "y la tasa?? pongan la tasa", at(9, 20), external_id="c1",
                data={"post_id": "p1", "comment_id": "c1"}, **me),
        message(502, "out", "¡Hola! Depende del plazo; desde 11 % anual. ¿Le contamos por privado?", at(9, 25),
                status="sent", external_id="c2", **me),
        message(503, "in", "estafadores!!! llame al 7777-7777 les cobro menos", at(9, 30), external_id="c3",
                data={"hidden": True}, **me),
        message(504, "in", "sí, por privado mejor", at(9, 31), external_id="c4", **me),
    ]  # fmt: skip


def unsent() -> list[wire.OutboxItem]:
    """Two that failed and one nobody knows of."""
    by_id = {row.id: row for row in sample.rows()}
    lidia, carlos, lita = by_id[9], by_id[8], by_id[2]
    return [
        wire.OutboxItem(state="unknown", conversation=lita, at=at(9, 30), attempts=1,
                        message=message(1002, "out", "Sí, el crédito ya salió.", at(9, 30), conversation=2,
                                        status="unknown")),
        wire.OutboxItem(state="failed", reason="window_closed", conversation=lidia, at=at(7, 40, day=13), attempts=1,
                        message=message(1009, "out", lidia.preview, lidia.last_at, conversation=9, status="failed")),
        wire.OutboxItem(state="failed", reason="other", detail="Destination carrier blocked", conversation=carlos,
                        at=at(7, 44), attempts=6,
                        message=message(1008, "out", carlos.preview, carlos.last_at, conversation=8, status="failed")),
    ]  # fmt: skip


def likely() -> list[wire.Likely]:
    """Who may be María."""
    return [
        wire.Likely(contact=777, name="Maria R. de Gómez", reason="same_phone", value="50370124421", channels=["sms"]),
        wire.Likely(contact=778, name="m.ramos", reason="same_email", value="maria.ramos@example.com",
                    channels=["correo", "webchat"]),
    ]  # fmt: skip


def merges() -> list[wire.Merge]:
    """Who María was, too."""
    return [wire.Merge(id=5, contact=770, name="Mary Ramos", proof="advisor", by="luis", at=at(10, 0, day=2))]
