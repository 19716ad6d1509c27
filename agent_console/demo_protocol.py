"""What the demo's cooperative is asked about, and what its teams want done before a conversation is resolved."""

from __future__ import annotations

from agent_console.backend import calls_protocol
from agent_console.backend.api import Api
from server import wire

_DESK, _LOANS = "Servicio al cliente", "Créditos"


def topics() -> list[wire.NewTopic]:
    """A handful, as its members write about them."""
    return [
        wire.NewTopic(
            name="banca en línea/acceso",
            es=["no me deja entrar", "usuario bloquead*", "clave", "contraseña", "el código para entrar", "la app"],
            en=["log in", "password", "the app"],
            complexity="simple",
            team=_DESK,
        ),
        wire.NewTopic(
            name="banca en línea/transferencias",
            es=["transferenci*", "transfier*", "transfer365", "una cuenta que no era"],
            en=["transfer", "sent money"],
            complexity="medium",
            team=_DESK,
        ),
        wire.NewTopic(
            name="tarjetas/retenida",
            es=["se tragó mi tarjeta", "tarjeta en el cajero", "tarjeta retenida", "el cajero"],
            en=["card in the machine"],
            complexity="simple",
            priority="high",
            team=_DESK,
        ),
        wire.NewTopic(
            name="tarjetas/robo o fraude",
            es=["robar", "bloquéenla", "me estafaron", "no conozco", "haciéndose pasar", "le di el código"],
            en=["stolen", "fraud"],
            complexity="complex",
            priority="urgent",
            team=_DESK,
        ),
        wire.NewTopic(
            name="tarjetas/uso",
            es=["tarjeta", "límite de compras"],
            en=["card"],
            complexity="simple",
            team=_DESK,
        ),
        wire.NewTopic(
            name="créditos/solicitud",
            es=["crédito", "préstamo", "prestamo", "capital de trabajo", "refinanci*", "salió el crédito"],
            en=["loan", "credit"],
            complexity="medium",
            team=_LOANS,
        ),
        wire.NewTopic(
            name="créditos/mora",
            es=["mora", "cobro por mora", "cuota atrasad*", "atrasad*", "algún arreglo"],
            en=["overdue", "late fee"],
            complexity="medium",
            priority="high",
            team=_LOANS,
        ),
        wire.NewTopic(
            name="pagos y cuotas",
            es=["pagar la cuota", "me toca pagar", "dónde puedo pagar", "pagar la luz"],
            en=["pay"],
            complexity="simple",
            team=_DESK,
        ),
        wire.NewTopic(
            name="agencias y horarios",
            es=["abren", "horario*", "a qué hora"],
            en=["open on"],
            complexity="simple",
            team=_DESK,
        ),
        wire.NewTopic(name="remesas", es=["remesa*"], en=["remittance"], complexity="simple", team=_DESK),
        wire.NewTopic(
            name="ahorros",
            es=["libreta", "ahorro*", "a plazo", "constancia", "estado de cuenta"],
            en=["savings", "statement"],
            complexity="simple",
            team=_DESK,
        ),
        wire.NewTopic(
            name="quejas",
            es=["queja", "reclamo", "haciendo cola", "tercera vez"],
            en=["complaint"],
            complexity="complex",
            priority="high",
            key="q",
            team=_DESK,
        ),
    ]


def protocols() -> dict[str, wire.ProtocolContent]:
    """What the teams' stages ask for: short, and only the outcome is insisted on."""
    greeting = wire.ProtocolItem(id="saludo", stage="welcome", kind="greeting", required=False, within_ms=15 * 60_000)
    identity = wire.ProtocolItem(id="identidad", stage="diagnosis", kind="identity", required=False)
    topic = wire.ProtocolItem(id="tema", stage="diagnosis", kind="topic", required=False)
    bureau = wire.ProtocolItem(id="buro", stage="resolution", kind="own", title="consultado en el buró", required=False)
    promise = wire.ProtocolItem(id="promesa", stage="follow_up", kind="promise", required=False)
    happy = wire.ProtocolItem(id="satisfecho", stage="follow_up", kind="satisfaction", required=False)
    outcome = wire.ProtocolItem(id="resultado", stage="closure", kind="outcome")
    ends = [
        wire.OutcomeKind(name="solved"),
        wire.OutcomeKind(name="lead"),
        wire.OutcomeKind(name="sale", asks="amount"),
        wire.OutcomeKind(name="lost", asks="reason"),
    ]
    return {
        _DESK: wire.ProtocolContent(items=[greeting, identity, topic, happy, outcome], outcomes=ends),
        _LOANS: wire.ProtocolContent(items=[greeting, identity, topic, bureau, promise, outcome], outcomes=ends),
    }


async def furnish(api: Api) -> None:
    """Add what is missing; the teams are there. Raises ApiError, Unreachable."""
    if not (await api.send(calls_protocol.topics())).items:
        await api.send(calls_protocol.keep_topics(wire.TopicList(topics=topics())))
    known = {each.team for each in (await api.send(calls_protocol.protocols())).items}
    for team, content in protocols().items():
        if team not in known:
            await api.send(calls_protocol.set_protocol(team, content))
