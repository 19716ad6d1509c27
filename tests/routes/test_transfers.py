"""Transfers over HTTP: one conversation handed on, refused, accepted; what comes back by itself on a running server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.routes.desk import Desk, until


def hand(client: httpx.Client, id: int, **more: Any) -> httpx.Response:
    body = {"to": "luis", "reason": "needs an approval", "summary": "Wants to refinance.", **more}
    return client.post(f"/conversations/{id}/transfer", json=body)


@pytest.fixture
def at_work(desk: Desk) -> Desk:
    desk.add_whatsapp()
    for name in ("luis", "marta"):
        desk.add_user(name)
    with desk.client("admin") as admin:
        admin.post("/teams", json={"name": "Créditos", "members": ["luis", "marta"]}).raise_for_status()
    return desk


def test_from_one_advisor_to_another(at_work: Desk) -> None:
    desk = at_work
    id = desk.receive("¿puedo refinanciar mi préstamo?")
    with desk.client("advisor") as ana, desk.client(token=desk.sign_in("luis")) as luis:
        ana.post(f"/conversations/{id}/claim").raise_for_status()
        proposal = ana.get(f"/conversations/{id}/transfer/proposal").json()
        assert "¿puedo refinanciar mi préstamo?" in proposal["summary"]
        blind = hand(ana, id, summary="")
        assert (blind.status_code, blind.json()["code"]) == (422, "transfer_lacks")
        made = hand(ana, id, promised="hoy")
        assert made.status_code == 201
        assert made.json()["state"] == "pending"
        shown = luis.get(f"/conversations/{id}").json()
        assert shown["row"]["assignee"] == "ana" and shown["row"]["transfer"] == made.json()["id"]
        assert shown["transfers"] == [made.json()]
        assert [row["id"] for row in luis.get("/conversations", params={"q": "is:offered"}).json()["items"]] == [id]
        assert luis.get("/transfers", params={"waiting": "true"}).json()["items"] == [made.json()]
        assert luis.post(f"/conversations/{id}/transfer/accept").json()["state"] == "accepted"
        assert luis.get(f"/conversations/{id}").json()["row"]["assignee"] == "luis"
        again = luis.post(f"/conversations/{id}/transfer/accept")
        assert (again.status_code, again.json()["code"]) == (409, "transfer_taken")
        totals = ana.get("/transfers/totals").json()
        assert (totals["transfers"], totals["accepted"]) == (1, 1)


def test_of_many_who_accept_at_once_one_wins(at_work: Desk) -> None:
    desk = at_work
    id = desk.receive()
    tokens = [desk.sign_in(name) for name in ("luis", "marta")] * 4
    with desk.client("advisor") as ana:
        assert hand(ana, id, to="Créditos").status_code == 201

    def accept(token: str) -> int:
        with desk.client(token=token) as client:
            return client.post(f"/conversations/{id}/transfer/accept").status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(accept, tokens)) == [200] + [409] * 7


def test_the_same_command_twice_is_one_transfer(at_work: Desk) -> None:
    desk = at_work
    id = desk.receive()
    with desk.client("advisor") as ana:
        body = {"to": "luis", "reason": "r", "summary": "s"}
        answers = [
            ana.post(f"/conversations/{id}/transfer", json=body, headers={"Idempotency-Key": "one"}) for _ in range(2)
        ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()


def test_what_nobody_answers_comes_back_by_itself(at_work: Desk) -> None:
    desk = at_work
    id = desk.receive()
    with desk.client("admin") as admin, desk.client("advisor") as ana:
        admin.patch("/service", json={"change": {"accept_ms": 300}}).raise_for_status()
        assert hand(ana, id).status_code == 201
        until(lambda: ana.get(f"/conversations/{id}").json()["row"].get("transfer") is None, "coming back")
        assert ana.get(f"/conversations/{id}").json()["row"]["assignee"] == "ana"
        kinds = [alert["kind"] for alert in ana.get("/alerts").json()["items"]]
        assert "transfer_unanswered" in kinds


def test_hostile_texts_are_kept_as_they_are_and_hurt_nobody(at_work: Desk) -> None:
    desk = at_work
    id = desk.receive("\x1b]0;gone\x07 \u202eevil\u202c")
    with desk.client("advisor") as ana:
        assert ana.get(f"/conversations/{id}/transfer/proposal").status_code == 200
        made = hand(ana, id, summary="\x1b[2J \u202e" + "x" * 3_000, reason="a\nb\tc")
        assert made.status_code == 201 and made.json()["reason"] == "a b c"
        for body in ("[]", '{"to": 7}', '{"to": "luis", "mood": "angry"}', "{"):
            answer = ana.post(f"/conversations/{id}/transfer", content=body)
            assert answer.status_code in (400, 422), answer.text
