"""Good documents spoiled at random: structures, texts and bytes. Repeatable from `chance`."""

from __future__ import annotations

import contextlib
import copy
import json
import random
from collections.abc import Callable
from typing import Any

#: values of every type, and the awkward ones of each
JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 1.5, -0.0, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 10**40, 1e308, float("nan"),
    float("inf"), "", " ", "0", "-1", "1e9", "null", "NaN", "\x00", "a\x00b", "\ud800", "\udfff x", "😩" * 40,
    "é" * 300, "\u202e\u2066", "\x1b[2J\x1b]52;c;AAAA\x07", "x" * 5_000, "1795000000", "9" * 20, "1970-01-01",
    "' OR 1=1 --", "%s%n", "../../etc/passwd", "https://127.0.0.1/x", "javascript:alert(1)", [], {}, [[]], [None],
    [{}], {"": ""}, {"id": None}, {"body": []}, [1, "a", None, {"a": [1]}],
)  # fmt: skip

#: what keys become
KEYS = ("", "id", "type", "from", "text", "messages", "statuses", "\x00", "\ud800", "x" * 300, "__proto__", "entry")

Json = Any


def junk(chance: random.Random) -> Json:
    """Something that is hardly ever right."""
    what = chance.random()
    if what < 0.85:
        return copy.deepcopy(chance.choice(JUNK))
    if what < 0.93:
        return _nested(chance.choice((3, 30, 300)), chance)
    return {chance.choice(KEYS): copy.deepcopy(chance.choice(JUNK)) for _ in range(chance.randint(1, 30))}


def _nested(depth: int, chance: random.Random) -> Json:
    inner: Json = copy.deepcopy(chance.choice(JUNK))
    for _ in range(depth):
        inner = [inner] if chance.random() < 0.5 else {chance.choice(("a", "text", "messages")): inner}
    return inner


def _places(document: Json) -> list[tuple[Any, Any]]:
    """Every (holder, key) in a document; the first ones of one that is very large or deep."""
    found: list[tuple[Any, Any]] = []
    waiting: list[Json] = [document]
    while waiting and len(found) < 2_000:
        node = waiting.pop()
        children = list(node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ())
        found += [(node, key) for key, _ in children]
        waiting += [child for _, child in children]
    return found


def spoil(document: Json, chance: random.Random) -> Json:
    """Change some places of a document (in place): other types, gone, twice, renamed, moved, deep, long."""
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        places = _places(document)
        if not places:
            return document
        holder, key = chance.choice(places)
        how = chance.randrange(8)
        if how < 3:
            holder[key] = junk(chance)
        elif how == 3:
            del holder[key]
        elif how == 4 and isinstance(holder, list):
            holder.extend([holder[key]] * chance.choice((1, 2, 50)))
        elif how == 4:
            holder[chance.choice(KEYS)] = holder.pop(key)
        elif how == 5:  # another part of the document
            other, elsewhere = chance.choice(places)
            with contextlib.suppress(RecursionError):
                holder[key] = json.loads(json.dumps(other[elsewhere]))
        elif how == 6 and isinstance(holder[key], str):
            holder[key] = _text(holder[key], chance)
        else:
            holder[key] = [holder[key]] if chance.random() < 0.5 else {"body": holder[key]}
    return document


def _text(text: str, chance: random.Random) -> str:
    at = chance.randint(0, len(text))
    more = chance.choice(("\x00", "\ud83d", "\u0301" * 50, "ñ", "\n", "\U000e0001", "x" * 3_000, "\x9b31m", "\ufeff"))
    return text[:at] + more + text[at + chance.randint(0, 4) :]


def _flip(body: bytes, chance: random.Random) -> bytes:
    data = bytearray(body)
    for _ in range(chance.randint(1, 8)):
        if data:
            data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


def _splice(body: bytes, chance: random.Random) -> bytes:
    start, end = sorted(chance.choices(range(len(body) + 1), k=2))
    return body[:start] + body[start:end] * chance.choice((0, 2, 3)) + body[end:]


def _wrong_utf8(body: bytes, chance: random.Random) -> bytes:
    at = chance.randint(0, len(body))
    return (
        body[:at] + chance.choice((b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x82")) + body[at:]
    )


def _doubled_keys(body: bytes, chance: random.Random) -> bytes:
    return body.replace(b'"id":', b'"id": "another", "id":', chance.choice((1, -1))).replace(
        b'"type":', b'"type": 7, "type":'
    )


def _numbers(body: bytes, chance: random.Random) -> bytes:
    wrong = chance.choice((b"01", b"1e999", b"-", b"1.", b"NaN", b"Infinity", b"0x10", b"1" * 500, b"+1"))
    return body.replace(b'"timestamp": "', b'"timestamp": ' + wrong + b', "t": "', 1).replace(b"1", wrong, 1)


_BYTES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip,
    _splice,
    _wrong_utf8,
    _doubled_keys,
    _numbers,
    lambda body, chance: body[: chance.randint(0, len(body))],
    lambda body, chance: b"\xef\xbb\xbf" + body,
    lambda body, chance: body.decode("latin-1").encode("utf-16"),
    lambda body, chance: body + chance.choice((b"\x00", b"}", b" " * 3_000, body)),
    lambda body, chance: b"[" * chance.choice((10, 2_000, 60_000)) + body,
    lambda body, chance: bytes(chance.randrange(256) for _ in range(chance.randint(0, 60))),
)


def spoiled(document: str, chance: random.Random) -> bytes:
    """A good document (as JSON) spoiled: mostly in its structure, sometimes in its bytes, sometimes in both."""
    what = chance.random()
    body = document.encode()
    if what < 0.8:
        with contextlib.suppress(RecursionError):  # deeper than our own encoder goes
            text = json.dumps(spoil(json.loads(document), chance), ensure_ascii=chance.random() < 0.5)
            body = text.encode("utf-8", "surrogatepass" if chance.random() < 0.5 else "replace")
    return chance.choice(_BYTES)(body, chance) if what > 0.7 else body
