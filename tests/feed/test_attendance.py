"""Consoles on a real server: who is there follows from them, and work finds whoever comes."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from server.wire import ClientFrame
from tests.feed.follower import Follower
from tests.routes.desk import Desk, open_desk, until

#: lengths in ms that a test can wait for, and that a loaded machine does not pass by itself
SHORT, LONG = 700, 60_000


@pytest.fixture
def office(desk: Desk) -> Desk:
    """`desk` with luis, and a team of ana and luis that assigns by itself and gets what comes by WhatsApp."""
    desk.add_user("luis")
    with desk.client("admin") as admin:
        rules = {"members": ["ana", "luis"], "assignment": "automatic"}
        assert admin.patch("/teams/General", json=rules).is_success
        assert admin.patch("/channels/wa", json={"team": "General"}).is_success
    return desk


def knobs(desk: Desk, **change: int) -> None:
    with desk.client("admin") as admin:
        assert admin.patch("/service", json={"change": change}).is_success


def people(desk: Desk) -> dict[str, Any]:
    with desk.client("admin") as admin:
        return {one["user"]: one for one in admin.get("/availability").json()["items"]}


def is_(desk: Desk, name: str, state: str) -> bool:
    return bool(people(desk)[name].get("state", "offline") == state)


def say(desk: Desk, token: str, name: str, state: str) -> None:
    with desk.client(token=token) as client:
        answer = client.put(f"/availability/{name}", json={"state": state})
        assert answer.is_success, answer.text


def console(desk: Desk, name: str = "ana", ago: int = 0) -> Follower:
    """A console of somebody, touched this long ago."""
    follower = Follower(desk, desk.sign_in(name))
    follower.send(ClientFrame(touched=ago))
    return follower


def assignees(desk: Desk) -> list[str | None]:
    rows = desk.read("SELECT u.name FROM conversations c LEFT JOIN users u ON u.id = c.assignee_id ORDER BY c.id")
    return [row["name"] for row in rows]


def test_the_queue_drains_the_moment_somebody_signs_in(office: Desk) -> None:
    for n in range(7):
        office.receive(phone=f"5037000100{n}")
    with Follower(office, office.tokens["supervisor"]) as watching:
        assert assignees(office) == [None] * 7
        began = time.monotonic()
        with console(office, "ana"):
            came = watching.find("seq", kind="availability.changed")
            assert (came["data"]["user"], came["data"]["state"]) == ("ana", "online")
            given = [watching.find("seq", kind="conversation.assigned") for _ in range(5)]
            assert time.monotonic() - began < 5
            assert {event["data"]["user"] for event in given} == {"ana"}
            assert given[0]["row"]["assignee"] == "ana"
            with console(office, "luis"):
                rest = [watching.find("seq", kind="conversation.assigned") for _ in range(2)]
                assert {event["data"]["user"] for event in rest} == {"luis"}
    assert assignees(office) == ["ana"] * 5 + ["luis"] * 2


def test_room_that_frees_is_filled_at_once(office: Desk) -> None:
    knobs(office, capacity=1)
    with console(office, "ana") as ana:
        first, second = (office.receive(phone=f"5037000200{n}") for n in range(2))
        ana.find("seq", kind="conversation.assigned", conversation=first)
        with office.client("advisor") as client:
            assert client.post(f"/conversations/{first}/resolve", json={"outcome": "listo"}).is_success
        ana.find("seq", kind="conversation.assigned", conversation=second)


def test_a_feed_that_is_no_console_says_nothing_of_anybody(office: Desk) -> None:
    with Follower(office, office.sign_in("ana")) as script:
        script.send(ClientFrame(viewing=None))
        office.receive()
        script.find("seq", kind="message.received")
        assert is_(office, "ana", "offline")
        assert assignees(office) == [None]


def test_a_lost_connection_is_forgiven_for_a_while(office: Desk) -> None:
    knobs(office, gone_ms=SHORT)
    ana = console(office)
    until(lambda: is_(office, "ana", "online"))
    other = console(office)  # the same person elsewhere
    ana.cut()
    time.sleep(SHORT * 1.5 / 1000)  # one console is enough: nothing may happen, however long
    assert is_(office, "ana", "online")
    other.cut()
    assert is_(office, "ana", "online")
    until(lambda: is_(office, "ana", "offline"))
    assert people(office)["ana"]["why"] == "gone"
    changes = office.read("SELECT data FROM events WHERE kind = 'availability.changed'")
    assert len(changes) == 2


def test_a_reconnect_within_the_time_changes_nothing(office: Desk) -> None:
    knobs(office, gone_ms=LONG)
    ana = console(office)
    until(lambda: is_(office, "ana", "online"))
    say(office, office.tokens["advisor"], "ana", "busy")
    ana.cut()
    with console(office):
        assert is_(office, "ana", "busy")
        assert len(office.read("SELECT 1 FROM events WHERE kind = 'availability.changed'")) == 2


def test_hands_off_the_keys_is_away_and_a_key_brings_back(office: Desk) -> None:
    knobs(office, away_ms=SHORT)
    with console(office) as ana:
        assert ana.find("seq", kind="availability.changed")["data"]["state"] == "online"
        idle = ana.find("seq", kind="availability.changed")["data"]
        assert (idle["state"], idle["why"]) == ("away", "idle")
        assert idle["lasted"] >= SHORT - 100
        ana.send(ClientFrame(touched=0))
        assert ana.find("seq", kind="availability.changed")["data"]["why"] == "key"


def test_a_console_that_nobody_touches_brings_nobody_online(office: Desk) -> None:
    """A laptop that wakes at night connects again; nobody sits in front of it."""
    with console(office, ago=8 * 3_600_000) as ana:
        office.receive()
        ana.find("seq", kind="message.received")
        assert is_(office, "ana", "offline")
        ana.send(ClientFrame(touched=0))
        ana.find("seq", kind="conversation.assigned")


def test_signing_out_is_leaving(office: Desk) -> None:
    with office.client("admin") as admin:
        assert admin.patch("/teams/General", json={"on_leave": "colleague", "leave_after_ms": LONG * 60}).is_success
    token = office.sign_in("luis")
    with Follower(office, token) as luis, Follower(office, office.tokens["supervisor"]) as watching:
        luis.send(ClientFrame(touched=0))
        id = office.receive()
        luis.find("seq", kind="conversation.assigned")
        with console(office, "ana"):
            until(lambda: is_(office, "ana", "online"))
            with office.client(token=token) as client:
                assert client.delete("/sessions/current").is_success
            assert luis.ended() == 4001
            assert is_(office, "luis", "offline")
            while True:
                event = watching.find("seq", kind="conversation.assigned", conversation=id)
                if event["data"]["how"] == "left":
                    break
            assert (event["data"]["user"], event["data"]["why"]) == ("ana", "offline")


def test_a_restart_keeps_everybody_and_no_ghosts(tmp_path: Path) -> None:
    with open_desk(tmp_path) as desk:
        desk.add_user("luis")
        knobs(desk, gone_ms=SHORT)
        ana, luis = console(desk), console(desk, "luis")
        until(lambda: is_(desk, "ana", "online") and is_(desk, "luis", "online"))
        tokens = dict(desk.tokens)
        del ana, luis
    from server.app import Settings, start  # a second life on the same folder, without making its people again

    with start(Settings(data=tmp_path, port=0)) as running:
        again = Desk.__new__(Desk)
        again.running, again.url, again.tokens = running, running.url, tokens
        assert is_(again, "ana", "online") and is_(again, "luis", "online")
        with console(again):
            until(lambda: is_(again, "luis", "offline"))
            assert is_(again, "ana", "online")


def test_twenty_claims_have_one_winner_and_the_rules_take_no_part(office: Desk) -> None:
    """All twenty press at once while the rules give out too: each conversation is somebody's once, capacity holds."""
    knobs(office, capacity=3)
    names = [f"p{n}" for n in range(20)]
    for name in names:
        office.add_user(name)
    tokens = {name: office.sign_in(name) for name in names}
    ids = [office.receive(phone=f"5037000{n:04}") for n in range(4)]
    won: list[tuple[int, str]] = []
    start = threading.Barrier(len(names) + 1)

    def claim(name: str) -> None:
        with office.client(token=tokens[name]) as client:
            start.wait()
            for id in ids:
                if client.post(f"/conversations/{id}/claim").is_success:
                    won.append((id, name))

    threads = [threading.Thread(target=claim, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    start.wait()
    with console(office, "ana"), console(office, "luis"):
        for thread in threads:
            thread.join()
        until(lambda: None not in assignees(office))
    by_hand = dict(won)
    assert len(by_hand) == len(won)
    found = dict(zip(ids, assignees(office), strict=True))
    assert all(found[id] == name for id, name in won)
    assert all(found[id] in ("ana", "luis") for id in ids if id not in by_hand)
    told = office.read(
        "SELECT conversation_id AS id, count(*) AS n FROM events WHERE kind = 'conversation.claimed' OR"
        " (kind = 'conversation.assigned' AND json_extract(data, '$.how') = 'auto') GROUP BY conversation_id"
    )
    assert {row["id"]: row["n"] for row in told} == dict.fromkeys(ids, 1)
    assert all(people(office)[name]["load"] <= 300 for name in ("ana", "luis"))
