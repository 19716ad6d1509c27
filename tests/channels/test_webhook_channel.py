"""The webhook channel: signatures (forged, old, replayed, rotated), what it reads, what it sends, and its guide."""

from __future__ import annotations

import base64
import copy
import os
import random
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.channels import webhook_parse
from server.channels.base import BadSettings, Call, NotGenuine, Outgoing, OutgoingFile, Refused, SendError, TryAgain
from server.channels.standard_webhooks import TOLERANCE, headers, keys_of, new_secret
from server.channels.webhook import FILE_LIMIT, FILES, TEXT_LIMIT, Webhook
from server.commands.channels import CreateChannel
from server.facts import (
    REASONS,
    Address,
    EditFact,
    Fact,
    MessageFact,
    ReactionFact,
    RevokeFact,
    StatusFact,
    Unreadable,
)
from server.sandbox.webhook import Fault, Partner, Settings, serve, sign
from server.wire import NewChannel
from tests.channels.telegram_updates import NOW
from tests.channels.test_whatsapp_total import JUNK, places
from tests.routes.desk import Desk, open_desk, until

SECRET, OTHER = Settings().secret, new_secret()
GUIDE = (Path(__file__).resolve().parents[2] / "docs/channels/webhook.md").read_text()


def channel(secret: str = SECRET, url: str = "") -> Webhook:
    return Webhook({"secret": secret, "url": url})


def call(
    body: bytes,
    secret: str = SECRET,
    *,
    id: str = "msg_1",
    at: int = NOW,
    now: int = NOW,
    changed: dict[str, str] | None = None,
) -> Call:
    seconds = at // 1000
    signed = {
        "webhook-id": id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": sign(secret, id, seconds, body),
    }
    return Call(url="https://x/hooks/app", headers=signed | (changed or {}), body=body, at=now)


def facts(*objects: Any, id: str = "msg_1") -> list[Fact]:
    body = msgspec.json.encode(objects[0] if len(objects) == 1 else list(objects))
    return webhook_parse.parse(webhook_parse.document(id, body), NOW)


def only(item: Any) -> Any:
    (fact,) = facts(item)
    return fact


# ---------------------------------------------------------------- signatures


def test_the_signature_of_the_specification() -> None:
    """The example in the Standard Webhooks specification's libraries: secret, id, timestamp, body and signature."""
    key = keys_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    made = headers(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330_000, b'{"test": 2432232314}')
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_genuine_calls() -> None:
    app = channel()
    app.authenticate(call(b"{}"))
    two = f"v1a,whatever v1,{base64.b64encode(bytes(32)).decode()} {call(b'{}').headers['webhook-signature']}"
    app.authenticate(call(b"{}", changed={"webhook-signature": two}))
    for late in (-TOLERANCE, TOLERANCE):
        app.authenticate(call(b"{}", at=NOW + late * 1000))


def test_forged_old_and_mutilated_calls() -> None:
    app, good = channel(), call(b'{"text": "a"}')
    wrong = [
        (call(b"{}", OTHER), 403),
        (Call(url=good.url, headers=good.headers, body=b'{"text": "b"}', at=NOW), 403),
        (call(b"{}", changed={"webhook-id": "msg_2"}), 403),
        (call(b"{}", at=NOW - (TOLERANCE + 1) * 1000), 403),
        (call(b"{}", at=NOW + (TOLERANCE + 1) * 1000), 403),
        (call(b"{}", changed={"webhook-timestamp": "now"}), 403),
        (call(b"{}", changed={"webhook-timestamp": "9" * 400}), 403),
        (call(b"{}", changed={"webhook-signature": "v1,é"}), 403),
        (call(b"{}", id="with space"), 403),
        *((call(b"{}", changed={f"webhook-{name}": ""}), 401) for name in ("id", "timestamp", "signature")),
    ]
    for each, status in wrong:
        with pytest.raises(NotGenuine) as refused:
            app.authenticate(each)
        assert refused.value.status == status, each


@given(st.binary(max_size=60), st.integers(0, 2**32))
def test_no_changed_byte_goes_through(body: bytes, seed: int) -> None:
    chance, good = random.Random(seed), call(body)
    changed = bytearray(body or b"x")
    changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    with pytest.raises(NotGenuine):
        channel().authenticate(Call(url="", headers=good.headers, body=bytes(changed), at=NOW))


def test_two_secrets_while_one_replaces_the_other() -> None:
    both = channel(f"{OTHER} {SECRET}")
    both.authenticate(call(b"{}", SECRET))
    both.authenticate(call(b"{}", OTHER))
    with pytest.raises(NotGenuine):
        channel(OTHER).authenticate(call(b"{}", SECRET))


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "plain",
        "whsec_",
        "whsec_!!!",
        f"whsec_{base64.b64encode(bytes(23)).decode()}",
        f"{SECRET} {SECRET} {SECRET}",
    ],
)
def test_secrets_that_are_none(secret: str) -> None:
    with pytest.raises(BadSettings):
        channel(secret)


def test_urls_that_are_none() -> None:
    for url in ("app.example.com", "ftp://app.example.com", "https://", "http://[::1", "https://é.example.com"):
        with pytest.raises(BadSettings):
            channel(url=url)


# ---------------------------------------------------------------- what comes in


def test_a_message() -> None:
    person = {
        "id": 17,
        "name": "Ana",
        "phone": "+503 7000-1234",
        "email": "a@x.org",
        "language": "es-SV",
        "region": "R",
    }
    fact = only(
        {
            "id": "m-1",
            "from": person,
            "text": "hola",
            "at": "2026-11-18T12:00:00-06:00",
            "thread": "t",
            "data": {"a": 1},
        }
    )
    assert isinstance(fact, MessageFact)
    assert (fact.external_id, fact.kind, fact.text, fact.thread) == ("m-1", "text", "hola", "thread:t")
    assert fact.party.addresses == (Address("user", "17"),)
    assert (fact.party.name, fact.party.language, fact.party.region) == ("Ana", "es", "R")
    assert fact.party.attributes == {"phone": "+503 7000-1234", "email": "a@x.org"}
    assert fact.at == 1_795_024_800_000
    assert fact.data == {"thread": "t", "data": {"a": 1}}


@pytest.mark.parametrize(
    ("at", "read"),
    [
        (1_794_999_000, 1_794_999_000_000),
        (1_794_999_000_123, 1_794_999_000_123),
        ("1794999000", 1_794_999_000_000),
        ("2026-11-18T00:00:00", 1_794_960_000_000),
        ("yesterday", NOW),
        (None, NOW),
        (-5, NOW),
        ("9999-12-31T23:59:59Z", NOW),
    ],
)
def test_times(at: Any, read: int) -> None:
    assert only({"from": {"id": "1"}, "text": "a", "at": at}).at == read


def test_files_and_places() -> None:
    files = [{"url": "https://x.org/a.png", "mime": "image/png", "sha256": "AB" * 32}, {"url": "https://x.org/b"}]
    fact = only({"from": {"id": "1"}, "attachments": files})
    assert (fact.kind, [file.kind for file in fact.media]) == ("image", ["image", "document"])
    assert fact.media[0].sha256 == "ab" * 32
    place = only({"from": {"id": "1"}, "location": {"latitude": 13.7, "longitude": -89.2, "name": "Agencia"}})
    assert (place.kind, place.text, place.data["latitude"]) == ("location", "Agencia", 13.7)


def test_words_about_messages() -> None:
    about = {"from": {"id": "1"}, "message": "m-5"}
    found = facts(
        {"type": "reaction", **about, "emoji": "👍"},
        {"type": "edit", **about, "text": "b"},
        {"type": "delete", **about},
        {"type": "status", "message": "ref", "status": "failed", "reason": "blocked", "detail": "d"},
        {"type": "status", "message": "ref", "status": "failed", "reason": "of tomorrow"},
    )
    assert [type(fact) for fact in found] == [ReactionFact, EditFact, RevokeFact, StatusFact, StatusFact]
    reasons = [fact.failure.reason for fact in found if isinstance(fact, StatusFact) and fact.failure]
    assert reasons == ["blocked", "other"]
    ids = [getattr(fact, "external_id", "") for fact in found]
    assert ids == ["msg_1#0", "msg_1#1", "msg_1#2", "ref", "ref"]


def test_one_bad_object_leaves_the_others_alone() -> None:
    good = {"from": {"id": "1"}, "text": "a"}
    found = facts(good, 5, {"text": "nobody's"}, {"type": "song"}, {"from": {"id": "1"}}, good)
    assert [isinstance(fact, Unreadable) for fact in found] == [False, True, True, True, True, False]
    for body in (b"", b"[]", b"\xff", b"[[[["):
        (fact,) = webhook_parse.parse(webhook_parse.document("m", body), NOW)
        assert isinstance(fact, Unreadable)


RICH: tuple[Any, ...] = (
    {
        "id": "m-1",
        "from": {"id": "u", "name": "n", "phone": "1", "email": "e", "language": "es", "region": "r"},
        "text": "hola",
        "at": "2026-11-18T12:00:00Z",
        "attachments": [{"url": "https://x/a", "mime": "image/png", "name": "a", "size": 5, "sha256": "a" * 64}],
        "location": {"latitude": 1, "longitude": "2", "name": "n", "address": "a"},
        "thread": "t",
        "subject": "s",
        "reply_to": "m-0",
        "campaign": {"headline": "h"},
        "data": {"a": [1, {"b": None}]},
    },
    [
        {"from": {"id": 1}, "text": "a"},
        {"type": "reaction", "from": {"id": "1"}, "message": "m", "emoji": "👍"},
        {"type": "edit", "from": {"id": "1"}, "message": "m", "text": "t"},
        {"type": "delete", "from": {"id": "1"}, "message": "m"},
        {"type": "status", "message": "m", "status": "failed", "reason": "media", "at": 1794999000},
    ],
)


def check(body: bytes) -> None:
    """Facts, none raised, each fit for the store."""
    found = webhook_parse.parse(webhook_parse.document("msg_1", body), NOW)
    assert found
    for fact in found:
        encoded = msgspec.json.encode(fact)
        assert b"\\u0000" not in encoded
        encoded.decode("utf-8")
        if isinstance(fact, MessageFact):
            assert 0 < len(fact.external_id) <= 300 and len(fact.text) <= 65_536
            assert fact.party.addresses[0].value and all(file.url for file in fact.media)
            assert 0 < fact.at <= NOW + 86_400_000
    webhook_parse.parse(body, NOW)  # without a head


@given(st.binary(max_size=400))
def test_any_bytes(body: bytes) -> None:
    check(body)


@given(JUNK)
def test_any_json(value: Any) -> None:
    check(msgspec.json.encode(value))


@given(st.sampled_from(RICH), JUNK, st.integers(0, 2**32))
def test_any_place_of_a_good_call_spoiled(item: Any, junk: Any, seed: int) -> None:
    spoiled = copy.deepcopy(item)
    path = random.Random(seed).choice(places(spoiled))
    holder: Any = spoiled
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = junk
    check(msgspec.json.encode(spoiled))


# ---------------------------------------------------------------- what goes out


@pytest.fixture
async def partner() -> AsyncIterator[tuple[Partner, Webhook]]:
    partner = Partner(Settings(reports=False))
    async with serve(partner) as url:
        yield partner, channel(f"{OTHER} {SECRET}", url)  # it knows only the second one


def out(text: str = "buenas", kind: str = "text", **more: Any) -> Outgoing:
    return Outgoing(kind=kind, to=(Address("user", "u-17"),), client_ref="ref-1", at=NOW, text=text, **more)


async def test_answers(partner: tuple[Partner, Webhook], http: httpx.AsyncClient, tmp_path: Path) -> None:
    system, app = partner
    (tmp_path / "f").write_bytes(b"%PDF")
    file = OutgoingFile(kind="document", path=str(tmp_path / "f"), mime="application/pdf", file_name="a.pdf", size=4)
    message = out(kind="document", files=(file,), reply_to="m-5", author="Ana", subject="s", last_data={"thread": "t"})
    for _ in range(2):
        assert (await app.send(message, http)).external_id == "ref-1"
    (received,) = system.people["u-17"]
    assert received.times == 2
    assert received.body == {
        "type": "message",
        "id": "ref-1",
        "at": NOW,
        "to": {"id": "u-17"},
        "kind": "document",
        "text": "buenas",
        "author": "Ana",
        "reply_to": "m-5",
        "thread": "t",
        "subject": "s",
        "attachments": [
            {"kind": "document", "name": "a.pdf", "mime": "application/pdf", "size": 4, "content": "JVBERg=="}
        ],
    }


@pytest.mark.parametrize(
    ("fault", "kind", "reason"),
    [
        (Fault(kind="status", status=500), TryAgain, "provider_down"),
        (Fault(kind="status", status=429, retry_after=3), TryAgain, "rate"),
        (Fault(kind="status", status=302), TryAgain, "provider_down"),
        (Fault(kind="cut"), TryAgain, "provider_down"),
        (Fault(kind="cut_before"), TryAgain, "provider_down"),
        (Fault(kind="status", status=410), Refused, "channel_gone"),
        (Fault(kind="status", status=404), Refused, "channel_gone"),
        (Fault(kind="status", status=401), Refused, "token"),
        (Fault(kind="status", status=400, detail="d"), Refused, "other"),
    ],
    ids=lambda value: f"{value.kind} {value.status}" if isinstance(value, Fault) else "",
)
async def test_what_goes_wrong(
    partner: tuple[Partner, Webhook], http: httpx.AsyncClient, fault: Fault, kind: type[SendError], reason: str
) -> None:
    system, app = partner
    system.faults.add(fault)
    with pytest.raises(kind) as failed:
        await app.send(out(), http)
    assert failed.value.failure.reason == reason
    if fault.retry_after:
        assert isinstance(failed.value, TryAgain) and failed.value.after_ms == 3_000


async def test_a_refusal_may_say_why() -> None:
    from server.channels.webhook import _error

    said = httpx.Response(422, content=b'{"reason": "blocked", "detail": "left in May"}')
    error = _error(said)
    assert isinstance(error, Refused)
    assert (error.failure.reason, error.failure.detail) == ("blocked", "left in May")


async def test_nobody_to_answer_to(http: httpx.AsyncClient) -> None:
    with pytest.raises(Refused) as refused:
        await channel().send(out(), http)
    assert refused.value.failure.reason == "receive_only"
    with pytest.raises(Refused) as refused:
        await channel(url="http://127.0.0.1:9/").send(Outgoing(kind="text", to=(), client_ref="r", text="a"), http)
    assert refused.value.failure.reason == "recipient_unknown"


async def test_a_check(partner: tuple[Partner, Webhook], http: httpx.AsyncClient) -> None:
    system, app = partner
    (good,) = await app.check(http)
    assert good.ok and system.pings == 1
    (wrong,) = await channel(OTHER, app.url).check(http)
    assert not wrong.ok and "401" in wrong.detail


# ---------------------------------------------------------------- through a server, and by the guide's own examples


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as desk:
        yield desk


def _add(desk: Desk, url: str = "") -> str:
    settings = {"secret": SECRET} | ({"url": url} if url else {})
    desk._do(CreateChannel(channel=NewChannel(kind="webhook", name="app", settings=settings)))
    return f"{desk.url}/hooks/app"


def _texts(desk: Desk) -> list[str]:
    return [row["text"] for row in desk.read("SELECT text FROM messages ORDER BY id")]


def _post(hook: str, body: bytes, id: str, at: int, secret: str = SECRET) -> int:
    signed = {"webhook-id": id, "webhook-timestamp": str(at), "webhook-signature": sign(secret, id, at, body)}
    return httpx.post(hook, content=body, headers=signed).status_code


def test_replays_store_nothing_twice(desk: Desk) -> None:
    hook, body = _add(desk), b'{"from": {"id": "u"}, "text": "hola"}'
    now = desk.running.services.door.store.clock() // 1000
    assert [_post(hook, body, id, now - late) for id, late in (("a", 0), ("a", 1), ("b", 0))] == [200] * 3
    assert _texts(desk) == ["hola", "hola"]  # the retry of a is a; the same words under another id are another message
    assert _post(hook, body, "c", now, OTHER) == 403
    assert _post(hook, body, "d", now - TOLERANCE - 5) == 403
    assert httpx.post(hook, content=body).status_code == 401
    assert _post(hook, b"nonsense", "e", now) == 200
    assert len(_texts(desk)) == 2


def _block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_guides_curl_example(desk: Desk) -> None:
    hook = _add(desk)
    environment = {**os.environ, "HOOK": hook, "SECRET": SECRET}
    for _ in range(2):
        ran = subprocess.run(["sh", "-euc", _block("sh")], env=environment, capture_output=True, text=True, timeout=60)
        assert ran.returncode == 0, ran.stderr
    assert _texts(desk) == ["buenos días"] * 2
    assert desk.read("SELECT name FROM contacts")[0]["name"] == "María Ramos"
    forged = subprocess.run(
        ["sh", "-euc", _block("sh")], env=environment | {"SECRET": OTHER}, capture_output=True, text=True, timeout=60
    )
    assert forged.returncode != 0 and "403" in forged.stderr


def test_the_guides_python_example(desk: Desk) -> None:
    code = _block("python")
    assert len([line for line in code.splitlines() if line.strip()]) <= 30
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    hook = _add(desk, f"http://127.0.0.1:{port}/answers")
    environment = {**os.environ, "HOOK": hook, "SECRET": SECRET, "PORT": str(port)}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True) as program:
        try:
            until(lambda: _texts(desk) == ["buenos días"], "the example's message")
            conversation = desk.read("SELECT id FROM conversations")[0]["id"]
            with desk.client("advisor") as advisor:
                sent = advisor.post(f"/conversations/{conversation}/replies", json={"text": "¿En qué le ayudo?"})
                assert sent.is_success, sent.text
            assert program.stdout is not None
            assert program.stdout.readline() == "¿En qué le ayudo?\n"
            until(lambda: desk.read("SELECT status FROM messages ORDER BY id DESC LIMIT 1")[0]["status"] == "sent")
        finally:
            program.kill()


def test_the_guide_says_what_the_code_does() -> None:
    for option in Webhook.options:
        assert f"| `{option.name}` |" in GUIDE and f"--set {option.name}=" in GUIDE
    assert f"{TEXT_LIMIT:,} characters" in GUIDE
    assert f"up to {FILES} files travel inside, each up to {FILE_LIMIT // 2**20} MB" in GUIDE
    assert f"up to {webhook_parse.OBJECTS:,} of them" in GUIDE
    assert SECRET in GUIDE
    for reason in re.findall(r"`(\w+)`", re.search(r"why in `reason` \((.*?)\)", GUIDE, re.DOTALL)[1]):  # type: ignore[index]
        assert reason in REASONS
