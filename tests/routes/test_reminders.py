"""Reminders, help and whispers over real sockets: made, brought back in time, and read only by whom they are for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.feed.follower import Follower
from tests.routes.desk import Desk, open_desk, until


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path / "server") as desk:
        desk.add_whatsapp()
        desk.add_user("luis")
        yield desk


def ok(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


def soon(ms: int) -> int:
    return int(time.time() * 1000) + ms


def test_what_is_due_brings_its_conversation_back(desk: Desk) -> None:
    conversation = desk.receive("me llaman luego?")
    path = f"/conversations/{conversation}"
    with desk.client("advisor") as ana, Follower(desk) as console:
        ok(ana.post(f"{path}/claim"))
        ok(ana.post(f"{path}/resolve", json={"outcome": "solved", "anyway": True}))
        new = {"text": "llamarla", "kind": "callback", "due_at": soon(700)}
        made = ok(ana.post(f"{path}/reminders", json=new, headers={"Idempotency-Key": "once"}))
        assert ok(ana.post(f"{path}/reminders", json=new, headers={"Idempotency-Key": "once"})) == made
        assert made["phone"] == "+50370001111" and made["user"] == "ana"
        due = console.find("seq", kind="reminder.due")
        assert due["data"]["reminder"]["id"] == made["id"] and due["data"]["late_ms"] < 2_000
        assert due["row"]["state"] == "open" and due["row"]["assignee"] == "ana"
        assert due["row"].get("sla") is None, "nobody waits for an answer: no clock runs"
        assert [each["id"] for each in ok(ana.get("/reminders", params={"state": "due"}))["items"]] == [made["id"]]
        assert [each["id"] for each in ok(ana.get("/conversations", params={"view": "mine"}))["items"]] == [
            conversation
        ]
        assert ok(ana.get(path))["reminders"][0]["id"] == made["id"]
        again = ok(
            ana.patch(
                f"/reminders/{made['id']}",
                json={"done": True, "outcome": "no_answer", "again_at": soon(600)},
            )
        )
        assert again["attempts"] == 1
        until(lambda: len(desk.read("SELECT 1 FROM events WHERE kind = 'reminder.due'")) == 2, "the second call")
        ok(ana.patch(f"/reminders/{made['id']}", json={"done": True, "outcome": "reached"}))
        assert ok(ana.get("/reminders"))["items"] == []
        history = ok(ana.get(f"{path}/reminders"))["items"]
        assert [(each["outcome"], each["attempts"]) for each in history] == [("reached", 1)]


def test_what_is_late_raises_an_alarm_within_the_second(desk: Desk) -> None:
    conversation = desk.receive("¿y mi crédito?")
    with desk.client("advisor") as ana, desk.client("admin") as root, desk.client("supervisor") as sofia:
        ok(root.patch("/service", json={"change": {"remind_late_ms": 500}}))
        ok(ana.post(f"/conversations/{conversation}/claim"))
        due_at = soon(300)
        body = {"text": "respuesta hoy", "kind": "promise", "due_at": due_at}
        made = ok(ana.post(f"/conversations/{conversation}/reminders", json=body))
        (event,) = until(lambda: desk.read("SELECT at FROM events WHERE kind = 'reminder.late'"), "the alarm")
        assert 0 <= event["at"] - (due_at + 500) < 1_000
        (alert,) = [each for each in ok(sofia.get("/alerts"))["items"] if each["kind"] == "promise_late"]
        assert alert["data"]["reminder"] == made["id"] and alert["user"] == "ana"
        ok(ana.patch(f"/reminders/{made['id']}", json={"done": True}))
        assert [each for each in ok(sofia.get("/alerts"))["items"] if each["kind"] == "promise_late"] == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": "x", "due_at": 1}, 422, "bad_moment"),
        ({"text": "", "due_at": 4_000_000_000_000}, 422, "empty"),
        ({"text": "x"}, 422, None),
        ({"text": "x", "due_at": "mañana"}, 422, None),
        ({"text": "x", "due_at": 2**60}, 422, None),
        ({"text": "x", "due_at": -5, "kind": "wish"}, 422, None),
    ],
)
def test_bad_bodies_are_refused(desk: Desk, body: dict[str, Any], status: int, code: str | None) -> None:
    conversation = desk.receive("hola")
    with desk.client("advisor") as ana:
        answer = ana.post(f"/conversations/{conversation}/reminders", json=body)
        assert answer.status_code == status, answer.text
        assert code is None or answer.json()["code"] == code
        assert ana.patch("/reminders/999", json={"done": True}).status_code == 404
        assert ana.get("/reminders", params={"after": "x"}).status_code == 422


def test_a_whisper_reaches_its_advisor_and_nobody_else(desk: Desk) -> None:
    """Through every door at once: the live feed, the feed after a lost connection, thread, search, journal."""
    conversation = desk.receive("no me contestan")
    path = f"/conversations/{conversation}"
    tokens = {name: desk.sign_in(name) for name in ("ana", "luis", "sofia", "root")}
    epoch = str(desk.read("SELECT value FROM meta WHERE key = 'epoch'")[0]["value"])

    def follow(stack: ExitStack, since: int) -> dict[str, Follower]:
        return {
            name: stack.enter_context(Follower(desk, since=since, epoch=epoch, token=token))
            for name, token in tokens.items()
        }

    with (
        desk.client(token=tokens["ana"]) as ana,
        desk.client(token=tokens["sofia"]) as sofia,
        ExitStack() as stack,
    ):
        ok(ana.post(f"{path}/claim"))
        since = desk.head()
        live = follow(stack, since)
        ok(sofia.post(f"{path}/whisper", json={"text": "ofrézcale la zanahoria"}))
        ok(sofia.post(f"{path}/observe"))
        ok(ana.post(f"{path}/notes", json={"text": "fin"}))
        head = desk.head()
        reads = {"ana": (True, False), "sofia": (True, True), "root": (True, True), "luis": (False, False)}
        late = follow(stack, since)
        for name, (whisper, look) in reads.items():
            for follower in (live[name], late[name]):
                assert follower.seqs(head) == list(range(since + 1, head + 1)), name
                told = [frame for frame in follower.frames if "seq" in frame]
                kinds = [event["kind"] for event in told]
                assert ("supervision.whispered" in kinds) is whisper, name
                assert ("supervision.observed" in kinds) is look, name
                assert ("zanahoria" in str(told)) is whisper, name
    for name, (whisper, _look) in reads.items():
        with desk.client(token=tokens[name]) as client:
            thread = ok(client.get(f"{path}/messages"))["items"]
            assert any("zanahoria" in each["text"] for each in thread) is whisper, name
            found = ok(client.get("/conversations", params={"q": "zanahoria"}))["items"]
            assert bool(found) is whisper, name
            assert ("whispered" in str(ok(client.get("/events", params={"conversation": conversation})))) is whisper
            assert "zanahoria" not in str(ok(client.get(path))["row"]), "no list shows it"
