"""Headers as they come: encoded words, addresses, dates, message ids. Nothing here raises for any input.

The standard library's structured headers (`policy.default`) raise on real mails (measured: 4 of 1,546), so values are
read from raw bytes by readers of our own that take what is there and go on.
"""

from __future__ import annotations

import binascii
import email.utils
import hashlib
import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from server.channels.email_text import decode

NAME_LIMIT = 300
ADDRESS_LIMIT = 320  # RFC 5321: 64 + 1 + 255
LINE_LIMIT = 2_000
ID_LIMIT = 900  # a line of a mail has at most 998 bytes
ADDRESSES_LIMIT = 500
IDS_LIMIT = 100

_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?(.{0,2000}?)\?=", re.S)
_BETWEEN_WORDS = re.compile(r"(?<=\?=)\s+(?==\?)")
_ADDRESS = re.compile(r"(?:\"[^\"]{1,64}\"|[^\s<>,;:\"()\[\]@]{1,128})@(?:\[[^\s\]]{1,60}\]|[^\s<>,;:\"()\[\]]{1,255})")
_ID = re.compile(r"<([^<>]+)>")
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_EARLIEST = datetime(1971, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


class Mailbox(msgspec.Struct, frozen=True):
    """A person or a list in a header. `address` is empty if the header has only a name."""

    name: str = ""
    address: str = ""


# ---------------------------------------------------------------- text


def unfolded(value: bytes) -> str:
    """Raw header bytes as text, encoded words as they are."""
    return value.decode("ascii") if value.isascii() else decode(value)[0]


def words(text: str) -> str:
    """Encoded words (RFC 2047) decoded; a letter cut in two between two words is put together."""
    if "=?" not in text:
        return text
    text = _BETWEEN_WORDS.sub("", text)
    out: list[str] = []
    at = 0
    waiting = b""
    charset = ""
    for match in _WORD.finditer(text):
        name, data = match.group(1).partition("*")[0].lower(), _payload(match.group(2), match.group(3))
        if match.start() != at or name != charset:
            out.append(decode(waiting, charset)[0])
            waiting = b""
        out.append(text[at : match.start()])
        waiting += data
        charset = name
        at = match.end()
    out.append(decode(waiting, charset)[0])
    out.append(text[at:])
    return "".join(out)


def _payload(encoding: str, payload: str) -> bytes:
    data = payload.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(data.replace(b" ", b"_"), header=True)
    data = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    if len(data) % 4 == 1:
        data = data[:-1]
    return binascii.a2b_base64(data + b"=" * (-len(data) % 4))


def one_line(text: str, limit: int = LINE_LIMIT) -> str:
    """Without line breaks and control characters, no longer than `limit`."""
    return _BLANKS.sub(" ", text).strip()[:limit].rstrip()


def line(value: bytes, limit: int = LINE_LIMIT) -> str:
    """An unstructured header (Subject) as one line of text."""
    return one_line(words(unfolded(value)), limit)


# ---------------------------------------------------------------- addresses


def mailboxes(value: bytes) -> tuple[Mailbox, ...]:
    """Every address in a From, To, Cc or Reply-To header; names of groups are left out, their members are not."""
    text = unfolded(value)
    found: list[Mailbox] = []
    for phrase, angle, comment in _entries(text):
        box = _mailbox(phrase, angle, comment)
        if box is not None:
            found.append(box)
        if len(found) >= ADDRESSES_LIMIT:
            break
    return tuple(found)


def _mailbox(phrase: str, angle: str | None, comment: str) -> Mailbox | None:
    """One entry of a list: what stands before the angle brackets, in them, and in parentheses."""
    name = one_line(words(phrase), NAME_LIMIT).strip("\"' ")
    address = _bare(angle) if angle is not None else ""
    if not address:
        match = _ADDRESS.search(phrase) or _ADDRESS.search(words(phrase)) or _ADDRESS.search(angle or "")
        if match is not None:
            address = _bare(match.group())
            name = one_line(words(phrase).replace(match.group(), " "), NAME_LIMIT).strip("\"'<>[]: ")
        elif angle is not None and not name:
            name = one_line(words(angle), NAME_LIMIT)
    if not name:
        name = one_line(words(comment), NAME_LIMIT)
    if name == address:
        name = ""
    return Mailbox(name, address) if name or address else None


def _bare(address: str) -> str:
    """An address without route, scheme, blanks and brackets; empty if it is none."""
    address = words(address).strip().strip("<>")
    if address.lower().startswith("mailto:"):
        address = address[7:]
    if address.startswith("@") and ":" in address:
        address = address.rpartition(":")[2]
    if not address.startswith('"'):
        address = re.sub(r"\s+", "", address)
    # accents may stand apart from their letters: the same address has to be the same text (RFC 6532)
    address = unicodedata.normalize("NFC", one_line(address, ADDRESS_LIMIT)).strip("'")
    return address if "@" in address.strip("@") else ""


def _entries(text: str) -> Iterator[tuple[str, str | None, str]]:
    """Each entry of an address list as (phrase, what is in angle brackets, comments)."""
    phrase: list[str] = []
    comments: list[str] = []
    angle: str | None = None
    own = 0  # so much of the phrase stood before the angle brackets
    at, end = 0, len(text)
    openings = '"('  # what is opened and never closed is a plain character, found out once
    while at < end:
        char = text[at]
        if char == "=" and (match := _WORD.match(text, at)):
            phrase.append(match.group())
            at = match.end()
            continue
        if char in openings:
            quoted = char == '"'
            content, following = _quoted(text, at) if quoted else _comment(text, at)
            if not following:
                openings = openings.replace(char, "")
                continue
            at = following
            if not quoted:
                comments.append(content)
                continue
            # the local part of an address keeps its quotes
            phrase.append(f'"{content}"' if text[at : at + 1] == "@" else content)
            continue
        if char == "<":
            close = text.find(">", at)
            following = text.find("<", at + 1, close if close >= 0 else end)
            if following >= 0:  # "<<a@b>>", or an opening bracket that belongs to the name
                at = following
                continue
            close = end if close < 0 else close
            if angle is not None:  # no comma between two entries
                yield "".join(phrase[:own]), angle, " ".join(comments)
                phrase, comments = phrase[own:], []
            angle = text[at + 1 : close]
            own = len(phrase)
            at = close + 1
            continue
        if char == ":" and angle is None and "@" not in "".join(phrase):
            phrase, comments = [], []  # the name of a group, or "mailto:"
        elif char in ",;":
            yield "".join(phrase), angle, " ".join(comments)
            phrase, comments, angle = [], [], None
        elif char != ">":
            phrase.append(char)
        at += 1
    yield "".join(phrase), angle, " ".join(comments)


def _quoted(text: str, at: int) -> tuple[str, int]:
    """A quoted string from here: its content and where it ends (0: it never does)."""
    out: list[str] = []
    end = at + 1
    while end < len(text):
        char = text[end]
        if char == "\\" and end + 1 < len(text):
            out.append(text[end + 1])
            end += 2
            continue
        if char == '"':
            return "".join(out), end + 1
        out.append(char)
        end += 1
    return "", 0


def _comment(text: str, at: int) -> tuple[str, int]:
    """A comment from here: its content and where it ends (0: it never does); comments nest."""
    depth = 0
    out: list[str] = []
    end = at
    while end < len(text):
        char = text[end]
        if char == "\\" and end + 1 < len(text):
            out.append(text[end + 1])
            end += 2
            continue
        if char == "(":
            depth += 1
            if depth > 1:
                out.append(char)
        elif char == ")":
            depth -= 1
            if depth == 0:
                return "".join(out), end + 1
            out.append(char)
        else:
            out.append(char)
        end += 1
    return "", 0


# ---------------------------------------------------------------- ids and dates


def message_ids(value: bytes) -> tuple[str, ...]:
    """The message ids in a Message-ID, In-Reply-To or References header, without brackets, in its order."""
    text = words(unfolded(value))
    found = [_id(match) for match in _ID.findall(text)]
    if not found:
        # some programs forget the brackets; other text in In-Reply-To ("your message of Monday") is no id
        found = [_id(word) for word in re.split(r"[\s,<>]+", text) if "@" in word]
    return tuple(dict.fromkeys(id_ for id_ in found if id_))


def message_id(value: bytes) -> str:
    """A mail's own id: anything it claims, since all it has to be is always the same."""
    found = message_ids(value)
    return found[0] if found else _id(unfolded(value).strip("<>"))


def _id(text: str) -> str:
    text = re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", "", text)
    if len(text) <= ID_LIMIT:
        return text
    return f"{text[:180]}#{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:40]}"


_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_OTHER_MONTHS = {"ene": 1, "abr": 4, "ago": 8, "dic": 12, "fev": 2, "avr": 4, "mai": 5, "mag": 5, "giu": 6, "lug": 7,
                 "set": 9, "ott": 10, "out": 10, "dez": 12, "dec": 12, "okt": 10, "mär": 3, "fév": 2, "aoû": 8,
                 "déc": 12, "gen": 1, "mrt": 3, "mei": 5, "maj": 5}  # fmt: skip
_LOOSE = re.compile(r"(\d{1,2})[\s.-]+(?:de )?([^\W\d]{3,12})\.?[\s.-]+(?:de )?(\d{4})"
                    r"(?:\D+(\d{1,2}):(\d{2})(?::(\d{2}))?)?"
                    r"(?:\s*([+-]\d{4}))?")  # fmt: skip


def date_ms(value: bytes) -> int | None:
    """A Date header as UTC ms; None if there is no date in it. Without a zone it is taken as UTC."""
    text = one_line(unfolded(value), 200)
    if not text:
        return None
    for reader in (_rfc_date, _iso_date, _loose_date):
        try:
            moment = reader(text)
        except (ValueError, OverflowError, OSError, IndexError, TypeError):  # OSError: a year that no clock has
            continue
        if moment is not None and _EARLIEST <= moment <= _LATEST:
            return int(moment.timestamp() * 1000)
    return None


def _rfc_date(text: str) -> datetime | None:
    parts = email.utils.parsedate_tz(text)
    if parts is None:
        return None
    return datetime.fromtimestamp(email.utils.mktime_tz(parts), UTC)


def _iso_date(text: str) -> datetime | None:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _loose_date(text: str) -> datetime | None:
    match = _LOOSE.search(text)
    if match is None:
        return None
    day, month, year, hour, minute, second, zone = match.groups()
    short = month.lower()[:3]
    number = _MONTHS.index(short) + 1 if short in _MONTHS else _OTHER_MONTHS.get(short)
    if number is None:
        return None
    moment = datetime(int(year), number, int(day), int(hour or 0), int(minute or 0), int(second or 0))
    offset = 0
    if zone:
        offset = (int(zone[1:3]) * 60 + int(zone[3:])) * (-60 if zone[0] == "-" else 60)
    return datetime.fromtimestamp(moment.replace(tzinfo=UTC).timestamp() - offset, UTC)
