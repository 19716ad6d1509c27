"""The cooperative's reply templates, and a server that renders them (as far as these tests need it)."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from agent_console.backend.api import ApiError
from agent_console.backend.calls import Call
from server import wire
from tests.console.fake_api import FakeApi

VALUES = {"cliente.primer_nombre": "María", "asesor.nombre": "Ana Morales"}


def template(id: int, name: str, text: str, **fields: Any) -> wire.ReplyTemplate:
    given = {"title": "", "shortcut": "", "scope": "all", "variants": [wire.Variant(text=text)] if text else []}
    return wire.ReplyTemplate(id=id, name=name, **{**given, **fields})


def templates() -> list[wire.ReplyTemplate]:
    ask = wire.AskField
    return [
        template(1, "cred.cuota",
                 "{{cliente.primer_nombre}}, son ${{dato.monto}} a {{dato.plazo}} meses desde {{dato.día}}.",
                 title="Cuota estimada: pide monto y plazo", shortcut="cuota", scope="team", team="Créditos", uses=9,
                 fields=[ask(name="monto", label="Monto del crédito", kind="amount"),
                         ask(name="plazo", label="Plazo", kind="choice", choices=["12", "24", "36"], default="24"),
                         ask(name="día", label="Primer pago", kind="date", required=False)]),
        template(2, "cred.requisitos", "Buenos días, {{cliente.primer_nombre}}. Para un crédito personal siendo socia "
                 "necesita: DUI, recibo de agua o luz y constancia de sueldo.",
                 title="Requisitos de crédito personal", shortcut="requisitos", uses=214),
        template(3, "acceso.listo", "Listo {{cliente.primer_nombre}}, su usuario quedó desbloqueado.",
                 title="Desbloqueado y resuelto", shortcut="listo", uses=57,
                 acts=[wire.MacroAct(do="tag", value="acceso"), wire.MacroAct(do="priority", value="low"),
                       wire.MacroAct(do="resolve", value="solved")]),
        template(4, "correo.pedir", "Su correo registrado es {{cliente.correo}}, ¿sigue siendo el mismo?",
                 title="Confirmar correo", uses=3),
        template(5, "esperar", "", title="Apartar hasta mañana", scope="user",
                 acts=[wire.MacroAct(do="snooze", value="mañana"), wire.MacroAct(do="note", value="llamar")]),
        template(6, "mala\x1b]0;x\x07\u202e", "hola \x1b[31mrojo\x1b[0m {{cliente.primer_nombre}}\u202e" + "x" * 5000,
                 title="título \x1b[2J hostil \u200b"),
    ]  # fmt: skip


def approved() -> list[wire.ApprovedTemplate]:
    def one(name: str, body: str, **fields: Any) -> wire.ApprovedTemplate:
        given = {"channel": "whatsapp", "language": "es", "status": "approved", "body": body}
        return wire.ApprovedTemplate(name=name, **{**given, **fields})

    return [
        one(
            "seguimiento", "Hola {{1}}, damos seguimiento a su consulta: {{2}}.", parameters=2, footer="La cooperativa"
        ),
        one("aviso", "Le esperamos en agencia."),
        one("estado_de_cuenta", "{{1}}, su estado de cuenta.", parameters=1, lacks="file"),
        one("promo", "Promoción", status="pending"),
        one("ajena", "De otro número", channel="wa-otro"),
    ]


def serve(api: FakeApi) -> None:
    """Let the fake server have them."""
    kept = templates()
    api.answers[("GET", "/templates")] = wire.Page(items=kept)
    api.answers[("GET", "/templates/approved")] = wire.Page(items=approved())
    api.answers[("POST", "/templates/")] = lambda call: _posted(call, {each.id: each for each in kept})


def _posted(call: Call[Any], kept: dict[int, wire.ReplyTemplate]) -> object:
    _, _, id, what = call.path.split("/")
    found = kept[int(id)]
    if what == "files":
        return wire.Page(items=[wire.Attachment(id=77, kind="document", mime="application/pdf", file_name="r.pdf",
                                                size=9, state="stored")])  # fmt: skip
    body = msgspec.json.decode(call.body or b"", type=wire.RenderTemplate)
    if id == "1" and "monto" not in body.answers:
        raise ApiError(wire.Problem(status=422, code="cannot_render", detail="monto"), 422)
    given = VALUES | {f"dato.{name}": value for name, value in body.answers.items()}
    missing: list[str] = []

    def fill(hole: re.Match[str]) -> str:
        if hole[1] not in given:
            missing.append(hole[1])
        return given.get(hole[1], f"⟨{hole[1]}⟩")

    said = found.variants[0].text if found.variants else ""  # of acts only
    text = re.sub(r"\{\{([\w.]+)\}\}", fill, said)
    return wire.RenderedTemplate(text=text, missing=missing)
