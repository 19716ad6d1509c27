"""Routes and campaigns from the command line, against a real server."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from tests.cli.office import Office


def test_a_route_from_the_table_to_a_conversation(office: Office, tmp_path: Path) -> None:
    office.done("team", "add", "Oriente", "--member", "ana", role="admin")
    office.done("team", "add", "Créditos", "--member", "sofia", role="admin")
    made = office.json(
        "route", "add", "Créditos por WhatsApp", "--channel", "whatsapp", "--profile", "socio", "--team", "Créditos",
        "--skill", "creditos", role="admin",
    )  # fmt: skip
    assert made["when"] == {**{key: [] for key in made["when"]}, "channel": ["whatsapp"], "profile": ["socio"]}
    office.done(
        "route", "add", "Oriente", "--region", "San Miguel", "--region", "Usulután", "--team", "Oriente", role="admin"
    )
    assert office.done("route", "list", "-q").split("\n")[:2] == ["Créditos por WhatsApp", "Oriente"]

    office.done(
        "route", "add", "Todo", "--channel", "whatsapp", "--team", "Oriente", "--set-priority", "high", role="admin"
    )
    tested = office.done("route", "test", "quiero un crédito", "--channel", "whatsapp", "--profile", "SOCIO", lang="en")
    assert "Créditos por WhatsApp" in tested and "creditos" in tested and "✓" in tested
    tested = office.json("route", "test", "--channel", "wa", "--region", "usulutan")
    assert (tested["route"], tested["team"], tested["by"]) == ("Oriente", "Oriente", "route")
    assert tested["considered"][0]["failed"] == "profile"
    spanish = office.done("route", "test", "--channel", "wa", "--region", "usulutan")
    assert "perfil" in spanish and "socio" in spanish

    id = str(office.customer_writes("buenas", "Rita Ruta"))
    row = office.json("conv", id)["row"]
    assert (row["team"], row["priority"]) == ("Oriente", "high")
    why = office.json("conv", id, "why")
    assert [step["code"] for step in why["steps"]] == ["created", "routed.route"]
    said = office.done("conv", id, "why", lang="en")
    assert "The route “Todo” fits" in said and "Créditos por WhatsApp" in said

    office.done("route", "set", "todo", "--team", "Créditos", "--off", role="admin")
    assert office.json("conv", id, "reroute", role="supervisor")["team"] is None
    office.refused("conv", id, "reroute")

    for form, read in (("text", tomllib.loads), ("json", json.loads)):
        text = office.done("route", "export", "-o", form)
        assert [route["name"] for route in read(text)["routes"]] == ["Créditos por WhatsApp", "Oriente", "Todo"]
        file = tmp_path / f"routes.{form}"
        file.write_text(text)
        office.done("route", "import", str(file), "--yes", role="admin")
        assert office.done("route", "export", "-o", form) == text, "what is imported is what was exported"
    off = [route for route in office.json("route", "list") if route["name"] == "Todo"]
    assert off[0]["active"] is False
    wrong = office.refused("route", "import", "-", given='[[routes]]\nname = "x"\nwhen.regoin = ["y"]\n', role="admin")
    assert "regoin" in wrong
    assert "fits" not in office.refused("route", "add", "x", "--hours", "sometimes", role="admin", lang="en")
    office.refused("route", "show", "nosuch")
    office.refused("route", "add", "x")
    for name in office.done("route", "list", "-q").splitlines():
        office.done("route", "remove", name, "--yes", role="admin")


def test_a_campaign_from_the_command_line(office: Office) -> None:
    office.done("team", "add", "Campañas", "--member", "ana", role="admin")
    made = office.json(
        "campaign", "add", "Escolar", "--title", "Crédito escolar", "--ad", "120", "--ref", "escolar", "--word",
        "crédito escolar", "--team", "Campañas", "--skill", "creditos", "--until", "2090-02-28", "--greeting",
        "es=¡Hola!", "--greeting", "Hi", role="admin",
    )  # fmt: skip
    assert (made["name"], made["greeting"]) == ("escolar", {"es": "¡Hola!", "": "Hi"})
    found = office.json("campaign", "test", "quiero el CREDITO escolar")
    assert (found["campaign"]["name"], found["sign"]) == ("escolar", "words")
    assert "120" in office.done("campaign", "test", "--ad", "120", lang="en")
    assert "No campaign" in office.done("campaign", "test", "hola", lang="en")
    id = str(office.customer_writes("me interesa el crédito escolar", "Caro Campaña"))
    shown = office.json("conv", id)
    assert (shown["row"]["campaign"], shown["row"]["team"]) == ("Crédito escolar", "Campañas")
    assert [message["text"] for message in shown["messages"]][-1] == "Hi"
    assert id in office.done("convs", "campaña:escolar", "-q").split()
    assert "Crédito escolar" in office.done("campaign", "list")
    changed = office.json("campaign", "set", "escolar", "--ad", "", "--until", "", "--off", role="admin")
    assert (changed["sources"], changed["ends_at"], changed["active"]) == ([], None, False)
    assert office.json("campaign", "test", "crédito escolar")["campaign"] is None
    office.refused("campaign", "set", "escolar", role="admin", code=2)
    office.refused("campaign", "add", "otra", "--until", "someday maybe", role="admin", code=2)
    office.done("campaign", "remove", "escolar", "--yes", role="admin")
    assert office.json("conv", id)["row"]["campaign"] == "Crédito escolar"


def test_a_campaigns_days_are_the_organisations(office: Office) -> None:
    office.done("org", "set", "--zone", "America/El_Salvador", role="admin")
    given = (
        "campaign",
        "add",
        "fiestas",
        "--word",
        "fiestas",
        "--from",
        "2027-08-01",
        "--until",
        "2027-08-06",
        "-o",
        "json",
    )
    added = office.cli(*given, role="admin", TZ="Asia/Tokyo")
    assert added.returncode == 0, added.stderr
    shown = office.done("campaign", "test", "fiestas", "--at", "2027-08-06 23:59", "-o", "json")
    assert '"fiestas"' in shown
    for other in ("2027-07-31 23:59", "2027-08-07"):
        asked = office.cli("campaign", "test", "fiestas", "--at", other, "-o", "json", TZ="Pacific/Auckland")
        assert '"fiestas"' not in asked.stdout, other
