"""Reviews from the command line: a team asks for them, an answer waits, somebody decides."""

from __future__ import annotations

from tests.cli.office import Office


def test_from_the_rule_to_the_decision(office: Office) -> None:
    rule = (
        "review",
        "rule",
        "Servicio",
        "--person",
        "ana:2",
        "--channel",
        "whatsapp",
        "--within",
        "15m",
        "--late",
        "send",
    )
    team = office.json("team", "list", role="admin")[0]["name"]
    rule = (*rule[:2], team, *rule[3:])
    office.done("team", "set", team, "--member", "ana", role="admin")
    assert "ana" in office.done(*rule, role="admin")
    [kept] = office.json("review", "rules", role="supervisor")
    assert (kept["clock_ms"], kept["late"], kept["people"][0]["left"]) == (900_000, "send", 2)
    id = str(office.customer_writes("¿me aprueban?", "Rita Review"))
    answer = office.json("conv", id, "reply", "ya casi")
    assert answer["data"]["review"]["state"] == "pending"
    assert office.json("conv", id)["row"]["reviewing"] == 1
    assert id in office.done("convs", "is:reviewing", "-q").split()
    [waiting] = office.json("review", "list", role="supervisor")
    number = str(waiting["message"]["id"])
    assert (waiting["message"]["id"], waiting["why"]) == (answer["id"], "person")
    shown = office.done("review", "show", number, role="supervisor", lang="en")
    assert "Rita Review: ¿me aprueban?" in shown and "their answers are reviewed" in shown
    assert office.done("review", "list", "-q").split() == []  # an advisor reviews nothing
    office.refused("review", "send", number)
    assert "devuelta" in office.done("review", "return", number, "con más detalle", role="supervisor")
    again = office.json("conv", id, "reply", "mañana a las 10")
    assert "cambiada" in office.done("review", "edit", str(again["id"]), "Mañana a las 10 a. m.", role="supervisor")
    assert "sofia" in office.refused("review", "send", str(again["id"]), role="supervisor")
    assert office.json("conv", id)["row"]["reviewing"] == 0
    office.done("review", "rule", team, "--not-person", "ana", "--no-channels", "--public", role="admin")
    [kept] = office.json("review", "rules", role="supervisor")
    assert (kept["people"], kept["channels"], kept["public"], kept["clock_ms"]) == ([], [], True, 900_000)
    office.done("review", "rule", team, "--off", role="admin")
    assert office.json("review", "rules", role="supervisor") == []
    assert "review" not in office.json("conv", id, "reply", "sin revisión")["data"]


def test_what_is_refused(office: Office) -> None:
    team = office.json("team", "list", role="admin")[0]["name"]
    office.refused("review", "rule", team, "--public")  # an administrator's
    assert "nadie" in office.refused("review", "rule", team, "--person", "nadie", role="admin")
    office.refused("review", "rule", team, "--late", "never", role="admin", code=2)
    office.refused("review", "rule", team, "--within", "pronto", role="admin", code=2)
    assert "12345" in office.refused("review", "show", "12345", role="supervisor")
