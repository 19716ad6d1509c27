"""Routes over real sockets: a WhatsApp message with an ad referral lands in the right team, with its skills."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.routes.desk import Desk

AD = {
    "source_url": "https://fb.me/3cr4Wqqkv",
    "source_type": "ad",
    "source_id": "120210000000000001",
    "headline": "Su crédito escolar en 24 horas",
    "body": "Escríbanos",
    "media_type": "image",
    "ctwa_clid": "ARAkLkA8rmlFeiCktEJQ-QTwRiyYHAFDLMNDBH0CD3qpjd0HR4irJ6LEkR7JwFF4XvnO2E4Nx0-eM-GABDLOPaOdRMv-_zfUQ2a",
}


def with_referral(
    desk: Desk, referral: dict[str, Any], phone: str, text: str = "Hola, quiero más información"
) -> bytes:
    """The call that WhatsApp makes for the first message after a click on an ad."""
    body = msgspec.json.decode(desk.message(text, phone=phone))
    body["entry"][0]["changes"][0]["value"]["messages"][0]["referral"] = referral
    return msgspec.json.encode(body)


def receive(desk: Desk, body: bytes) -> dict[str, Any]:
    assert desk.hook(body).status_code == 200
    id = desk.read("SELECT conversation_id FROM messages WHERE direction = 'in' ORDER BY id DESC LIMIT 1")[0][0]
    with desk.client("advisor") as ana:
        found: dict[str, Any] = ana.get(f"/conversations/{id}").raise_for_status().json()
    return found


@pytest.fixture
def office(desk: Desk) -> Desk:
    desk.add_whatsapp()
    with desk.client("admin") as root:
        for team, member in (("Créditos", "ana"), ("Oriente", "sofia")):
            root.post("/teams", json={"name": team, "members": [member]}).raise_for_status()
        campaign = {
            "name": "escolar",
            "title": "Crédito escolar",
            "sources": ["120210000000000001"],
            "team": "Créditos",
            "skills": ["creditos", "escolar"],
            "greeting": {"": "Gracias por escribirnos."},
        }
        root.post("/campaigns", json=campaign).raise_for_status()
        route = {"name": "Oriente", "when": {"channel": ["whatsapp"], "topic": ["-"]}, "team": "Oriente"}
        root.post("/routes", json=route).raise_for_status()
    return desk


def test_an_ad_lands_in_its_campaigns_team_with_its_skills(office: Desk) -> None:
    found = receive(office, with_referral(office, AD, "50370001001"))
    row = found["row"]
    assert (row["team"], row["campaign"], row["assignee"]) == ("Créditos", "Crédito escolar", None)
    assert found["campaign"]["headline"] == "Su crédito escolar en 24 horas"
    with office.client("advisor") as ana:
        why = ana.get(f"/conversations/{row['id']}/why").raise_for_status().json()
        assert (why["team"], why["skills"]) == ("Créditos", ["creditos", "escolar"])
        assert [step["code"] for step in why["steps"]] == ["created", "routed.campaign"]
        said = ana.get(f"/conversations/{row['id']}/messages").json()["items"]
        assert [message["direction"] for message in said] == ["in", "out"]
        assert said[1]["text"] == "Gracias por escribirnos."
        queued = ana.get("/conversations", params={"view": "unassigned", "q": "campaign:escolar"}).json()["items"]
        assert [each["id"] for each in queued] == [row["id"]]


def test_the_same_call_twice_is_one_conversation_one_route_one_greeting(office: Desk) -> None:
    body = with_referral(office, AD, "50370001002")
    row = receive(office, body)["row"]
    assert office.hook(body).status_code == 200
    kinds = [r["kind"] for r in office.read("SELECT kind FROM events WHERE conversation_id = ?", row["id"])]
    assert (kinds.count("conversation.routed"), kinds.count("message.queued")) == (1, 1)


def test_others_go_where_the_table_says(office: Desk) -> None:
    unknown = receive(office, with_referral(office, {**AD, "source_id": "999"}, "50370001003"))["row"]
    assert (unknown["team"], unknown["campaign"]) == ("Oriente", "Su crédito escolar en 24 horas")
    hostile = {
        "source_id": ["1202", {"x": "\x1b[2J"}],
        "headline": "\x1b]0;x\x07\u202e",
        "source_url": "http://[",
        "ref": 7,
    }
    assert receive(office, with_referral(office, hostile, "50370001004"))["row"]["team"] == "Oriente"


def test_only_admins_change_the_table_and_everybody_may_try_it(office: Desk) -> None:
    for role, status in (("advisor", 403), ("supervisor", 403), ("admin", 201)):
        with office.client(role) as client:  # type: ignore[arg-type]
            assert client.post("/routes", json={"name": f"by {role}"}).status_code == status
            tested = client.post("/routes/test", json={"channel": "whatsapp", "text": "hola"})
            assert tested.raise_for_status().json()["team"] == "Oriente"
    with office.client("admin") as root:
        listed = root.get("/routes").json()["items"]
        assert [each["name"] for each in listed] == ["Oriente", "by admin"]
        assert root.delete(f"/routes/{listed[1]['id']}").status_code == 204
        assert root.patch(f"/routes/{listed[1]['id']}", json={"place": 1}).json()["code"] == "not_found"
        assert root.delete("/teams/Oriente").json()["code"] == "in_use"
        assert root.get("/conversations/999/why").status_code == 404
        assert root.put("/routes", json={"routes": [{"name": "x", "team": "nosuch"}]}).status_code == 404
        assert [each["name"] for each in root.get("/routes").json()["items"]] == ["Oriente"]
