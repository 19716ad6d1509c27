"""The way of a conversation through the API, and idempotency keys."""

from __future__ import annotations

from typing import Any

import pytest

from tests.routes.desk import Desk


@pytest.fixture
def conversation(desk: Desk) -> int:
    desk.add_whatsapp()
    return desk.receive("buenos días, no puedo entrar")


def test_a_conversation_from_its_first_message_to_its_end(desk: Desk, conversation: int) -> None:
    at = f"/conversations/{conversation}"
    with desk.client("advisor") as ana, desk.client("supervisor") as sofia:
        page = ana.get("/conversations", params={"view": "unassigned"}).json()
        assert [row["id"] for row in page["items"]] == [conversation]
        assert page["next"] is None
        assert page["as_of"] == desk.head()
        assert ana.get("/conversations/counts").json() == {"mine": 0, "unassigned": 1, "open": 1, "waiting": 0}
        assert ana.post(f"{at}/claim").json()["assignee"] == "ana"
        taken = sofia.post(f"{at}/claim")
        assert (taken.status_code, taken.json()["code"]) == (409, "already_assigned")
        assert taken.json()["params"]["by"] == "ana"
        assert ana.put(f"{at}/draft", json={"text": "Buenos"}).status_code == 204
        assert ana.get(at).json()["draft"] == "Buenos"
        assert ana.post(f"{at}/seen", json={"inbound": 1}).status_code == 204
        noted = ana.post(f"{at}/notes", json={"text": "ya se validó"})
        assert (noted.status_code, noted.json()["direction"]) == (201, "note")
        reply = ana.post(f"{at}/replies", json={"text": "Buenos días", "hold_ms": 60_000, "seen_seq": page["as_of"]})
        assert (reply.status_code, reply.json()["status"]) == (201, "queued")
        assert ana.post(f"/messages/{reply.json()['id']}/cancel").json()["status"] == "cancelled"
        thread = ana.get(f"{at}/messages").json()["items"]
        assert [message["direction"] for message in thread] == ["in", "note", "out"]
        assert ana.post(f"{at}/resolve", json={"outcome": "solved"}).json()["state"] == "resolved"
        assert ana.post(f"{at}/resolve", json={}).json()["code"] == "already_resolved"
        assert ana.post(f"{at}/reopen").json()["state"] != "resolved"
        kinds = [event["kind"] for event in ana.get("/events", params={"conversation": conversation}).json()["items"]]
        assert kinds[0] == "conversation.created"
        assert kinds[-2:] == ["conversation.reopened", "conversation.stage"]
        contacts = ana.get("/contacts", params={"q": "maria"}).json()["items"]
        assert [contact["name"] for contact in contacts] == ["María"]
        assert ana.get(f"/contacts/{contacts[0]['id']}").json() == contacts[0]
        assert ana.get(f"{at}/history").json()["items"] == []


def test_pages_lead_from_one_to_the_next_and_back(desk: Desk, conversation: int) -> None:
    for n in range(7):
        desk.receive(f"hola {n}", f"5037000200{n}")
    with desk.client("advisor") as ana:
        everything = [row["id"] for row in ana.get("/conversations").json()["items"]]
        pages: list[dict[str, Any]] = []
        while not pages or pages[-1]["next"]:
            cursor = pages[-1]["next"] if pages else ""
            pages.append(ana.get("/conversations", params={"limit": 3, "after": cursor}).json())
        assert [row["id"] for page in pages for row in page["items"]] == everything
        assert len(everything) == 8
        back = ana.get("/conversations", params={"limit": 3, "before": pages[-1]["previous"]}).json()
        assert back["items"] == pages[-2]["items"]


def test_the_same_key_does_a_thing_once(desk: Desk, conversation: int) -> None:
    with desk.client("advisor") as ana:
        answers = [
            ana.post(
                f"/conversations/{conversation}/notes", json={"text": "una vez"}, headers={"Idempotency-Key": "k-1"}
            )
            for _ in range(3)
        ]
        assert {answer.status_code for answer in answers} == {201}
        assert answers[0].json() == answers[1].json() == answers[2].json()
        thread = ana.get(f"/conversations/{conversation}/messages").json()["items"]
        assert [message["text"] for message in thread if message["direction"] == "note"] == ["una vez"]


def test_the_same_key_for_something_else_is_refused(desk: Desk, conversation: int) -> None:
    with desk.client("advisor") as ana, desk.client("supervisor") as sofia:
        at, headers = f"/conversations/{conversation}/notes", {"Idempotency-Key": "k-1"}
        assert ana.post(at, json={"text": "una"}, headers=headers).is_success
        other = ana.post(at, json={"text": "otra"}, headers=headers)
        assert (other.status_code, other.json()["code"]) == (422, "key_reused")
        assert sofia.post(at, json={"text": "otra"}, headers=headers).is_success, "keys are each one's own"


@pytest.mark.parametrize("key", ["", "two words", "x" * 201, "ñ"])
def test_a_key_that_is_none_is_refused(desk: Desk, key: str) -> None:
    with desk.client("admin") as admin:
        answer = admin.post("/teams", json={"name": "new"}, headers=[(b"Idempotency-Key", key.encode("latin-1"))])
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_keys_work_where_passwords_are_salted(desk: Desk) -> None:
    new = {"name": "eva", "password": "eva's own passphrase"}
    with desk.client("admin") as admin:
        for headers in ({"Idempotency-Key": "k-1"}, {"Idempotency-Key": "k-1"}):
            made = admin.post("/users", json=new, headers=headers)
            assert (made.status_code, made.json()["name"]) == (201, "eva")
            changed = admin.patch(
                "/users/eva", json={"password": "another passphrase"}, headers={"Idempotency-Key": "k-2"}
            )
            assert changed.is_success
        again = admin.post("/users", json=new)
        assert (again.status_code, again.json()["code"]) == (409, "name_taken")


def test_keys_work_for_channels_and_for_what_answers_nothing(desk: Desk) -> None:
    desk.add_whatsapp("other")
    with desk.client("admin") as admin:
        for _ in range(2):
            changed = admin.patch("/channels/other", json={"active": False}, headers={"Idempotency-Key": "k-1"})
            assert changed.json()["hook"] == "/hooks/other"
            assert admin.delete("/channels/other", headers={"Idempotency-Key": "k-2"}).status_code == 204
        assert admin.get("/channels").json()["items"] == []


def test_a_team_and_its_members(desk: Desk) -> None:
    with desk.client("admin") as admin:
        assert admin.post("/teams", json={"name": "Créditos", "members": ["ana"]}).status_code == 201
        assert admin.patch("/teams/Créditos", json={"name": "Crédito y cobro"}).json()["members"] == ["ana"]
        assert admin.get("/users/ana").json()["teams"] == ["Crédito y cobro"]
        assert admin.delete("/teams/Crédito y cobro").status_code == 204
        assert [team["name"] for team in admin.get("/teams").json()["items"]] == ["General"]
