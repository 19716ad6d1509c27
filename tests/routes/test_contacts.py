"""Customers through the API: one person with many identities, merged, parted, and told to every console."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from agent_console import word_tables
from server.routes.table import TABLE
from tests.routes.desk import Desk

ANA, LUZ = "50370001111", "50370002222"


@pytest.fixture
def two(desk: Desk) -> tuple[int, int]:
    """Two contacts, each with a conversation of the same number."""
    desk.add_whatsapp()
    for phone in (ANA, LUZ):
        desk.receive("hola", phone)
    found = desk.read("SELECT contact_id FROM conversations ORDER BY id")
    return found[0]["contact_id"], found[1]["contact_id"]


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def test_a_contact_is_changed_merged_and_parted(desk: Desk, two: tuple[int, int]) -> None:
    one, other = two
    with desk.client("advisor") as ana:
        changed = ana.patch(f"/contacts/{one}", json={"name": "Ana", "attributes": {"móvil": "7000 2222"}})
        assert changed.json()["attributes"] == {"móvil": "7000 2222"}
        [likely] = ana.get(f"/contacts/{other}/suggestions").json()["items"]
        assert (likely["contact"], likely["reason"], likely["value"]) == (one, "same_phone", f"+{LUZ}")
        assert ana.get("/conversations/2").json()["suggestions"] == [likely]
        merged = ana.post(f"/contacts/{one}/merge", json={"other": other}).json()
        assert [identity["value"] for identity in merged["identities"]] == [ANA, LUZ]
        assert ana.get(f"/contacts/{other}").json() == merged
        row = ana.get("/conversations/2").json()["row"]
        assert (row["contact"], row["contact_name"]) == (one, "Ana")
        history = ana.get("/conversations/1/history").json()["items"]
        assert [past["id"] for past in history] == [2]
        events = ana.get("/events", params={"conversation": 2}).json()["items"]
        assert "contact.merged" in {event["kind"] for event in events}
        undo = {"merge": merged["merges"][0]["id"]}
        assert ana.post(f"/contacts/{one}/unmerge", json=undo).json()["id"] == other
        assert code(ana.post(f"/contacts/{one}/unmerge", json=undo)) == (409, "already_undone")
        assert ana.post(f"/contacts/{one}/different", json={"other": other}).status_code == 204
        assert ana.get(f"/contacts/{one}/suggestions").json()["items"] == []


def test_the_same_key_merges_once_whatever_happens_in_between(desk: Desk, two: tuple[int, int]) -> None:
    one, other = two
    with desk.client("advisor") as ana:
        key = {"Idempotency-Key": "once"}
        first = ana.post(f"/contacts/{one}/merge", json={"other": other}, headers=key).json()
        ana.post(f"/contacts/{one}/unmerge", json={"merge": first["merges"][0]["id"]})
        assert ana.post(f"/contacts/{one}/merge", json={"other": other}, headers=key).json() == first
        assert ana.get(f"/contacts/{other}").json()["id"] == other
        assert code(ana.post(f"/contacts/{other}/merge", json={"other": one}, headers=key)) == (422, "key_reused")


def test_of_those_who_merge_the_same_two_at_once_one_decides_who_stays(desk: Desk, two: tuple[int, int]) -> None:
    pairs = [two, two[::-1]] * 8

    def merge(pair: tuple[int, int]) -> Any:
        with desk.client("advisor") as ana:
            return ana.post(f"/contacts/{pair[0]}/merge", json={"other": pair[1]})

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(merge, pairs))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert desk.read("SELECT count(*) AS n FROM merges")[0]["n"] == 1


def test_conversations_are_merged_and_split(desk: Desk, two: tuple[int, int]) -> None:
    one, other = two
    with desk.client("advisor") as ana:
        assert code(ana.post("/conversations/1/merge", json={"other": 2})) == (409, "different_contacts")
        ana.post(f"/contacts/{one}/merge", json={"other": other})
        row = ana.post("/conversations/1/merge", json={"other": 2}).json()
        assert (row["id"], row["inbound"]) == (1, 2)
        assert len(ana.get("/conversations/1/messages").json()["items"]) == 2
        about = ana.get("/conversations/2").json()
        assert (about["row"]["merged_into"], about["outcome"]) == (1, "merged")
        assert ana.get("/conversations/1").json()["merged"] == [2]
        assert ana.get("/conversations/counts").json()["open"] == 1
        assert desk.receive("¿siguen ahí?", LUZ) == 1
        refused = ana.post("/conversations/2/replies", json={"text": "hola"})
        assert (*code(refused), refused.json()["params"]) == (409, "merged", {"into": 1})
        back = ana.post("/conversations/1/split", json={"other": 2}).json()
        assert (back["id"], back["state"], back["inbound"]) == (2, "queued", 2)
        assert ana.get("/conversations/counts").json()["open"] == 2


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/contacts/1", {"attributes": {"a": ["a list"]}}),
        ("/contacts/1", {"attributes": {"a": {"b": 1}}}),
        ("/contacts/1", {"name": 7}),
        ("/contacts/1", {"language": "x" * 40}),
    ],
)
def test_what_is_no_contact_is_refused(desk: Desk, two: tuple[int, int], path: str, body: Any) -> None:
    with desk.client("advisor") as ana:
        assert code(ana.patch(path, json=body)) == (422, "invalid")


def test_the_guide_names_calls_codes_and_events_that_there_are() -> None:
    guide = (Path(__file__).resolve().parents[2] / "docs/contacts.md").read_text(encoding="utf-8")
    calls = {f"{endpoint.method} /api/v1{endpoint.path}" for endpoint in TABLE}
    named = re.findall(r"`((?:GET|POST|PATCH) /api/v1/[^`?]+)", guide)
    assert len(named) == 9 and set(named) <= calls
    assert set(re.findall(r"`((?:contact|identity|conversation)\.[a-z]+)`", guide)) <= set(word_tables.EVENTS)
    codes = re.findall(r"\(`([a-z_]+)`[):]", guide)
    assert {"proven_same", "conversations_merged", "different_contacts"} <= set(codes) <= set(word_tables.PROBLEMS)


def test_nobody_but_who_is_signed_in_sees_customers(desk: Desk, two: tuple[int, int]) -> None:
    with desk.client() as anybody:
        assert anybody.get(f"/contacts/{two[0]}/suggestions").status_code == 401
        assert anybody.post(f"/contacts/{two[0]}/merge", json={"other": two[1]}).status_code == 401
