"""Outgoing event webhooks: told in order, at least once, each by itself, until they are gone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest

from server import wire
from server.channels.standard_webhooks import Rejected, keys_of, new_secret, verify
from server.commands.door import SYSTEM
from server.commands.event_hooks import NoteUntold
from tests.routes.desk import Desk, open_desk, until

SECRET = new_secret()


class Receiver:
    """What takes events: verifies each, remembers it, and answers as it is told to (else 204)."""

    def __init__(self) -> None:
        self.secret = SECRET
        self.events: list[dict[str, Any]] = []
        self.ids: list[str] = []
        self.answers: list[int] = []
        self.forged = 0
        self.gate = threading.Event()
        self.gate.set()
        self.url = ""

    def take(self, headers: dict[str, str], body: bytes) -> int:
        self.gate.wait(30)
        try:
            id = verify(keys_of(self.secret), headers, body, time.time_ns() // 1_000_000)
        except Rejected:
            self.forged += 1
            return 401
        status = self.answers.pop(0) if self.answers else 204
        if status < 300:
            self.ids.append(id)
            self.events.append(msgspec.json.decode(body))
        return status

    @property
    def kinds(self) -> list[str]:
        return [event["kind"] for event in self.events]


@contextmanager
def listening() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self.send_response(receiver.take({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/events"
    try:
        yield receiver
    finally:
        receiver.gate.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as desk:
        desk.add_whatsapp()
        yield desk


def add(desk: Desk, receiver: Receiver, name: str = "crm", events: list[str] | None = None) -> None:
    body = {"name": name, "url": receiver.url, "secret": SECRET, "events": events or []}
    with desk.client("admin") as admin:
        made = admin.post("/event-hooks", json=body)
    assert made.status_code == 201, made.text
    assert "secret" not in made.json()


def show(desk: Desk, name: str = "crm") -> wire.EventHook:
    with desk.client("admin") as admin:
        return msgspec.json.decode(admin.get(f"/event-hooks/{name}").content, type=wire.EventHook)


def change(desk: Desk, name: str = "crm", **change: Any) -> None:
    with desk.client("admin") as admin:
        assert admin.patch(f"/event-hooks/{name}", json=change).is_success


def caught_up(desk: Desk, name: str = "crm") -> None:
    until(lambda: show(desk, name).behind == 0, "all told")


def test_every_event_once_in_order_as_the_feed_gives_it(desk: Desk) -> None:
    with listening() as receiver:
        add(desk, receiver)
        conversation = desk.receive("hola")
        with desk.client("advisor") as advisor:
            assert advisor.post(f"/conversations/{conversation}/notes", json={"text": "nota"}).is_success
        caught_up(desk)
        seqs = [event["seq"] for event in receiver.events]
        assert seqs == list(range(seqs[0], desk.head() + 1))
        assert receiver.kinds[0] == "hook.created"
        assert {"message.received", "note.added"} <= set(receiver.kinds)
        epoch = desk.read("SELECT value FROM meta WHERE key = 'epoch'")[0]["value"]
        assert receiver.ids == [f"evt_{epoch[:12]}_{seq}" for seq in seqs]
        received = receiver.events[receiver.kinds.index("message.received")]
        assert received["message"]["text"] == "hola"
        assert received["row"]["id"] == conversation


def test_only_the_kinds_it_wants(desk: Desk) -> None:
    with listening() as receiver:
        add(desk, receiver, events=["message.received", "sla.*"])
        desk.receive("uno")
        desk.receive("dos", phone="50370002222")
        until(lambda: receiver.kinds.count("sla.started") == 2)
        assert set(receiver.kinds) == {"message.received", "sla.started"}
        assert receiver.kinds.count("message.received") == 2


def test_it_is_tried_again_until_it_takes_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.desk.retry.BASE_MS", 20)
    with listening() as receiver:
        receiver.answers = [500, 429, 503, 302]
        add(desk, receiver, events=["message.received"])
        desk.receive("uno")
        desk.receive("dos")
        until(lambda: len(receiver.events) == 2)
        assert [event["message"]["text"] for event in receiver.events] == ["uno", "dos"]
        assert len(set(receiver.ids)) == 2
        until(lambda: show(desk).failures == 0)
        assert (show(desk).active, show(desk).problem, show(desk).failing_since) == (True, "", None)


def test_a_slow_one_delays_no_other_and_not_the_desk(desk: Desk) -> None:
    with listening() as slow, listening() as quick:
        slow.gate.clear()
        add(desk, slow, "slow")
        add(desk, quick, "quick")
        for n in range(5):
            desk.receive(f"{n}", phone=f"5037000000{n}")
        caught_up(desk, "quick")
        assert show(desk, "slow").behind > 5
        assert slow.events == []
        slow.gate.set()
        caught_up(desk, "slow")
        assert slow.events[-1]["seq"] == quick.events[-1]["seq"] == desk.head()


def test_gone_is_gone(desk: Desk) -> None:
    with listening() as receiver:
        receiver.answers = [410]
        add(desk, receiver)
        until(lambda: not show(desk).active)
        assert show(desk).problem == "HTTP 410"
        told = desk.read("SELECT data FROM events WHERE kind = 'hook.disabled'")
        assert len(told) == 1 and '"crm"' in told[0]["data"]
        desk.receive("meanwhile")
        change(desk, active=True)  # it goes on where it stopped
        caught_up(desk)
        assert receiver.kinds[0] == "hook.created" and "message.received" in receiver.kinds


def test_days_of_failure_switch_it_off(desk: Desk) -> None:
    with listening() as receiver:
        add(desk, receiver, events=["nothing.of_this_kind"])
        id = show(desk).id
        door = desk.running.services.door
        real = door.store.clock
        try:
            for days, active in ((0, True), (1, True), (2.9, True), (3.1, False)):
                door.store.clock = lambda days=days: real() + int(days * 86_400_000)  # type: ignore[misc]
                desk._do(NoteUntold(id=id, problem="HTTP 500", chance=0.5))
                assert show(desk).active is active, days
        finally:
            door.store.clock = real
        change(desk, active=True, skip=True)
        caught_up(desk)
        assert receiver.events == []


def test_a_changed_secret_and_a_wrong_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.desk.retry.BASE_MS", 20)
    with listening() as receiver:
        add(desk, receiver)
        caught_up(desk)
        new = new_secret()
        change(desk, secret=f"{new} {SECRET}")
        caught_up(desk)
        receiver.secret = new  # the receiver has moved to the new one
        desk.receive("ya")
        caught_up(desk)
        assert receiver.forged == 0
        receiver.secret = new_secret()
        desk.receive("nadie")
        until(lambda: receiver.forged > 0)
        until(lambda: show(desk).problem == "HTTP 401")  # written down after the answer
        with desk.client("admin") as admin:
            (check,) = admin.post("/event-hooks/crm/test").json()["items"]
            assert not check["ok"] and "HTTP 401" in check["detail"]
            receiver.secret = new
            (check,) = admin.post("/event-hooks/crm/test").json()["items"]
            assert check["ok"]
        assert "hook.test" in receiver.kinds


def test_it_goes_on_after_a_restart(tmp_path: Path) -> None:
    with listening() as receiver:
        with open_desk(tmp_path / "a") as desk:
            desk.add_whatsapp()
            add(desk, receiver)
            desk.receive("antes")
            caught_up(desk)
            folder = desk.running.services.door.store.folder
        from server.app import Settings, start

        with start(Settings(data=folder, port=0)) as running:
            head = running.services.door.store.read_now(lambda read: read.head())
            running.services.door.do_now(SYSTEM, NoteUntold(id=1, problem="x", chance=0.0))
            until(lambda: receiver.events[-1]["seq"] == head)
        assert [event["seq"] for event in receiver.events] == sorted({event["seq"] for event in receiver.events})


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Bad name"},
        {"url": "ftp://x"},
        {"secret": "short"},
        {"events": ["everything"]},
        {"events": ["message.received", "*.*"]},
    ],
    ids=str,
)
def test_what_cannot_be_set_up(desk: Desk, wrong: dict[str, Any]) -> None:
    body = {"name": "crm", "url": "https://example.com/", "secret": SECRET, **wrong}
    with desk.client("admin") as admin:
        answer = admin.post("/event-hooks", json=body)
        assert answer.status_code == 422, answer.text
        assert SECRET not in answer.text
        assert admin.get("/event-hooks").json()["items"] == []


def test_removed_is_told_nothing(desk: Desk) -> None:
    with listening() as receiver:
        add(desk, receiver)
        caught_up(desk)
        with desk.client("admin") as admin:
            again = {"name": "crm", "url": receiver.url, "secret": SECRET}
            assert admin.post("/event-hooks", json=again).json()["code"] == "name_taken"
            assert admin.delete("/event-hooks/crm").status_code == 204
        told = len(receiver.events)
        with listening() as other:
            add(desk, other, "other")
            desk.receive("hola")
            caught_up(desk, "other")
        assert len(receiver.events) <= told + 1  # hook.removed may have been on its way
