"""The chat's protocol, spoken to a real server over real sockets."""

from __future__ import annotations

import json
import queue
import re
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.real_server import RealServer
from tests.webchat.desk import Desk
from tests.webchat.visitor import PATIENCE, SITE, Visitor, new_token

MakeDesk = Callable[..., Desk]


def in_order(visitor: Visitor) -> list[str]:
    """What the visitor reads, in its order."""
    return [m["text"] for m in sorted(visitor.messages.values(), key=lambda m: m["order"])]


def everything(visitor: Visitor) -> str:
    """All that ever reached the visitor, as one text."""
    return json.dumps(visitor.seen, ensure_ascii=False)


# ---------------------------------------------------------------- writing


def test_first_visit_gives_a_token_and_stores_nothing(desk: Desk) -> None:
    with desk.visitor() as visitor:
        assert len(visitor.token) == 43
        assert visitor.welcome["messages"] == []
        assert visitor.welcome["reset"] is True and visitor.welcome["earlier"] is False
    assert desk.conversations() == []


def test_message_is_stored_once_however_often_it_is_sent(desk: Desk) -> None:
    with desk.visitor() as visitor:
        first = visitor.write("Buenos días", ref="r-1")
        again = visitor.write("Buenos días", ref="r-1")
    assert again == first
    with desk.visitor(visitor=visitor.token) as back:
        assert back.write("Buenos días", ref="r-1") == first
        assert in_order(back) == ["Buenos días"]
    (message,) = desk.messages()
    assert message["id"] == first["id"] and message["direction"] == "in" and message["text"] == "Buenos días"


def test_refs_of_different_visitors_do_not_meet(desk: Desk) -> None:
    with desk.visitor() as one, desk.visitor() as two:
        assert one.write("from one", ref="same")["id"] != two.write("from two", ref="same")["id"]
    assert len(desk.conversations()) == 2


def test_name_becomes_the_contacts(desk: Desk) -> None:
    with desk.visitor(name="  María \n Ramos ") as visitor:
        visitor.write("Hola")
    (row,) = desk.conversations()
    assert row["contact_name"] == "María Ramos"
    assert row["channel_kind"] == "webchat" and row["state"] == "queued"


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("<script>alert('x')</script>\x1b[31m‮", "<script>alert('x')</script>\x1b[31m‮"),  # kept as it came: shown safely
        ("a\x00b", "ab"),
        ("  two\nlines \n", "two\nlines"),
        ("ñ👍🏽" * 3_000, "ñ👍🏽" * 3_000),
        ("\x01" * 10_000, "\x01" * 10_000),  # the longest there is when escaped
    ],
    ids=["hostile", "nul", "blanks", "wide", "escaped"],
)
def test_text_arrives_as_it_is(desk: Desk, text: str, stored: str) -> None:
    with desk.visitor() as visitor:
        visitor.write(text)
    assert desk.texts() == [stored]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"type": "message", "ref": "r1", "text": "x" * 10_001}, "too_long"),
        ({"type": "message", "ref": "r1", "text": " \n\x00"}, "empty"),
        ({"type": "message", "ref": "no blanks", "text": "hi"}, "invalid"),
        ({"type": "message", "ref": "", "text": "hi"}, "invalid"),
        ({"type": "message", "ref": 7, "text": "hi"}, "invalid"),
        ({"type": "message", "ref": "r1"}, "invalid"),
        ({"type": "read", "ids": [2**60]}, "invalid"),
        ({"type": "read", "ids": [-1]}, "invalid"),
        ({"type": "received", "ids": list(range(1, 300))}, "invalid"),
        ({"type": "read", "ids": "all"}, "invalid"),
        ({"type": "no such thing"}, "invalid"),
        ({}, "invalid"),
        ([], "invalid"),
    ],
    ids=str,
)
def test_senseless_frames_are_refused_and_the_line_holds(desk: Desk, frame: Any, code: str) -> None:
    with desk.visitor() as visitor:
        visitor.socket.send(json.dumps(frame))
        error = visitor.wait("error")
        assert error["code"] == code and "retry_ms" not in error
        visitor.write("still here")
    assert desk.texts() == ["still here"]


def test_broken_json_is_refused_and_the_line_holds(desk: Desk) -> None:
    with desk.visitor() as visitor:
        for broken in ('{"type": "message", "ref": "r1", "text": "\\ud83d"}', "{", "", "null"):
            visitor.socket.send(broken)
            assert visitor.wait("error")["code"] == "invalid"
        visitor.ping()


def test_what_is_not_our_protocol_ends_the_socket(desk: Desk) -> None:
    for first in ('{"type": "ping"}', '{"type": "hello", "visitor": "short"}', "GET / HTTP/1.1", b"\x00\x01"):
        with desk.visitor(greet=False) as stranger:
            stranger.socket.send(first)
            assert stranger.closed() == 4400
    with desk.visitor() as twice:
        twice.say("hello", visitor=twice.token)
        assert twice.closed() == 4400


def test_large_frames_end_the_socket(desk: Desk) -> None:
    for size, codes in ((70_000, {4413}), (1_000_000, {1009, 4413})):
        with desk.visitor() as visitor:
            visitor.say("message", ref="r1", text="x" * size)
            assert visitor.closed() in codes


def test_flood_is_slowed_down_and_nothing_is_lost(desk: Desk) -> None:
    texts = [f"message {n}" for n in range(14)]
    with desk.visitor() as visitor:
        for n, text in enumerate(texts):
            visitor.say("message", ref=f"r{n}", text=text)
        visitor.ping()
        refused = [f["ref"] for f in visitor.seen if f["type"] == "error"]
        assert refused == [f"r{n}" for n in range(10, 14)]
        assert {f["code"] for f in visitor.seen if f["type"] == "error"} == {"rate_limited"}
        for ref in refused:  # a client that does as it is told
            acknowledged = False
            while not acknowledged:
                visitor.say("message", ref=ref, text=texts[int(ref[1:])])
                answer = visitor.wait_either("ack", "error", ref)
                acknowledged = answer["type"] == "ack"
                if not acknowledged:
                    visitor.pause(answer["retry_ms"] / 1000)
    assert desk.texts() == texts


# ---------------------------------------------------------------- answers


def test_answer_is_pushed_and_its_receipts_come_back(desk: Desk) -> None:
    with desk.visitor() as visitor:
        visitor.write("Hola")
        sent = desk.reply("Buenos días, ¿en qué le ayudo?")
        answer = visitor.wait_for_text("Buenos días, ¿en qué le ayudo?")
        assert answer["id"] == sent and answer["from"] == "agent" and answer["author"] == "Ana Morales"
        desk.wait_for_status(sent, "sent")
        visitor.say("received", ids=[sent])
        desk.wait_for_status(sent, "delivered")
        visitor.say("read", ids=[sent])
        desk.wait_for_status(sent, "read")
        visitor.say("received", ids=[sent])  # late: changes nothing
        visitor.ping()
        desk.wait_for_status(sent, "read")


def test_late_receipts_do_not_move_an_answer(desk: Desk) -> None:
    with desk.visitor() as visitor:
        visitor.write("Hola")
        sent = desk.reply("Buenos días")
        visitor.wait_for_text("Buenos días")
        visitor.write("gracias")
        visitor.say("received", ids=[sent])
        visitor.say("read", ids=[sent])
        desk.wait_for_status(sent, "read")
    with desk.visitor(visitor=visitor.token) as back:
        assert in_order(back) == ["Hola", "Buenos días", "gracias"]
        assert back.messages[sent]["status"] == "read"


def test_nobody_confirms_what_others_were_sent(desk: Desk) -> None:
    with desk.visitor() as visitor, desk.visitor() as stranger:
        visitor.write("Hola")
        conversation = desk.conversation()
        sent = desk.reply("for the first only")
        visitor.wait_for_text("for the first only")
        stranger.write("me too")
        stranger.say("read", ids=[sent])
        stranger.ping()
        assert [m["status"] for m in desk.messages(conversation) if m["id"] == sent] == ["sent"]
        assert "for the first only" not in everything(stranger)
    with desk.visitor(visitor=stranger.token) as back:
        assert in_order(back) == ["me too"]


def test_every_tab_of_a_visitor_shows_the_same(desk: Desk) -> None:
    token = new_token()
    with desk.visitor(visitor=token) as one, desk.visitor(visitor=token) as two:
        one.write("from one", ref="r1")
        assert two.wait_for_text("from one")["ref"] == "r1"
        two.write("from two")
        sent = desk.reply("to both")
        for tab in (one, two):
            tab.wait_for_text("to both")
        two.say("read", ids=[sent])
        one.wait("messages", lambda f: [m["status"] for m in f["messages"] if m["id"] == sent] == ["read"])
        one.wait_for_text("from two")
        assert in_order(one) == in_order(two) == ["from one", "from two", "to both"]


def test_internal_notes_never_reach_the_visitor(desk: Desk) -> None:
    secret = "secret: check the identity first"
    with desk.visitor() as visitor:
        visitor.write("Hola")
        visitor.wait_for_text("Hola")
        before = visitor.cursor
        conversation = desk.conversation()
        desk.act(f"/conversations/{conversation}/notes", text=secret)
        desk.reply("visible")
        desk.act(f"/conversations/{conversation}/notes", text=secret)
        visitor.wait_for_text("visible")
        visitor.say("earlier", before=2**53)
        visitor.wait("history")
        visitor.ping()
    with desk.visitor(**before) as returning, desk.visitor(visitor=visitor.token) as reloaded:
        returning.ping()
        for one in (visitor, returning, reloaded):
            assert "secret" not in everything(one)
        assert in_order(returning) == ["visible"]
        assert in_order(reloaded) == ["Hola", "visible"]
    assert secret in desk.texts("note")


def test_held_answers_show_when_they_leave_and_taken_back_ones_never(desk: Desk) -> None:
    with desk.visitor() as visitor:
        visitor.write("Hola")
        held = desk.reply("do not show this", hold_ms=60_000)
        visitor.write("Are you there?")
        desk.act(f"/messages/{held}/cancel")
        desk.reply("a moment, please", hold_ms=300)
        visitor.write("ok")
        visitor.wait_for_text("a moment, please")
        # the answer was written before the last word and left after it: it stands where the visitor saw it come
        expected = ["Hola", "Are you there?", "ok", "a moment, please"]
        assert in_order(visitor) == expected
        assert "do not show this" not in everything(visitor)
    with desk.visitor(visitor=visitor.token) as back:
        assert in_order(back) == expected


def test_next_conversation_continues_the_same_chat(desk: Desk) -> None:
    with desk.visitor() as visitor:
        visitor.write("Hola")
        conversation = desk.conversation()
        desk.reply("Adiós")
        visitor.wait_for_text("Adiós")
        desk.act(f"/conversations/{conversation}/resolve")
        visitor.write("one more thing")
    with desk.visitor(visitor=visitor.token) as back:
        assert in_order(back) == ["Hola", "Adiós", "one more thing"]


# ---------------------------------------------------------------- coming back


def test_returning_visitor_gets_what_was_missed_and_no_more(desk: Desk) -> None:
    with desk.visitor() as visitor:
        visitor.write("Hola")
        desk.reply("first")
        visitor.wait_for_text("first")
        cursor = visitor.cursor
    desk.reply("second")
    third = desk.reply("third")
    desk.wait_for_status(third, "sent")
    with desk.visitor(**cursor) as back:
        assert back.welcome["reset"] is False
        assert in_order(back) == ["second", "third"]
    with desk.visitor(**back.cursor) as again:
        assert again.welcome["messages"] == [] and again.welcome["reset"] is False


@pytest.mark.parametrize(
    "cursor", [{"epoch": "another journal"}, {"since": 2**60}, {"since": -5}, {"since": 0}], ids=str
)
def test_unusable_cursor_starts_over(desk: Desk, cursor: dict[str, Any]) -> None:
    with desk.visitor() as visitor:
        visitor.write("Hola")
    with desk.visitor(**{**visitor.cursor, **cursor}) as back:
        assert back.welcome["reset"] is True
        assert in_order(back) == ["Hola"]


def test_long_histories_come_in_pages(desk: Desk) -> None:
    with desk.visitor() as visitor:
        visitor.write("Hola")
        answers = [f"answer {n}" for n in range(120)]
        for answer in answers:
            desk.reply(answer)
        visitor.wait_for_text(answers[-1])
    with desk.visitor(visitor=visitor.token) as back:
        assert in_order(back) == answers[-50:]
        assert back.welcome["earlier"] is True
        pages = 0
        while back.seen[-1].get("earlier", True):
            back.say("earlier", before=min(m["order"] for m in back.messages.values()))
            back.wait("history")
            pages += 1
        assert in_order(back) == ["Hola", *answers]
        assert pages == 2


def test_nothing_is_lost_or_doubled_when_the_server_is_killed(real_server: RealServer) -> None:
    with Desk(real_server) as desk:
        be_killed(desk)


def be_killed(desk: Desk) -> None:
    with desk.visitor() as visitor:
        acked = [visitor.write(f"before {n}", ref=f"b{n}") for n in range(4)]
        desk.reply("an answer")
        visitor.wait_for_text("an answer")
        cursor = visitor.cursor
        visitor.say("message", ref="b4", text="on the way")  # nobody knows whether it arrived
        desk.server.kill()
    desk.server.start()
    with desk.visitor(**cursor) as back:
        assert back.welcome["reset"] is False
        for n in range(4):
            assert back.write(f"before {n}", ref=f"b{n}")["id"] == acked[n]["id"]
        back.write("on the way", ref="b4")
        back.write("after", ref="b5")
    with desk.visitor(visitor=visitor.token) as reloaded:
        expected = [*(f"before {n}" for n in range(4)), "an answer", "on the way", "after"]
        assert in_order(reloaded) == expected
    assert desk.texts() == [text for text in expected if text != "an answer"]


# ---------------------------------------------------------------- who may


def handshake(desk: Desk, origin: str | None, name: str = "") -> int:
    """The HTTP status of a handshake; 101 if the socket opened."""
    try:
        Visitor(desk.server.url, name or desk.name, origin=origin).close()
    except InvalidStatus as error:
        return error.response.status_code
    return 101


def test_only_allowed_sites_may_connect(make_desk: MakeDesk) -> None:
    desk = make_desk(origins="https://www.coop.example, https://*.shop.example")
    port = desk.server.url.rpartition(":")[2]
    assert handshake(desk, "https://www.coop.example") == 101
    assert handshake(desk, "https://a.shop.example") == 101
    assert handshake(desk, f"http://127.0.0.1:{port}") == 101  # our own demo page
    for origin in ("https://evil.example", "http://www.coop.example", "https://shop.example", "null", None):
        assert handshake(desk, origin) == 403, origin
    assert handshake(make_desk(origins="*"), None) == 101


def test_unknown_chats_are_not_found(desk: Desk) -> None:
    assert handshake(desk, SITE, "no-such-chat") == 404


def test_switching_a_chat_off_ends_it(desk: Desk) -> None:
    with desk.visitor() as visitor, desk.server.client("admin") as admin:
        visitor.write("Hola")
        assert admin.patch(f"/channels/{desk.name}", json={"active": False}).is_success
        assert visitor.closed() == 4404
        assert handshake(desk, SITE) == 404
        assert admin.patch(f"/channels/{desk.name}", json={"active": True}).is_success
        with desk.visitor(visitor=visitor.token) as back:
            assert in_order(back) == ["Hola"]


def test_handshakes_that_are_no_websocket_do_no_harm(desk: Desk) -> None:
    port = int(desk.server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(f"GET /chat/{desk.name}/socket HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        assert line.recv(4096).startswith(b"HTTP/1.1 404")
    with desk.visitor() as visitor:
        visitor.ping()


def test_the_documents_small_client_works(desk: Desk) -> None:
    page = (Path(__file__).parents[2] / "docs/channels/webchat.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.S)
    code = code.replace("wss://chat.example.com/chat/web", f"ws{desk.server.url.removeprefix('http')}/chat/{desk.name}")
    code = code.replace("https://www.example.com", SITE)
    printed: queue.SimpleQueue[str] = queue.SimpleQueue()
    ended: queue.SimpleQueue[BaseException] = queue.SimpleQueue()

    def run() -> None:
        try:
            exec(code, {"print": lambda *words: printed.put(" ".join(map(str, words)))})
        except BaseException as error:
            ended.put(error)

    client = threading.Thread(target=run, daemon=True)
    client.start()
    assert printed.get(timeout=PATIENCE).startswith("stored as ")
    assert desk.texts() == ["Buenos días"]
    answer = desk.reply("Buenos días, dígame")
    assert printed.get(timeout=PATIENCE) == "Buenos días, dígame"
    desk.wait_for_status(answer, "read")
    with desk.server.client("admin") as admin:
        assert admin.patch(f"/channels/{desk.name}", json={"active": False}).is_success
    assert isinstance(ended.get(timeout=PATIENCE), ConnectionClosed)
    client.join(PATIENCE)
