"""A hundred thousand spoiled forms and lists: none is too much for the parser, none is too much for a server."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote_plus

import httpx
import pytest

from server.channels.sms_signature import form, signature
from tests.channels.sms_documents import SETTINGS, TOKEN
from tests.channels.test_sms_total import FORMS, LISTS, check
from tests.faults.audit import audit
from tests.faults.office import look
from tests.fuzz.mutations import JUNK, KEYS, spoiled
from tests.real_server import RealServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

SHARES = 8
EACH = int(os.environ.get("FUZZ_DOCUMENTS", "104000")) // SHARES
POSTED = 4_000
AT_ONCE = 16

_TEXTS = [value for value in JUNK if isinstance(value, str)]
_NAMES = sorted({name for fields in FORMS for name in fields} | {"MediaUrl7", "MessageStatus", "_ref"})


def spoiled_form(fields: dict[str, str], chance: random.Random) -> bytes:
    """A good form spoiled: values, names, order, the bytes of it."""
    pairs = list(fields.items())
    for _ in range(chance.choice((0, 1, 1, 2, 5))):
        at = chance.randrange(len(pairs)) if pairs else 0
        how = chance.randrange(6)
        if how == 0 and pairs:
            del pairs[at]
        elif how == 1 and pairs:
            pairs[at] = (chance.choice((*KEYS, *_NAMES)), pairs[at][1])
        elif how == 2 and pairs:
            pairs.insert(at, pairs[chance.randrange(len(pairs))])
        elif how == 3:
            chance.shuffle(pairs)
        else:
            pairs.insert(at, (chance.choice(_NAMES), chance.choice(_TEXTS)))
    body = "&".join(
        f"{quote_plus(name, errors='surrogatepass')}={quote_plus(value, errors='surrogatepass')}"
        for name, value in pairs
    ).encode()
    if chance.random() < 0.25 and body:
        data = bytearray(body)
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        body = bytes(data[: chance.randint(0, len(data))] if chance.random() < 0.3 else data)
    return body


def spoiled_document(chance: random.Random) -> bytes:
    """Mostly forms, as they are posted; sometimes lists, as they are fetched."""
    if chance.random() < 0.25:
        return spoiled(chance.choice(LISTS).decode(), chance)
    return spoiled_form(chance.choice(FORMS), chance)


def _chance(share: int) -> tuple[int, random.Random]:
    seed = int(os.environ.get("FUZZ_SEED") or random.randrange(2**32))
    return seed, random.Random(f"{seed} {share}")


@pytest.mark.parametrize("share", range(SHARES))
def test_nothing_is_unreadable_to_the_parser(share: int, say: Callable[[str], None]) -> None:
    seed, chance = _chance(share)
    for n in range(EACH):
        body = spoiled_document(chance)
        try:
            check(body)
        except Exception as error:
            raise AssertionError(f"FUZZ_SEED={seed} share {share}, document {n}: {body[:3000]!r}") from error
    if share == 0:
        say(f"{EACH * SHARES} spoiled SMS documents read, seed {seed}")


async def test_a_server_takes_and_keeps_them(tmp_path: Path, say: Callable[[str], None]) -> None:
    """Signed and posted: a 200 for each, the raw call kept for replay where it could not be read, the store whole."""
    seed, chance = _chance(-1)
    with RealServer(tmp_path) as server:
        await asyncio.to_thread(lambda: server.init().start().sign_in_all())
        with server.client("admin") as admin:
            given = {**SETTINGS, "api_url": "http://127.0.0.1:9", "public_url": "https://chat.example.com"}
            made = admin.post("/channels", json={"kind": "sms", "name": "sms", "settings": given})
            assert made.is_success, made.text
        bodies = []
        for n in range(POSTED):
            fields = {name: value.replace("SM", f"SM{n}") for name, value in chance.choice(FORMS).items()}
            bodies.append(spoiled_form(fields, chance))
        bodies = [body for body in bodies if body and not body.lstrip().startswith(b"{")]
        bad = await _post(f"{server.url}/hooks/sms", bodies)
        assert not bad, f"FUZZ_SEED={seed}: {bad[:3]}"
        with server.client("advisor") as advisor:
            for view in ("all", "open", "unassigned", "resolved"):
                page = advisor.get("/conversations", params={"view": view, "limit": 200})
                assert page.status_code == 200, page.text
            for row in page.json()["items"][:50]:
                assert advisor.get(f"/conversations/{row['id']}/messages").status_code == 200
        assert await asyncio.to_thread(server.stop) == 0
        with contextlib.closing(look(server.data)) as store:
            (kept,) = store.execute("SELECT count(*) FROM deliveries").fetchone()
            states = dict(store.execute("SELECT state, count(*) FROM deliveries GROUP BY state"))
            faults = store.execute("SELECT error FROM deliveries WHERE error LIKE '%Error: %' LIMIT 5").fetchall()
            (messages,) = store.execute("SELECT count(*) FROM messages").fetchone()
        assert kept == len(set(bodies))
        assert not faults, f"FUZZ_SEED={seed}: facts that the store refused: {faults}"
        assert audit(server.data) == []
    say(f"{len(bodies)} spoiled SMS forms posted, kept {kept} {states}, {messages} messages in them, seed {seed}")


async def _post(url: str, bodies: list[bytes]) -> list[tuple[int, bytes]]:
    """Post them all, some at once; what was not answered 200."""
    waiting = itertools.chain(bodies)
    bad: list[tuple[int, bytes]] = []
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:

        async def line() -> None:
            for body in waiting:
                signed = signature(TOKEN, "https://chat.example.com/hooks/sms", form(body))
                answer = await client.post(url, content=body, headers={"X-Twilio-Signature": signed})
                if answer.status_code != 200 or answer.content != b"<Response/>":
                    bad.append((answer.status_code, body[:2000]))

        await asyncio.gather(*(line() for _ in range(AT_ONCE)))
    return bad
