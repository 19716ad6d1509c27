"""Foreign JSON, read with care: whatever an adapter takes out of a provider's document goes through these.

Nothing here raises for what a value is, but `mapping`, `need_id` and the like, which say `Malformed`. What comes out is
bounded in length and safe to store.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, NamedTuple

import msgspec

from server.facts import Media

#: characters of a text; what is beyond stays in the raw call (WhatsApp's and Telegram's own limit is 4,096)
TEXT_LIMIT = 65_536
NAME_LIMIT = 200
WORD_LIMIT = 256

#: a time before 2009 (no channel of ours is older), or more than a day ahead, is no time
_EARLIEST_MS = 1_230_768_000_000
_AHEAD_MS = 86_400_000
ID_LIMIT = 256


class Malformed(Exception):
    """An item that cannot be read; the text says which part is wrong."""


class Content(NamedTuple):
    """What a message says. `kind` is one of ours; `media` are files to fetch."""

    kind: str
    text: str = ""
    data: dict[str, Any] = {}  # noqa: RUF012 - never changed in place
    media: tuple[Media, ...] = ()


def string(value: object, limit: int = WORD_LIMIT) -> str:
    """The string, cut to `limit` and without NUL (which SQLite's text functions stop at); "" if it is none."""
    if not isinstance(value, str):
        return ""
    if "\x00" in value:
        value = value.replace("\x00", "")
    return value if len(value) <= limit else value[:limit]


def scalar(value: object, limit: int = WORD_LIMIT) -> str:
    """A string or a number as a string (fixtures and old versions write ids as numbers); "" for anything else."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value) if abs(value) < 1e30 else ""
    return string(value, limit).strip()


def mapping(holder: dict[str, Any], key: str) -> dict[str, Any]:
    """The object under `key`, or Malformed."""
    value = holder.get(key)
    if not isinstance(value, dict):
        raise Malformed(f"{key!r} is {name_of_type(value)}, not an object")
    return value


def items(value: object) -> list[dict[str, Any]]:
    """The objects in a list; whatever else it holds is left out."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def name_of_type(value: object) -> str:
    """What a value of the wrong type is, for a `Malformed`."""
    return {type(None): "missing", str: "a string", list: "a list", bool: "a boolean"}.get(type(value), "a number")


def trim(value: Any, depth: int = 10, budget: list[int] | None = None) -> Any:
    """A copy of foreign JSON that is safe to keep: bounded in depth, length and number of parts."""
    if budget is None:
        budget = [2000]
    budget[0] -= 1
    if isinstance(value, str):
        return string(value, 4096)
    if isinstance(value, dict):
        if depth <= 0 or budget[0] <= 0:
            return {}
        return {string(k, 128): trim(v, depth - 1, budget) for k, v in value.items() if budget[0] > 0}
    if isinstance(value, list):
        if depth <= 0 or budget[0] <= 0:
            return []
        return [trim(v, depth - 1, budget) for v in value if budget[0] > 0]
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        return str(value)[:64] if abs(value) < 10**60 else ""
    return value


def words(*parts: str, sep: str = ", ") -> str:
    """The parts that say something, each once."""
    return sep.join(dict.fromkeys(part.strip() for part in parts if part.strip()))


def size_of(value: object) -> int | None:
    """A number of bytes, or None."""
    text = scalar(value, 16)
    return int(text) if text.isascii() and text.isdigit() else None


def coordinate(value: object) -> float | str | None:
    """A latitude or longitude in degrees; what is none as the text it is."""
    try:
        number = float(scalar(value, 32))
    except ValueError:
        return string(value, 64) or None
    return number if -1000 < number < 1000 else None


def moment(value: object, received_at: int) -> int:
    """Unix seconds (string, int or float; milliseconds too) as UTC ms; `received_at` if absent or absurd."""
    if isinstance(value, str):
        text = value.strip()
        if not (text.isascii() and text.isdigit() and len(text) <= 16):
            return received_at
        number: float = int(text)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        number = value
    else:
        return received_at
    if not 0 < number < 1e16:
        return received_at
    ms = int(number if number > 1e11 else number * 1000)
    return ms if _EARLIEST_MS <= ms <= received_at + _AHEAD_MS else received_at


def identifier(value: object) -> str:
    """A provider's id; a monstrous one is shortened so that it stays unique."""
    text = scalar(value, 1_000_000)
    if len(text) <= ID_LIMIT:
        return text
    return f"{text[:180]}#{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()}"


def need_id(item: dict[str, Any], key: str = "id") -> str:
    """The id under `key`, or Malformed."""
    found = identifier(item.get(key))
    if not found:
        raise Malformed(f"{key!r} is missing")
    return found


def decode(body: bytes) -> Any:
    """What JSON says, broken texts in it mended. Raises ValueError or RecursionError."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError):
        # Half an emoji (a lone surrogate) is valid JSON to others, and phones do send it: read it the slow way.
        loose = json.loads(body.decode("utf-8-sig", "replace"), parse_constant=lambda _: None)
        return json.loads(
            json.dumps(loose, ensure_ascii=False).encode("utf-8", "replace"), parse_constant=lambda _: None
        )
