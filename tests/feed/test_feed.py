"""The feed over real sockets: where it goes on, what it tells, whom it drops."""

from __future__ import annotations

import contextlib
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from server.wire import API, ClientFrame
from tests.feed.follower import Follower
from tests.routes.desk import Desk, open_desk, until


def epoch(desk: Desk) -> str:
    return str(desk.read("SELECT value FROM meta WHERE key = 'epoch'")[0]["value"])


# ---------------------------------------------------------------- where it goes on


def test_who_knows_nothing_is_told_to_load(desk: Desk) -> None:
    with Follower(desk) as console:
        reset = console.greeting["reset"]
        assert reset["reason"] == "new_epoch"
        assert (reset["head"], reset["epoch"]) == (desk.head(), epoch(desk))
        assert abs(reset["now"] - desk.running.services.door.store.clock()) < 60_000


def test_who_comes_back_gets_what_it_missed(desk: Desk) -> None:
    since = desk.head()
    for n in range(5):
        desk.receive(f"hola {n}")
    with Follower(desk, since=since, epoch=epoch(desk)) as console:
        head = desk.head()
        assert console.greeting["resume"] | {"now": 0} == {
            "since": since,
            "head": head,
            "epoch": epoch(desk),
            "now": 0,
        }
        assert console.seqs(head) == list(range(since + 1, head + 1))
        desk.receive("y ahora")
        assert console.seqs(desk.head()) == list(range(since + 1, desk.head() + 1))


@pytest.mark.parametrize(("ahead", "wrong_epoch"), [(0, True), (1, False), (2**52, False)])
def test_a_place_in_another_journal_is_no_place(desk: Desk, ahead: int, wrong_epoch: bool) -> None:
    known = "another epoch" if wrong_epoch else epoch(desk)
    with Follower(desk, since=desk.head() + ahead, epoch=known) as console:
        assert console.greeting["reset"]["reason"] == "new_epoch"
        conversation = desk.receive("hola")
        assert console.find("seq", kind="message.received")["conversation"] == conversation


def test_who_is_too_far_behind_loads_anew(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.feed.hub.TOO_FAR", 5)
    for n in range(4):
        desk.receive(f"hola {n}")
    head = desk.head()
    with (
        Follower(desk, since=head - 6, epoch=epoch(desk)) as far,
        Follower(desk, since=head - 5, epoch=epoch(desk)) as near,
    ):
        assert far.greeting["reset"]["reason"] == "too_far"
        assert far.greeting["reset"]["head"] == head
        assert near.greeting["resume"]["since"] == head - 5
        desk.receive("otra")
        assert far.seqs(desk.head()) == list(range(head + 1, desk.head() + 1))


def test_a_list_and_the_feed_fit_together(desk: Desk) -> None:
    """What a page is `as_of` is where the feed goes on: nothing between is lost."""
    with desk.client("advisor") as ana:
        page = ana.get("/conversations").json()
        desk.receive("justo ahora")
        with Follower(desk, since=page["as_of"], epoch=epoch(desk)) as console:
            assert console.seqs(desk.head())[0] == page["as_of"] + 1


# ---------------------------------------------------------------- what it tells


def test_an_event_comes_with_its_row_and_its_message(desk: Desk) -> None:
    with Follower(desk) as console, desk.client("advisor") as ana:
        conversation = desk.receive("buenos días")
        event = console.find("seq", kind="message.received")
        shown = ana.get(f"/conversations/{conversation}").json()
        row = {name: value for name, value in shown["row"].items() if name != "seen"}
        assert {name: value for name, value in row.items() if value or name in event["row"]} == event["row"] | {
            name: value for name, value in row.items() if value
        }
        assert event["message"]["text"] == "buenos días"
        assert event["conversation"] == event["message"]["conversation"] == conversation
        assert "seen" not in event["row"], "how far somebody has read is their own business"


def test_everybody_hears_of_everything_in_the_same_order(desk: Desk) -> None:
    consoles = [Follower(desk) for _ in range(6)]
    for n in range(10):
        desk.receive(f"hola {n}", f"503700000{n % 3}")
    head = desk.head()
    heard = [console.seqs(head) for console in consoles]
    for console in consoles:
        console.cut()
    assert all(seqs == heard[0] for seqs in heard)
    assert heard[0] == list(range(heard[0][0], head + 1))


def test_the_heartbeat_says_where_the_journal_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.feed.hub.HEARTBEAT", 0.1)
    with open_desk(tmp_path) as desk, Follower(desk) as console:
        first = console.find("heartbeat")["heartbeat"]
        assert first["head_seq"] == desk.head()
        desk.add_whatsapp()
        desk.receive("hola")
        console.find("heartbeat", head_seq=desk.head())
        assert console.seqs(0)[-1] == desk.head(), "the events came before the heartbeat that speaks of them"
        assert console.find("heartbeat")["heartbeat"]["now"] > first["now"]


def test_counts_come_at_first_and_when_they_change(desk: Desk) -> None:
    with Follower(desk) as ana, Follower(desk, desk.tokens["supervisor"]) as sofia, desk.client("advisor") as api:
        assert ana.find("counts")["counts"] == {"mine": 0, "unassigned": 0, "open": 0, "waiting": 0}
        conversation = desk.receive("hola")
        ana.find("counts", mine=0, unassigned=1, open=1)
        sofia.find("counts", mine=0, unassigned=1, open=1)
        api.post(f"/conversations/{conversation}/claim")
        ana.find("counts", mine=1, unassigned=0, open=1)
        sofia.find("counts", mine=0, unassigned=0, open=1)
        api.post(f"/conversations/{conversation}/notes", json={"text": "nota"})
        assert ana.quiet("counts"), "a note changes no count"
        assert api.get("/conversations/counts").json() == ana_counts(ana)


def ana_counts(console: Follower) -> object:
    return next(frame["counts"] for frame in reversed(console.frames) if "counts" in frame)


def test_a_thousand_events_come_in_order_to_who_was_away(desk: Desk) -> None:
    """More than a page and more than the ring holds after a restart: all of it comes from the store."""
    since = desk.head()
    conversation = desk.receive("hola")
    with desk.client("advisor") as ana:
        for n in range(700):
            ana.post(f"/conversations/{conversation}/notes", json={"text": f"nota {n}"})
    with Follower(desk, since=since, epoch=epoch(desk)) as console:
        assert console.seqs(desk.head()) == list(range(since + 1, desk.head() + 1))


# ---------------------------------------------------------------- presence


def test_two_advisors_on_one_conversation_see_each_other(desk: Desk) -> None:
    conversation = desk.receive("hola")
    with Follower(desk) as ana, Follower(desk, desk.tokens["supervisor"]) as sofia:
        ana.send(ClientFrame(viewing=conversation))
        sofia.find("presence", conversation=conversation, viewing=["ana"])
        sofia.send(ClientFrame(viewing=conversation, typing=True))
        ana.find("presence", conversation=conversation, viewing=["ana", "sofia"], typing=["sofia"])
        sofia.send(ClientFrame(typing=False))
        ana.find("presence", conversation=conversation, viewing=["ana", "sofia"], typing=[])
        sofia.send(ClientFrame(viewing=None))
        ana.find("presence", conversation=conversation, viewing=["ana"], typing=[])


def test_who_goes_away_is_gone_and_who_comes_is_told(desk: Desk) -> None:
    conversation = desk.receive("hola")
    with Follower(desk) as ana:
        ana.send(ClientFrame(viewing=conversation, typing=True))
        ana.find("presence", viewing=["ana"], typing=["ana"])
        with Follower(desk, desk.tokens["supervisor"]) as sofia:
            sofia.find("presence", conversation=conversation, viewing=["ana"], typing=["ana"])
            ana.cut()
            sofia.find("presence", conversation=conversation, viewing=[], typing=[])


def test_presence_is_told_only_when_it_changes(desk: Desk) -> None:
    conversation = desk.receive("hola")
    with Follower(desk) as ana, Follower(desk, desk.tokens["supervisor"]) as sofia:
        ana.send(ClientFrame(viewing=conversation))
        sofia.find("presence", viewing=["ana"])
        for _ in range(5):
            ana.send(ClientFrame(viewing=conversation))
            ana.send(ClientFrame())
        assert sofia.quiet("presence")


def test_a_customer_who_types_is_seen(desk: Desk) -> None:
    conversation = desk.receive("hola")
    services = desk.running.services
    loop = desk.running._server.servers[0].get_loop()
    with Follower(desk) as ana:
        loop.call_soon_threadsafe(services.hub.customer_typing, conversation, True)
        ana.find("presence", conversation=conversation, customer_typing=True)
        loop.call_soon_threadsafe(services.hub.customer_typing, conversation, False)
        ana.find("presence", conversation=conversation, customer_typing=False)


def test_who_listens_for_typing_hears_of_each_advisor(desk: Desk) -> None:
    conversation = desk.receive("hola")
    heard: list[tuple[int, bool]] = []
    desk.running.services.hub.on_typing(lambda conversation, typing: heard.append((conversation, typing)))
    with Follower(desk) as ana:
        for _ in range(2):
            ana.send(ClientFrame(viewing=conversation, typing=True))
        until(lambda: heard == [(conversation, True)] * 2, "the typing, each time it is said")
        ana.find("presence", typing=["ana"])
        ana.send(ClientFrame(typing=False))
        until(lambda: heard[2:] == [(conversation, False)], "its end, once")


# ---------------------------------------------------------------- who is let in, and for how long


def test_the_handshake_needs_a_token(desk: Desk) -> None:
    address = f"ws://127.0.0.1:{desk.running.port}{API}/feed"
    for headers in ({}, {"Authorization": "Bearer nonsense"}):
        with pytest.raises(InvalidStatus) as refused, connect(address, additional_headers=headers, proxy=None):
            pass
        assert refused.value.response.status_code == 401
        assert b"unauthenticated" in bytes(refused.value.response.body or b"")
    with pytest.raises(InvalidStatus), connect(f"{address}?token={desk.tokens['advisor']}", proxy=None):
        pass
    assert httpx.get(f"{desk.url}{API}/feed").status_code == 404


def test_signing_out_closes_the_feed(desk: Desk) -> None:
    token = desk.sign_in("ana")
    with Follower(desk, token) as console, Follower(desk) as other, desk.client(token=token) as ana:
        assert ana.delete("/sessions/current").is_success
        assert console.ended() == 4001
        desk.receive("hola")
        other.find("seq", kind="message.received")


def test_switching_somebody_off_closes_their_feed(desk: Desk) -> None:
    with Follower(desk) as console, desk.client("admin") as admin:
        assert admin.patch("/users/ana", json={"active": False}).is_success
        assert console.ended() == 4001


def test_a_session_that_runs_out_closes_the_feed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.feed.hub.SESSIONS", 0.1)
    monkeypatch.setattr("server.routes.auth.CACHE_SECONDS", 0.0)
    with open_desk(tmp_path) as desk, Follower(desk, desk.sign_in("ana", lasts_ms=1500)) as console:
        assert console.ended() == 4001


# ---------------------------------------------------------------- what clients may send


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("not json", 4002),
        ('{"viewing": "everything"}', 4002),
        ("[]", 4002),
        ('{"viewing": 1, "padding": "' + "x" * 4096 + '"}', 1009),
        (b"\xff\x00", 4002),
    ],
)
def test_frames_that_are_none_close_the_feed(desk: Desk, frame: str | bytes, code: int) -> None:
    with Follower(desk) as console:
        console.socket.send(frame)
        assert console.ended() == code


def test_a_flood_of_frames_closes_the_feed(desk: Desk) -> None:
    with Follower(desk) as console, Follower(desk) as other:
        with contextlib.suppress(ConnectionClosed):  # the server may hang up before the last one
            for _ in range(200):
                console.socket.send("{}")
        assert console.ended() == 4003
        desk.receive("hola")
        other.find("seq", kind="message.received")


def test_without_a_hello_there_is_no_feed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with Follower(desk, hello=False) as console:
        console.socket.send('{"viewing": 1}')
        assert console.ended() == 4002
    monkeypatch.setattr("server.feed.socket.HELLO_SECONDS", 0.1)
    with Follower(desk, hello=False) as console:
        assert console.ended() == 4002


def test_closed_feeds_are_counted(desk: Desk) -> None:
    with Follower(desk) as console:
        console.socket.send("not json")
        console.ended()
    until(
        lambda: 'agent_console_feed_closed_total{code="4002"} 1.0' in httpx.get(f"{desk.url}/metrics").text,
        "the count",
    )
    until(lambda: "agent_console_feed_clients 0.0" in httpx.get(f"{desk.url}/metrics").text, "nobody left")
