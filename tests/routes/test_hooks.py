"""What a provider meets at its hook."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from server.channels.whatsapp import WhatsApp
from server.routes import hooks
from tests.routes.desk import NUMBER_ID, SIGNATURE, VERIFY, Desk, sign, until, whatsapp_message


@pytest.fixture(autouse=True)
def number(desk: Desk) -> None:
    desk.add_whatsapp()


def test_the_handshake_proves_both_sides(desk: Desk) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1158201444"}
    answer = httpx.get(f"{desk.url}/hooks/wa", params=asked)
    assert (answer.status_code, answer.text) == (200, "1158201444")
    assert answer.headers["content-type"].startswith("text/plain")
    wrong = httpx.get(f"{desk.url}/hooks/wa", params={**asked, "hub.verify_token": "guess"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "forbidden")


def test_a_signed_call_is_stored_when_it_is_answered(desk: Desk) -> None:
    answer = desk.hook(desk.message("hola", id="wamid.1"))
    assert (answer.status_code, answer.content) == (200, b"")
    stored = desk.read("SELECT text, external_id, status FROM messages")
    assert [tuple(row) for row in stored] == [("hola", "wamid.1", "received")]
    raw = desk.read("SELECT body, state FROM deliveries")
    assert [row["state"] for row in raw] == ["done"]
    assert b"wamid.1" in raw[0]["body"]


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        ({}, 401, "unauthenticated"),
        ({SIGNATURE: "sha256=" + "0" * 64}, 403, "forbidden"),
        ({SIGNATURE: "sha256=ünïcode"}, 403, "forbidden"),
        ({SIGNATURE: "sha1=abc"}, 403, "forbidden"),
    ],
)
def test_a_call_that_is_not_signed_right_is_refused(desk: Desk, header: dict[str, str], status: int, code: str) -> None:
    encoded = {name.encode(): value.encode("latin-1") for name, value in header.items()}
    answer = httpx.post(f"{desk.url}/hooks/wa", content=desk.message(), headers=encoded)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not desk.read("SELECT 1 FROM deliveries")


def test_a_signature_is_for_its_very_bytes(desk: Desk) -> None:
    body = desk.message()
    changed = body.replace(b"hola", b"hole")
    answer = httpx.post(f"{desk.url}/hooks/wa", content=changed, headers={SIGNATURE: sign(body)})
    assert answer.status_code == 403


def test_a_call_offered_again_changes_nothing(desk: Desk) -> None:
    first = desk.message("hola", id="wamid.1")
    for body in (first, first, desk.message("hola", id="wamid.1", name="Other body, same message")):
        assert desk.hook(body).status_code == 200
    assert len(desk.read("SELECT 1 FROM messages")) == 1
    kinds = [row["kind"] for row in desk.read("SELECT kind FROM events")]
    assert kinds.count("message.received") == 1


def test_many_at_the_same_time_with_duplicates_are_each_there_once(desk: Desk) -> None:
    bodies = [whatsapp_message(f"hola {n}", f"5037000{n % 7:04}", f"wamid.{n}") for n in range(60)] * 3
    random.Random(7).shuffle(bodies)
    with ThreadPoolExecutor(12) as pool:
        assert {answer.status_code for answer in pool.map(desk.hook, bodies)} == {200}
    assert len(desk.read("SELECT 1 FROM messages")) == 60
    assert len(desk.read("SELECT 1 FROM conversations")) == 7
    seqs = [row["seq"] for row in desk.read("SELECT seq FROM events ORDER BY seq")]
    assert seqs == list(range(1, len(seqs) + 1))


@pytest.mark.parametrize("body", [b"not json", b'{"entry": 5}', b"\x00\xff", b"[" * 200_000, b'{"object": "x"}'])
def test_a_genuine_call_nobody_can_read_is_kept_and_answered(desk: Desk, body: bytes) -> None:
    assert desk.hook(body).status_code == 200
    kept = desk.read("SELECT body, state FROM deliveries")
    assert [bytes(row["body"]) for row in kept] == [body]


def test_a_fault_in_an_adapter_loses_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: WhatsApp, body: bytes, received_at: int) -> object:
        raise KeyError("a case nobody thought of")

    body = desk.message("hola", id="wamid.1")
    with monkeypatch.context() as patch:
        patch.setattr(WhatsApp, "parse", broken)
        assert desk.hook(body).status_code == 200
    with desk.client("admin") as admin:
        failed = admin.get("/deliveries", params={"state": "bad"}).json()["items"]
        assert [item["state"] for item in failed] == ["failed"]
        assert "a case nobody thought of" in failed[0]["error"]
        replayed = admin.post(f"/deliveries/{failed[0]['id']}/replay")
        assert replayed.json()["state"] == "done"
    assert [row["text"] for row in desk.read("SELECT text FROM messages")] == ["hola"]


def test_a_large_call_is_read_as_well(desk: Desk) -> None:
    body = desk.message("x" * 4000) + b" " * hooks.LARGE
    assert desk.hook(body).status_code == 200
    assert len(desk.read("SELECT 1 FROM messages")) == 1


def test_a_call_over_the_cap_is_refused(desk: Desk) -> None:
    answer = desk.hook(b" " * (hooks.LIMIT + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_unknown_channels_and_methods(desk: Desk) -> None:
    for name in ("nobody", "", "wa/more", "WA"):
        answer = desk.hook(desk.message(), name)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    answer = httpx.put(f"{desk.url}/hooks/wa", content=b"")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_a_channel_that_is_switched_off_or_removed_is_not_there(desk: Desk) -> None:
    with desk.client("admin") as admin:
        assert desk.hook(desk.message()).status_code == 200
        assert admin.patch("/channels/wa", json={"active": False}).is_success
        until(lambda: desk.hook(desk.message()).status_code == 404, "switching off")
        assert admin.patch("/channels/wa", json={"active": True}).is_success
        until(lambda: desk.hook(desk.message()).status_code == 200, "switching on")
        assert admin.delete("/channels/wa").is_success
        until(lambda: desk.hook(desk.message()).status_code == 404, "the removal")


def test_a_new_secret_counts_at_once(desk: Desk) -> None:
    with desk.client("admin") as admin:
        assert desk.hook(desk.message()).status_code == 200
        changed = admin.patch("/channels/wa", json={"settings": {"app_secret": "another one"}})
        assert changed.json()["settings"]["app_secret"] == "set"
        until(lambda: desk.hook(desk.message()).status_code == 403, "the new secret")
        assert desk.hook(desk.message(), secret="another one").status_code == 200


def test_a_call_for_another_number_goes_to_its_channel(desk: Desk) -> None:
    with desk.client("admin") as admin:
        settings = {"phone_number_id": "999", "access_token": "t", "app_secret": "s", "verify_token": "v"}
        assert admin.post("/channels", json={"kind": "whatsapp", "name": "wa2", "settings": settings}).is_success
    assert desk.hook(whatsapp_message("hola", "50370001111", "wamid.1", number_id="999")).status_code == 200
    assert desk.hook(whatsapp_message("hola", "50370001111", "wamid.2", number_id=NUMBER_ID)).status_code == 200
    found = desk.read("SELECT c.name FROM messages m JOIN channels c ON c.id = m.channel_id ORDER BY m.id")
    assert [row["name"] for row in found] == ["wa2", "wa"]
