"""What is handed on in the invented cooperative: who is there, what is proposed, what is offered."""

from __future__ import annotations

from typing import Any

import msgspec

from server import wire
from tests.console import sample
from tests.console.fake import FakeSession

PEOPLE = [
    wire.Availability(user="ana", display_name="Ana Morales", role="advisor", state="online", since=1, load=300,
                      capacity=500, teams=["Servicio"]),
    wire.Availability(user="luis", display_name="Luis Batres", role="advisor", state="online", since=1, load=300,
                      capacity=500, teams=["Créditos"], skills="san-miguel"),
    wire.Availability(user="marta", display_name="Marta Peña", role="advisor", state="busy", since=1, load=450,
                      capacity=500, teams=["Créditos", "Tarjetas"]),
    wire.Availability(user="rosa", display_name="Rosa Alvarenga", role="supervisor", state="away", since=1,
                      capacity=500, teams=["Créditos"]),
]  # fmt: skip
TEAMS = [
    wire.Team(id=1, name="Créditos", members=["luis", "marta", "rosa"]),
    wire.Team(id=2, name="Servicio", members=["ana"]),
]
PROPOSAL = wire.Proposal(
    summary="María Ramos, socia, San Miguel. Escribe por WhatsApp; 2 conversaciones en 30 días.\n"
    "Pide: «no me deja entrar a la app, dice usuario bloqueado 😩»\n"
    "Identidad comprobada (lo anotó Luis).\nÁnimo: preocupación",
    mood="worried",
)


def transfer(id: int = 6, conversation: int = 2, **more: Any) -> wire.Transfer:
    """Luis hands Pupusería Lita on to Ana."""
    fields: dict[str, Any] = {
        "contact_name": "Pupusería Lita",
        "sender": "luis",
        "sender_name": "Luis Batres",
        "to_user": "ana",
        "to_name": "Ana Morales",
        "responsible": "ana",
        "responsible_name": "Ana Morales",
        "reason": "pregunta por un crédito de su zona",
        "summary": "Pupusería Lita, no socia, San Miguel. Escribe por Facebook.\n"
        "Pide: «¿me pueden confirmar si ya salió el crédito?»\nSe le respondió: «ya lo reviso» (Luis, 09:31)",
        "promised": "respuesta hoy antes de las 4 pm",
        "mood": "upset",
        "made_at": sample.NOW - 2 * sample.MINUTE,
        "expires_at": sample.NOW + 8 * sample.MINUTE,
    }
    return wire.Transfer(id=id, conversation=conversation, **{**fields, **more})


def question(id: int = 7, conversation: int = 3) -> wire.Transfer:
    """Luis asks Ana something about José Ángel Mejía."""
    return transfer(
        id, conversation, kind="consult", contact_name="José Ángel Mejía",
        reason="¿qué tasa le toca si es socio nuevo?",
        summary="", promised="", mood="", expires_at=None,
    )  # fmt: skip


def answers(session: FakeSession) -> None:
    """What the server says to who hands on."""
    known = session.fake_api.answers
    known["GET", "/availability"] = wire.Page(items=PEOPLE)
    known["GET", "/teams"] = wire.Page(items=TEAMS)
    known["GET", "/conversations/1/transfer/proposal"] = PROPOSAL
    known["GET", "/transfers"] = wire.Page(items=[])


def arrives(session: FakeSession, kind: str, what: wire.Transfer, actor: str = "user:luis") -> None:
    """The feed tells of a transfer."""
    offered = what.id if what.state == "pending" and what.kind == "transfer" else None
    row = session.changed_row(what.conversation, transfer=offered)
    session.event(kind, row, data={"transfer": msgspec.to_builtins(what)}, actor=actor)
