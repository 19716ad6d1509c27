"""The message templates that the demo's cooperative had approved for WhatsApp."""

from __future__ import annotations

from typing import Any

from server.sandbox import graph_templates
from server.sandbox.graph_state import State


def _text(kind: str, text: str) -> dict[str, Any]:
    return {"type": kind, "text": text} | ({"format": "TEXT"} if kind == "HEADER" else {})


_SEE_ONLINE = {
    "type": "BUTTONS",
    "buttons": [{"type": "URL", "text": "Ver en línea", "url": "https://maquilishuat.example/s/{{1}}"}],
}

#: (name, category, status, components)
_APPROVED: tuple[tuple[str, str, str, list[dict[str, Any]]], ...] = (
    (
        "seguimiento_consulta",
        "UTILITY",
        "APPROVED",
        [
            _text("BODY", "Hola {{1}}, damos seguimiento a su consulta: {{2}}. ¿Le podemos ayudar hoy?"),
            _text("FOOTER", "Cooperativa Maquilishuat"),
        ],
    ),
    (
        "documentos_pendientes",
        "UTILITY",
        "APPROVED",
        [
            _text("HEADER", "Su solicitud {{1}}"),
            _text("BODY", "{{1}}, para continuar con su solicitud nos falta: {{2}}. Puede enviarlo por este medio."),
            _SEE_ONLINE,
        ],
    ),
    (
        "cuota_por_vencer",
        "UTILITY",
        "APPROVED",
        [_text("BODY", "Estimado(a) {{1}}: su cuota de {{2}} vence el {{3}}. Si ya pagó, haga caso omiso.")],
    ),
    (
        "aguinaldo_2026",
        "MARKETING",
        "PENDING",
        [_text("BODY", "{{1}}, su aguinaldo rinde más en Maquilishuat. ¿Le contamos cómo?")],
    ),
    (
        "estado_de_cuenta",
        "UTILITY",
        "APPROVED",
        [{"type": "HEADER", "format": "DOCUMENT"}, _text("BODY", "{{1}}, le enviamos su estado de cuenta.")],
    ),
)


def keep(state: State) -> None:
    """Let the stand-in know them."""
    for name, category, status, components in _APPROVED:
        graph_templates.keep(state, name, "es", components, category=category, status=status)
