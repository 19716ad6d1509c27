"""Links in the invented cooperative: what María sends and gets, what a colleague notes down, what templates say."""

from __future__ import annotations

from server import wire
from tests.console import sample
from tests.console.fake_api import FakeApi
from tests.console.sample_templates import template

LONG = "https://coop.example/solicitudes/credito-personal/requisitos?campania=aguinaldo&paso=2#documentos"


def conversation() -> list[wire.Message]:
    """María sends a link, gets one, and a colleague notes one down."""
    return [
        sample.message(1, "in", "me llegó esto: https://premios.example/gane?x=1, ¿es de ustedes?", sample.at(9, 31)),
        sample.message(2, "note", "ficha interna: https://intranet.example/socios/10-4421", sample.at(9, 33)),
        sample.message(3, "out", f"No es nuestro. Lo nuestro está en {LONG}.", sample.at(9, 34)),
        sample.message(4, "in", "gracias niña", sample.at(9, 37)),
    ]


def serve(api: FakeApi) -> None:
    """Let the fake server have templates with links, one of them with a hole in it."""
    cita = "Su cita: https://coop.example/cita/{{dato.cita}} o https://coop.example/citas"
    kept = [
        template(11, "agencias", "Nuestras agencias: www.coop.example/agencias", shortcut="agencias", uses=3),
        template(12, "cita", cita, uses=40),
    ]
    api.answers["GET", "/templates"] = wire.Page(items=kept)
    api.answers["GET", "/templates/approved"] = wire.Page(items=[])
