"""An invented savings and loan cooperative in El Salvador: its members, what they write, what was answered."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from server import wire
from tests.console import sample_channels

ZONE = ZoneInfo("America/El_Salvador")
MINUTE = 60_000
HOUR = 60 * MINUTE


def at(hour: int, minute: int, second: int = 0, day: int = 14) -> int:
    """A moment of October 2026 in San Salvador, UTC ms."""
    return int(datetime(2026, 10, day, hour, minute, second, tzinfo=ZONE).timestamp() * 1000)


NOW = at(9, 44, 14)
ME = wire.User(id=1, name="ana", display_name="Ana Morales", role="advisor")


def row(id: int, name: str, kind: str, preview: str, **more: object) -> wire.ConversationRow:
    """A row; what is not said is calm and read."""
    fields: dict[str, object] = {
        "version": 1,
        "state": "open",
        "channel": kind,
        "contact": 100 + id,
        "assignee": "ana",
        "created_at": NOW - 30 * MINUTE,
        "last_at": NOW - 3 * MINUTE,
        "inbound": 2,
        "seen": 2,
        "region": "San Miguel",
    }
    fields.update(more)
    row = wire.ConversationRow(id=id, channel_kind=kind, contact_name=name, preview=preview, **fields)  # type: ignore[arg-type]
    if not row.sort_key:
        row.sort_key = row.sla.due_at if row.sla else 10**15 - row.last_at
    return row


def clock_to(due: int, started: int, warn: int, target: wire.Target = "first_response") -> wire.Sla:
    """A running clock."""
    return wire.Sla(target=target, started_at=started, warn_at=warn, due_at=due)


def due_in(ms: int, of: int = 15 * MINUTE, target: wire.Target = "first_response") -> wire.Sla:
    """A clock that runs out `ms` from now and began `of` before that; it warns for its last third."""
    due = NOW + ms
    return clock_to(due, due - of, due - of // 3, target)


def rows() -> list[wire.ConversationRow]:
    """The inbox of a Wednesday morning."""
    day = NOW + 22 * HOUR
    return [
        row(1, "María Ramos", "whatsapp", "no me deja entrar a la app, dice usuario bloqueado 😩", inbound=5, seen=2,
            sla=due_in(-134_000), last_at=NOW - 12 * MINUTE, window_until=day, region="San Miguel"),
        row(2, "Pupusería Lita", "messenger", "¿me pueden confirmar si ya salió el crédito?", inbound=3, seen=2,
            sla=due_in(98_000), last_at=NOW - 10 * MINUTE),
        row(3, "José Ángel Mejía", "webchat", "buenas", sla=due_in(250_000), last_at=NOW - 6 * MINUTE),
        row(4, "Ferretería El Sol", "email", "Re: línea de crédito para capital de trabajo", inbound=1, seen=0,
            sla=due_in(775_000, 25 * MINUTE), last_at=NOW - 9 * MINUTE),
        row(5, "@dulces.nena", "instagram", "y la tasa?? pongan la tasa", surface="comment",
            subject="Crédito personal desde $500: su aguinaldo, hoy", sla=due_in(1_351_000, 40 * MINUTE)),
        row(6, "Don Neto", "whatsapp", "esta es la boleta", preview_kind="image",
            sla=due_in(2_467_000, 60 * MINUTE), window_until=day),
        row(7, "Cooperativa El Milagro de R.L. de C.V.", "whatsapp", "Buen día, quisiéramos saber los requisitos",
            sla=due_in(2 * HOUR + 10 * MINUTE, 4 * HOUR), window_until=day, campaign="Campaña aguinaldo"),
        row(8, "Carlos Umaña", "sms", "le llamo el jueves a las 10", state="waiting", preview_direction="out",
            preview_author="ana", last_at=NOW - 2 * HOUR),
        row(9, "Lidia Portillo", "whatsapp", "Buenos días, Lidia: su desembolso ya fue aprobado", failed=True,
            preview_direction="out", preview_author="ana", last_at=NOW - 26 * HOUR, window_until=NOW - 2 * HOUR),
        row(10, "Ñoño García-Prieto", "telegram", "gracias niña 🙏🏽", state="waiting", preview_direction="in"),
        row(11, "王小明 (Wang)", "whatsapp", "你好,我想開一個帳戶", sla=due_in(3 * 24 * HOUR, 5 * 24 * HOUR),
            window_until=day),
        row(12, "Evil \x1b]52;c;ZXZpbA==\x07name\u202egnp", "whatsapp", "hola \x1b[31mrojo\x1b[0m \x9b2Jadiós",
            state="waiting", last_at=NOW - 5 * HOUR),
    ]  # fmt: skip


def team_rows() -> list[wire.ConversationRow]:
    """What colleagues work on, and what nobody has taken."""
    names = ["Rosa Alvarenga", "Taller Hnos. Chávez", "Marta Elena", "Wilber Cruz", "Panadería Santa Eduviges"]
    people = [None, "luis", None, "rosa", None]
    kinds = ["whatsapp", "messenger", "webchat", "whatsapp", "email"]
    texts = ["buenas tardes", "¿a qué hora abren el sábado?", "necesito ayuda con mi tarjeta", "ok gracias", "Consulta"]
    return [
        row(20 + n, names[n], kinds[n], texts[n], assignee=people[n], state="open" if people[n] else "queued",
            inbound=1, seen=0 if n % 2 else 1, sla=due_in((n + 3) * 4 * MINUTE, 60 * MINUTE))
        for n in range(5)
    ]  # fmt: skip


def contact() -> wire.Contact:
    """María."""
    return wire.Contact(
        id=101,
        name="María Ramos",
        language="es",
        region="San Miguel",
        attributes={"socia": "10-4421", "desde": "2016", "agencia": "San Miguel Centro"},
        identities=[
            wire.Identity(channel="whatsapp", kind="phone", value="50370124421"),
            wire.Identity(channel="whatsapp", kind="bsuid", value="SV.1349aa"),
            wire.Identity(channel="correo", kind="email", value="maria.ramos@example.com"),
        ],
    )


def message(id: int, direction: wire.Direction, text: str, when: int, **more: object) -> wire.Message:
    """A message of María's conversation."""
    fields: dict[str, object] = {"kind": "text", "version": 1, "received_at": when, "conversation": 1}
    if direction == "out":
        fields |= {"author": "ana", "author_name": "Ana Morales", "status": "read"}
    elif direction == "note":
        fields |= {"author": "luis", "author_name": "Luis", "status": "note"}
    fields |= more
    return wire.Message(id=id, direction=direction, text=text, at=when, **fields)  # type: ignore[arg-type]


def messages() -> list[wire.Message]:
    """María cannot sign in."""
    return [
        message(1, "in", "Buenas, ¿a qué hora cierran hoy?", at(15, 2, day=13)),
        message(2, "out", "Buenas tardes, María. Cerramos a las 5 pm; el sábado, al mediodía.", at(15, 5, day=13)),
        message(3, "in", "muchas gracias 🙏", at(15, 6, day=13), reactions={"ana": "❤️"}),
        message(4, "in", "buenos días", at(9, 31)),
        message(5, "in", "no me deja entrar a la app, dice usuario bloqueado 😩", at(9, 31)),
        message(6, "in", "así me sale", at(9, 32), kind="image", attachments=[
            wire.Attachment(id=1, kind="image", mime="image/png", file_name="captura.png", size=84_213,
                            state="stored")]),
        message(7, "out", "Buenos días, María. Ya reviso su usuario.", at(9, 34), status="read"),
        message(8, "note", "ya se validó identidad con DUI el martes", at(9, 36)),
        message(9, "in", "gracias niña", at(9, 37), reply_to=7),
        message(10, "in", "", at(9, 38), kind="voice", attachments=[
            wire.Attachment(id=2, kind="voice", mime="audio/ogg", size=21_800, state="pending")]),
        message(11, "in", "Estoy en la agencia", at(9, 39), kind="location",
                data={"latitude": 13.48333, "longitude": -88.18333, "name": "Agencia San Miguel Centro"}),
        message(12, "out", "Su usuario quedó desbloqueado; le envié la clave temporal a su correo terminado en …com. "
                "Al entrar le pedirá cambiarla.", at(9, 40), status="delivered"),
        message(13, "in", "sigue igual", at(9, 41), edited_at=at(9, 42)),
        message(14, "in", "esto ya no", at(9, 42), revoked_at=at(9, 42)),
        message(15, "in", "¿me ayuda porfa?", at(9, 43)),
    ]  # fmt: skip


def conversation(of: wire.ConversationRow) -> wire.Conversation:
    """A conversation opened."""
    about = contact() if of.id == 1 else wire.Contact(id=of.contact, name=of.contact_name, region=of.region)
    return wire.Conversation(
        row=of,
        contact=about,
        capabilities=sample_channels.capabilities(of.channel_kind, of.surface),
        campaign={"headline": "Campaña aguinaldo: su crédito en 24 horas"} if of.campaign else {},
    )


def history() -> list[wire.PastConversation]:
    """María wrote before."""
    return [
        wire.PastConversation(
            id=901,
            channel="wa",
            channel_kind="whatsapp",
            state="resolved",
            created_at=at(8, 0, day=12),
            resolved_at=at(8, 4, day=12),
            outcome="solved",
            assignee="luis",
            preview="clave olvidada",
        ),
        wire.PastConversation(
            id=902,
            channel="correo",
            channel_kind="email",
            state="resolved",
            created_at=at(10, 0, day=3),
            outcome="solved",
            assignee="rosa",
            preview="estado de cuenta de septiembre",
        ),
    ]


def only_message(of: wire.ConversationRow) -> wire.Message:
    """What a conversation's row shows, as a message."""
    more: dict[str, object] = {"conversation": of.id, "kind": of.preview_kind}
    if of.preview_direction == "out":
        more["status"] = "failed" if of.failed else "delivered"
        more["failure"] = "window_closed" if of.failed else ""
    return message(1000 + of.id, of.preview_direction, of.preview, of.last_at, **more)
