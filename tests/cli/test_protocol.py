"""Topics, protocols, checklists, stages and outcomes from the command line, at a real server."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.office import Office

TOPICS = """
[[topic]]
name = "banca en línea/acceso"
es = ["no me deja entrar", "usuario bloquead*"]
en = ["cannot log in"]
complexity = "simple"

[[topic]]
name = "mora"
es = ["cuota atrasada"]
complexity = "medium"
priority = "high"
"""

PROTOCOL = """
[[team]]
name = "Cajas"

[[team.ask]]
id = "saludo"
kind = "greeting"
within = "10m"
required = false

[[team.ask]]
id = "identidad"
kind = "identity"

[[team.ask]]
id = "buro"
kind = "own"
title = "consultado en el buró"
required = false

[[team.ask]]
id = "resultado"
kind = "outcome"

[[team.outcome]]
name = "solved"

[[team.outcome]]
name = "sale"
asks = "amount"
"""


def test_topics_from_a_file_to_a_conversation(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "temas.toml"
    file.write_text(TOPICS, encoding="utf-8")
    office.done("topic", "import", str(file), role="admin")
    assert {"banca en línea/acceso", "mora"} <= set(office.done("topic", "list", "-q").splitlines())
    tried = office.done("topic", "test", "Buenas, NO ME DEJA ENTRAR a la app")
    assert tried.splitlines() == [
        "banca en línea/acceso · simple · normal",
        "«no me deja entrar» → banca en línea/acceso",
    ]
    assert office.done("topic", "test", "hola").strip() == "No tiene palabras clave de ningún tema."
    id = str(office.customer_writes("dice usuario bloqueado", "Tomás Tema"))
    row = office.json("conv", id)["row"]
    assert (row["topic"], row["complexity"], row["stage"]) == ("banca en línea/acceso", "simple", "welcome")
    assert id in office.done("convs", 'tema:"banca en línea/acceso"', "-q").split()
    said = office.done("conv", id, "classify", "--topic", "MORA", "--complexity", "complex", "--priority", "urgent")
    assert said.strip() == f"#{id} Tomás Tema: mora · compleja · urgente"
    steps = office.done("conv", id, "steps")
    assert "el servidor: banca en línea/acceso · simple («usuario bloquead*»)" in steps
    assert "ana: mora · compleja" in steps
    assert "hay" in office.refused("conv", id, "classify", "--topic", "nada")
    office.refused("conv", id, "classify", code=2)


def test_topics_go_out_and_come_back(office: Office, tmp_path: Path) -> None:
    office.done(
        "topic", "add", "remesas/cobro", "--es", "remesa*, cobrar remesa", "--complexity", "simple", "--key", "r",
        role="admin",
    )  # fmt: skip
    office.done("topic", "set", "Remesas/Cobro", "complexity=complex", "en=remittance", role="admin")
    shown = office.json("topic", "show", "remesas/cobro")
    assert (shown["es"], shown["en"], shown["complexity"]) == (["remesa*", "cobrar remesa"], ["remittance"], "complex")
    file = tmp_path / "temas.toml"
    file.write_text(office.done("topic", "export"), encoding="utf-8")
    before = office.json("topic", "list")
    office.done("topic", "import", str(file), "--prune", role="admin")
    assert office.json("topic", "list") == before
    office.done("topic", "remove", "remesas/cobro", "--yes", role="admin")
    assert "remesas/cobro" in office.refused("topic", "show", "remesas/cobro")
    office.refused("topic", "add", "x", role="advisor")
    file.write_text("[[topic]]\nnombre = 1", encoding="utf-8")
    assert "nombre" in office.refused("topic", "import", str(file), role="admin")


def test_resolving_asks_for_what_the_protocol_wants(office: Office, tmp_path: Path) -> None:
    office.done("team", "add", "Cajas", role="admin")
    file = tmp_path / "protocolo.toml"
    file.write_text(PROTOCOL, encoding="utf-8")
    office.done("protocol", "import", str(file), role="admin")
    assert "Cajas" in office.done("protocol", "list", "-q").splitlines()
    id = str(office.customer_writes("buenos días", "Pía Protocolo"))
    office.done("conv", id, "assign", "--team", "Cajas")
    office.done("conv", id, "reply", "Buenos días, Pía", "--hold", "0")
    assert office.json("conv", id)["row"]["stage"] == "diagnosis"
    why = office.refused("conv", id, "resolve")
    assert "identidad verificada" in why and "resultado anotado" in why and "(--anyway)" in why
    listed = office.done("conv", id, "check").splitlines()
    assert listed[0] == f"#{id} ●●○○○ diagnóstico"
    assert listed[1] == "✓ saludo: saludo dado en 10 min (si se puede) · hoy"
    assert "✓ identidad: identidad verificada" in office.done("conv", id, "check", "identidad")
    office.refused("conv", id, "check", "resultado")
    office.refused("conv", id, "outcome", "sale")
    assert "venta · USD 2,400.50" in office.done("conv", id, "outcome", "sale", "--amount", "2,400.50")
    assert office.json("conv", id)["row"]["stage"] == "follow_up"
    assert office.json("conv", id, "resolve")["stage"] == "closure"
    assert office.json("conv", id)["ending"] == {
        "outcome": "sale", "amount": 240050, "currency": "USD", "reason": "",
    }  # fmt: skip
    assert "conversación resuelta · venta · USD 2,400.50" in office.done("conv", id, "steps")


def test_anyway_is_kept_in_the_journal_and_many_go_on_without_those_refused(office: Office) -> None:
    office.done("team", "add", "Mesa", role="admin")
    office.done("protocol", "set", "Mesa", "identity!", "own!=llamó el gerente", "promise", role="admin")
    one = str(office.customer_writes("uno", "Uno Primero"))
    other = str(office.customer_writes("dos", "Dos Segunda"))
    office.done("conv", one, other, "assign", "--team", "Mesa")
    office.done("conv", other, "check", "identity", "llamo-el-gerente")
    ran = office.cli("conv", one, other, "resolve")
    assert ran.returncode == 1 and f"#{one}: " in ran.stderr and f"#{other}" in ran.stdout
    assert office.json("conv", one, "resolve", "--anyway")["state"] == "resolved"
    events = json.loads(office.done("events", "--conversation", one, "-o", "json", role="supervisor"))
    ended = [event["data"] for event in events if event["kind"] == "conversation.resolved"]
    assert [(each["outcome"], each["missing"]) for each in ended] == [("", ["identity", "llamo-el-gerente"])]


def test_a_protocol_goes_out_and_comes_back(office: Office, tmp_path: Path) -> None:
    office.done("team", "add", "Eco", role="admin")
    office.done(
        "protocol", "set", "Eco", "greeting=90s", "topic!", "outcome!", "--outcome", "solved", "--outcome",
        "lost=reason", role="admin",
    )  # fmt: skip
    before = office.json("protocol", "show", "eco")
    file = tmp_path / "p.toml"
    file.write_text(office.done("protocol", "export"), encoding="utf-8")
    office.done("protocol", "remove", "Eco", "--yes", role="admin")
    office.refused("protocol", "show", "Eco")
    office.done("protocol", "import", str(file), role="admin")
    after = office.json("protocol", "show", "Eco")
    assert {**after, "updated_at": 0} == {**before, "updated_at": 0}
    assert "en 1 min 30 s" not in office.done("protocol", "show", "Eco")
    office.refused("protocol", "set", "Eco", "nada", role="admin", code=2)
    office.refused("protocol", "set", "Eco", "topic", role="supervisor")


def test_a_stage_is_said_by_hand(office: Office) -> None:
    id = str(office.customer_writes("hola", "Eva Etapa"))
    assert office.done("conv", id, "stage", "follow_up").strip() == f"#{id} Eva Etapa: seguimiento"
    assert id in office.done("convs", "etapa:follow_up", "-q").split()
    office.refused("conv", id, "stage", "closure", code=2)
    office.done("conv", id, "resolve")
    assert "cierre" in office.refused("conv", id, "stage", "diagnosis")
