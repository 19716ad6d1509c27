"""A hundred thousand spoiled forms and lists: none is too much for the parser, none is too much for a server."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from server.channels.sms_signature import form, signature
from tests.channels.sms_documents import SETTINGS, TOKEN
from tests.channels.test_sms_total import FORMS, LISTS, check
from tests.fuzz.mutations import JUNK, KEYS, spoiled
from tests.fuzz.run import DOCUMENTS, Calls, dice, read_many, take_and_keep

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

SHARES = 8
POSTED = 4_000

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


@pytest.mark.parametrize("share", range(SHARES))
def test_nothing_is_unreadable_to_the_parser(share: int, say: Callable[[str], None]) -> None:
    luck = dice(share)
    read_many(DOCUMENTS // SHARES, luck, spoiled_document, check)
    if share == 0:
        say(f"{DOCUMENTS} spoiled SMS documents read, seed {luck.seed}")


async def test_a_server_takes_and_keeps_them(tmp_path: Path, say: Callable[[str], None]) -> None:
    seed, chance = dice(-1)
    bodies = []
    for n in range(POSTED):
        fields = {name: value.replace("SM", f"SM{n}") for name, value in chance.choice(FORMS).items()}
        bodies.append(spoiled_form(fields, chance))
    bodies = [body for body in bodies if body and not body.lstrip().startswith(b"{")]
    settings = {**SETTINGS, "api_url": "http://127.0.0.1:9", "public_url": "https://chat.example.com"}

    def signed(body: bytes, n: int) -> dict[str, str]:
        return {"X-Twilio-Signature": signature(TOKEN, "https://chat.example.com/hooks/ch", form(body))}

    calls = Calls("sms", settings, bodies, signed, answer=b"<Response/>")
    say(await take_and_keep(tmp_path, calls, seed))
