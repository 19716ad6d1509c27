"""The wallboard of a Wednesday morning, and what somebody has to look at."""

from __future__ import annotations

from server import wire
from tests.console.sample import MINUTE, NOW

SECOND = 1_000


def figures(met: int = 0, missed: int = 0, p50: int = 0, p90: int = 0, answered: int = 0) -> wire.Figures:
    return wire.Figures(
        received=answered * 3, answered=answered, replies=answered * 2, met=met, missed=missed,
        first_p50=p50 * SECOND or None, first_p90=p90 * SECOND or None,
    )  # fmt: skip


def line(name: str, now: wire.Open, today: wire.Figures, hour: int, recent: str, kind: str = "") -> wire.BoardLine:
    return wire.BoardLine(name=name, kind=kind, now=now, today=today, hour=hour, recent=[int(n) for n in recent])


def waiting(n: int, since: int = 0, of: int = 0, **more: int) -> wire.Open:
    """`n` of `of` customers wait, the longest for `since` seconds."""
    return wire.Open(open=of or n, waiting=n, oldest=NOW - since * SECOND if n else None, **more)


def board() -> wire.Board:
    return wire.Board(
        at=NOW,
        seq=100,
        day_start=NOW - 584 * MINUTE,
        now=waiting(14, 372, 43, breached=2, warned=3, unassigned=12),
        today=figures(182, 18, 130, 520, 188),
        hour=59,
        recent=[3, 2, 4, 9, 12, 20, 26, 31, 40, 28, 30, 29],
        teams=[
            line("Servicio San Miguel", waiting(6, 372, 24, breached=2), figures(88, 12, 150, 600, 91), 30, "11234898"),
            line("Créditos", waiting(5, 80, 14, warned=1), figures(61, 4, 90, 300, 64), 19, "223344556789"),
            line("Tarjetas y fraude", waiting(1, 40, 5), figures(33, 0, 60, 120, 33), 10, "112113110001"),
            line("", waiting(2, 200, 0), figures(), 0, "000000000001"),
        ],
        channels=[
            line("wa-principal", waiting(9, 372), figures(), 42, "0", "whatsapp"),
            line("facebook", waiting(2, 60), figures(), 7, "0", "messenger"),
            line("instagram", waiting(1, 30), figures(), 4, "0", "instagram"),
            line("correo", waiting(2, 20), figures(), 6, "0", "email"),
        ],
        campaigns=[line("aguinaldo", waiting(4, 100), figures(), 18, "0")],
        advisors=[
            advisor("ana", "Ana Morales", "online", 500, figures(46, 4, 110, 400, 31), flagged=1, viewing=8,
                    viewing_name="Lidia Portillo", typing=True),
            advisor("luis", "Luis Batres", "online", 300, figures(58, 2, 125, 300, 28), viewing=4,
                    viewing_name="Ferretería El Sol"),
            advisor("carmen", "Carmen Umaña", "busy", 450, figures(20, 5, 200, 900, 22), breached=2),
            advisor("rosa", "Rosa Alvarenga", "away", 100, figures(), back_at=NOW + 196 * MINUTE),
            advisor("tito", "Tito Lara", "offline", 0, figures()),
        ],
    )  # fmt: skip


def advisor(
    name: str, display_name: str, state: str, load: int, today: wire.Figures, **more: object
) -> wire.BoardAdvisor:
    now = wire.Open(open=load // 100, flagged=int(more.pop("flagged", 0)), breached=int(more.pop("breached", 0)))  # type: ignore[call-overload]
    return wire.BoardAdvisor(
        name=name,
        display_name=display_name,
        state=state,
        load=load,
        capacity=500,
        today=today,
        now=now,
        **more,  # type: ignore[arg-type]
    )


def alerts() -> list[wire.Alert]:
    return [
        wire.Alert(id=9, kind="sla_breached", level="supervisor", conversation=1, contact_name="María Ramos",
                   team="Servicio San Miguel", user="ana", raised_at=NOW - 2 * MINUTE, escalate_at=NOW + 3 * MINUTE),
        wire.Alert(id=8, kind="help", level="supervisor", conversation=8, contact_name="Lidia Portillo", user="ana",
                   data={"reason": "pide hablar con gerencia"}, raised_at=NOW - 5 * MINUTE),
        wire.Alert(id=7, kind="threshold", level="admin", team="Créditos", raised_at=NOW - 11 * MINUTE,
                   data={"figure": "oldest", "value": 372_000, "limit": 300_000}),
    ]  # fmt: skip
