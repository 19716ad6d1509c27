"""The reply templates that the demo's advisors find on their desks."""

from __future__ import annotations

from server import wire

_GREETING = "{{ cliente.primer_nombre|o_bien('Buenos días') }}, le saluda {{ asesor.primer_nombre }}. ¿En qué le ayudo?"
_QUOTA = (
    "{{ cliente.primer_nombre|o_bien('Buenos días') }}: un crédito de {{ dato.monto|dinero }} a {{ dato.plazo }} meses"
    " le queda en {{ (dato.monto / dato.plazo)|dinero }} al mes, sin contar intereses ni seguro."
)
_PAPERS = (
    "Para un crédito personal necesitamos:\n- DUI vigente\n- constancia de ingresos de {{ dato.meses }} meses\n"
    "- recibo de servicio a su nombre\nPuede enviar fotos por este medio."
)
_CALL = "De acuerdo, {{ cliente.primer_nombre|o_bien('con gusto') }}: le llamamos el {{ dato.día|fecha }}."
_UNLOCKED = "Listo, su usuario quedó desbloqueado. Pruebe de nuevo y me cuenta si pudo entrar."


def _field(
    name: str, label: str, kind: str = "text", default: str = "", choices: tuple[str, ...] = ()
) -> wire.AskField:
    return wire.AskField(name=name, label=label, kind=kind, default=default, choices=list(choices))  # type: ignore[arg-type]


def templates() -> list[wire.NewTemplate]:
    """All of them; everybody has them."""
    return [
        _one("saludo", "Saludo con nombre", _GREETING),
        _one(
            "cred.cuota",
            "Cuota estimada: pide monto y plazo",
            _QUOTA,
            [_field("monto", "Monto", "amount"), _field("plazo", "Plazo en meses", "number", "12")],
        ),
        _one(
            "cred.requisitos",
            "Requisitos de crédito personal",
            _PAPERS,
            [_field("meses", "Constancia de cuántos meses", "choice", "3", ("3", "6", "12"))],
        ),
        _one("llamar", "Quedamos en llamarle", _CALL, [_field("día", "Qué día", "date")]),
        _one(
            "acceso.listo",
            "Usuario desbloqueado y resuelto",
            _UNLOCKED,
            acts=[wire.MacroAct(do="priority", value="normal"), wire.MacroAct(do="resolve", value="solved")],
        ),
    ]


def _one(
    name: str,
    title: str,
    text: str,
    fields: list[wire.AskField] | None = None,
    acts: list[wire.MacroAct] | None = None,
) -> wire.NewTemplate:
    return wire.NewTemplate(
        name=name,
        title=title,
        shortcut=name.rpartition(".")[2],
        scope="all",
        variants=[wire.Variant(text=text)],
        fields=fields or [],
        acts=acts or [],
    )
