"""Rules of automation from the command line and from files."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from agent_console.cli import rule_files
from server import wire
from server.desk import automation as desk
from tests.cli.office import Office
from tests.routes.desk import until

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "automation.md"


def test_from_adding_to_firing(office: Office) -> None:
    office.done("tag", "add", "robo", role="supervisor")
    before = office.customer_writes("me robaron la tarjeta", "Beto Before")
    words = ("--when", "received", "--if", '"robaron la tarjeta"', "--then", "tag=robo", "--then", "priority=urgent")
    assert "on = [" in office.done("rule", "add", "robo", *words, role="admin")
    said = office.done("rule", "test", "robo", "--days", "1", role="supervisor", lang="en")
    assert "would have fired 1 time" in said and "in 1 conversation" in said
    assert "as they are now" in said and "Beto Before" in said
    assert "robo" in office.done("rule", "on", "robo", role="admin")
    after = office.customer_writes("ayer me robaron la tarjeta", "Ada After")
    until(lambda: office.json("conv", str(after))["row"]["tags"] == ["robo"], "the rule")
    row = office.json("conv", str(after))["row"]
    assert row["priority"] == "urgent"
    assert office.json("conv", str(before))["row"]["tags"] == []
    [rule] = office.json("rule", "list", role="supervisor")
    assert (rule["name"], rule["active"], rule["fired"]) == ("robo", True, 1)
    [day] = office.json("rule", "stats", "robo", role="supervisor")["days"]
    assert (day["fired"], day["refused"]) == (1, 0)
    assert "rule.fired" in office.done("events", "--conversation", str(after), "-o", "json", role="supervisor")
    office.done("rule", "off", "robo", role="admin")
    office.done("rule", "remove", "robo", "--yes", role="admin")
    assert office.json("rule", "list", role="supervisor") == []


def test_what_is_wrong_is_pointed_at(office: Office) -> None:
    def refused(*words: str) -> str:
        return office.refused("rule", "add", "x", *words, role="admin", lang="en")

    assert "»chanel«:wa" in refused("--when", "received", "--then", "resolve", "--if", "is:open chanel:wa")
    assert "recieved" in refused("--when", "recieved", "--then", "resolve")
    assert "is:mine" in refused("--when", "received", "--then", "resolve", "--if", "is:mine")
    assert "nosuch" in refused("--when", "received", "--then", "tag=nosuch")
    said = office.refused(
        "rule", "add", "x", "--when", "received", "--then", "tagg=vip", role="admin", code=2, lang="en"
    )
    assert "tagg" in said and "untag" in said
    office.refused("rule", "add", "x", "--when", "received", "--then", "resolve")  # an administrator's
    office.refused("rule", "list")  # a supervisor's


def test_files_there_and_back(office: Office, tmp_path: Path) -> None:
    office.done("tag", "add", "socio", role="supervisor")
    path = tmp_path / "socios.toml"
    path.write_text('name = "socios"\non = ["created"]\nif = "profile:socio"\nthen = [{ tag = "socio" }]\nplace = 7\n')
    office.done("rule", "import", str(path), role="admin")
    assert office.done("rule", "test", str(path), role="supervisor")
    out = tmp_path / "out"
    office.done("rule", "export", str(out), role="supervisor")
    written = tomllib.loads((out / "socios.toml").read_text())
    assert written == {**tomllib.loads(path.read_text()), "active": False}
    office.done("rule", "on", "socios", role="admin")
    office.done("rule", "import", str(path), role="admin")  # it does not say: it stays on
    assert office.json("rule", "show", "socios", role="admin")["active"] is True
    office.done("rule", "import", str(out), role="admin")
    assert office.json("rule", "show", "socios", role="admin")["active"] is False
    office.done("rule", "set", "socios", "--per-hour", "2", role="admin")
    assert office.json("rule", "show", "socios", role="admin")["per_hour"] == 2
    path.write_text('name = "x"\non = ["created"]\nthen = [{ tag = "a", note = "b" }]\n')
    assert "socios.toml" in office.refused("rule", "import", str(path), role="admin")
    office.done("rule", "remove", "socios", "--yes", role="admin")


EXAMPLES = re.findall(r"```toml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: tomllib.loads(text)["name"])
def test_the_guide_has_rules_that_can_be_kept(example: str, tmp_path: Path) -> None:
    path = tmp_path / "rule.toml"
    path.write_text(example, encoding="utf-8")
    rule, _active = rule_files.read(path)
    assert list(desk.faults(rule)) == []


def test_the_guide_tells_of_all_there_is() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    assert len(EXAMPLES) >= 5
    for name in (*desk.EVENTS, *wire.RULE_ACTS):
        assert f"`{name}`" in guide, name
