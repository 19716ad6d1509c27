"""A hundred thousand spoiled chat frames: each is read or refused, and none is the fault of the server."""

from __future__ import annotations

import contextlib
import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from websockets.exceptions import ConnectionClosed

from server.webchat import protocol
from tests.faults.audit import audit
from tests.fuzz.mutations import spoiled
from tests.fuzz.run import DOCUMENTS, dice
from tests.real_server import RealServer
from tests.webchat.visitor import SITE, Visitor, new_token

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

SENT = 1_500
#: good frames of every type
GOOD = (
    {"type": "hello", "visitor": "A" * 43, "since": 3, "epoch": "e", "name": "María"},
    {"type": "message", "ref": "r1", "text": "buenos días 😩", "name": "María"},
    {"type": "received", "ids": [1, 2, 3]},
    {"type": "read", "ids": [1]},
    {"type": "typing", "on": True},
    {"type": "earlier", "before": 9},
    {"type": "ping"},
)


def spoiled_frame(chance: random.Random) -> bytes:
    return spoiled(json.dumps(chance.choice(GOOD)), chance)


def test_each_is_read_or_refused(say: Callable[[str], None]) -> None:
    seed, chance = dice()
    read = 0
    for n in range(DOCUMENTS):
        frame = spoiled_frame(chance)
        try:
            protocol.decode(frame)
            read += 1
        except (msgspec.MsgspecError, UnicodeDecodeError):
            pass
        except Exception as error:
            raise AssertionError(f"FUZZ_SEED={seed} frame {n}: {frame[:3000]!r}") from error
    assert 0 < read < DOCUMENTS
    say(f"{DOCUMENTS} spoiled chat frames, {read} of them still good, seed {seed}")


def test_a_server_takes_them(tmp_path: Path, say: Callable[[str], None]) -> None:
    """On sockets that have said hello and on fresh ones; then a visitor chats as if nothing had been."""
    seed, chance = dice()
    ends: Counter[int] = Counter()
    with RealServer(tmp_path) as server:
        server.init().start().sign_in_all()
        with server.client("admin") as admin:
            made = admin.post("/channels", json={"kind": "webchat", "name": "web", "settings": {"origins": SITE}})
            assert made.is_success, made.text
        left, token = SENT, new_token()
        while left:
            greet = chance.random() < 0.8
            visitor = Visitor(server.url, "web", greet=greet, **({"visitor": token} if greet else {}))
            with contextlib.suppress(ConnectionClosed):
                for _ in range(chance.randint(1, 150)):
                    if not left:
                        break
                    left -= 1
                    frame = spoiled_frame(chance)
                    with contextlib.suppress(UnicodeDecodeError):
                        visitor.socket.send(frame if chance.random() < 0.2 else frame.decode())
            visitor.socket.close()
            ends[visitor.socket.close_code or 0] += 1
        assert protocol.OUR_FAULT not in ends, f"FUZZ_SEED={seed}: {ends}"
        last = Visitor(server.url, "web", visitor=new_token())
        assert last.write("¿siguen ahí?")["id"]
        last.socket.close()
        assert server.stop() == 0
        assert audit(server.data) == []
    say(f"{SENT} spoiled chat frames sent, sockets ended with {dict(ends)}, seed {seed}")
