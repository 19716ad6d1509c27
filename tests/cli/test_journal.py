"""Looking inside: events, deliveries, the raw interface, the doctor, on a real server."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys

import pytest

from tests.cli.office import Office
from tests.real_server import environment

pytestmark = pytest.mark.xdist_group("cli-journal")


def test_events_are_whole_and_in_order(office: Office) -> None:
    id = office.customer_writes("hola", "Paty")
    every = office.json("events", "--since", "0", "--limit", "0")
    assert [event["seq"] for event in every] == list(range(1, len(every) + 1))
    assert office.json("events", "--limit", "3") == every[-3:]
    assert office.json("events", "--since", "2", "--limit", "2") == every[2:4]
    of_one = office.json("events", "--conversation", str(id))
    assert of_one == [event for event in every if event["conversation"] == id]
    assert of_one[0]["kind"] == "conversation.created"
    assert "conversación iniciada" in office.done("events", "--conversation", str(id))
    rows = csv.DictReader(io.StringIO(office.done("events", "--conversation", str(id), "-o", "csv")))
    assert [json.loads(row["data"]) for row in rows] == [event["data"] for event in of_one]


def test_following_shows_what_happens(office: Office) -> None:
    since = office.json("events", "--limit", "1")[0]["seq"]
    variables = {"AGENT_CONSOLE_SERVER": office.server.url, "AGENT_CONSOLE_TOKEN": office.server.tokens["admin"]}
    command = [sys.executable, "-m", "agent_console", "events", "--follow", "--since", str(since), "-o", "json"]
    following = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=environment(office.server.home, **variables)
    )
    try:
        id = office.customer_writes("¿siguen ahí?", "Neto")
        assert following.stdout is not None
        with following.stdout as lines:
            first = json.loads(lines.readline())
            while first["kind"] != "conversation.created":  # ana's sign-ins and the like
                first = json.loads(lines.readline())
        assert first["conversation"] == id
    finally:
        following.terminate()
        following.wait(60)


def test_deliveries_are_listed_and_can_be_read_again(office: Office) -> None:
    office.customer_writes("una vez", "Única")
    office.deliver({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": 7}]}]})
    listed = office.json("deliveries", role="admin")
    assert len(listed) >= 2
    assert {delivery["channel"] for delivery in listed} == {"wa"}
    failed = office.json("deliveries", "--failed", role="admin")
    assert failed and all(delivery["state"] != "done" for delivery in failed)
    good = next(delivery for delivery in listed if delivery["state"] == "done")
    messages = len(office.json("convs", "--view", "all", "--limit", "0"))
    assert office.json("replay", str(good["id"]), role="admin")[0]["state"] == "done"
    assert len(office.json("convs", "--view", "all", "--limit", "0")) == messages
    assert "aún no se pudieron leer" in office.cli("replay", str(failed[0]["id"]), role="admin").stderr.lower()
    assert office.refused("replay", "5", role="admin") == "No existe la llamada 5."
    assert "Su función" in office.refused("deliveries")


def test_the_raw_interface(office: Office) -> None:
    id = office.customer_writes("hola", "Cruda")
    assert json.loads(office.done("api", "GET", "/me"))["name"] == "ana"
    assert json.loads(office.done("api", "get", "/api/v1/conversations?view=all&limit=1"))["items"]
    body = json.dumps({"text": "por la puerta de atrás"})
    noted = json.loads(office.done("api", "POST", f"conversations/{id}/notes", "--data", "-", given=body))
    assert noted["text"] == "por la puerta de atrás"
    again = [
        json.loads(office.done("api", "POST", f"/conversations/{id}/notes", "--data", body, "--key", "k1"))["id"]
        for _ in range(2)
    ]
    assert again[0] == again[1]
    assert office.refused("api", "GET", "/nope") == "Eso no existe aquí; quizá se quitó."
    assert "no es JSON" in office.refused("api", "POST", "/me", "--data", "{", code=2)


def test_the_doctor_looks_here_and_at_the_server(office: Office) -> None:
    data = str(office.server.data)
    ran = office.cli("doctor", "--data", data, "-o", "json", role="admin")
    checks = {check["name"]: check for check in json.loads(ran.stdout)}
    assert {"python", "sqlite", "data", "permissions", "space", "server", "server.commit"} <= set(checks)
    assert all(check["ok"] for check in checks.values()) == (ran.returncode == 0)
    assert checks["permissions"]["ok"]
    office.server.data.chmod(0o755)
    try:
        wrong = office.cli("doctor", "--data", data, role="admin")
    finally:
        office.server.data.chmod(0o700)
    assert wrong.returncode == 1
    assert "chmod go=" in wrong.stdout
    assert "Cosas por corregir" in wrong.stderr


def test_the_doctor_says_when_there_is_no_store_or_no_server(office: Office) -> None:
    nowhere = office.cli("doctor", "--data", "/no/such/folder", role=None, AGENT_CONSOLE_SERVER="http://127.0.0.1:9")
    assert nowhere.returncode == 1
    assert "agent-console init" in nowhere.stdout
    assert "no responde" in nowhere.stdout
