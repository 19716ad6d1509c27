"""The bytes of an outgoing mail. The same arguments always give the same bytes: a second attempt is the same mail.

Written by hand because the standard library's folding breaks long message ids into encoded words (bpo-35805) and reads
header values as syntax; here a value is only ever text.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import quote

import msgspec

from server.channels.email_address import travelling
from server.channels.email_headers import ID_LIMIT, LINE_LIMIT, NAME_LIMIT, Mailbox, one_line
from server.channels.email_parts import short_name

#: a header line is folded at the first blank after so many bytes (RFC 5322: 78 wanted, 998 allowed)
LINE = 76
#: what an encoded word may hold: 75 in all
_WORD_BYTES = 45
#: References keeps the first and the newest so many
REFERENCES = 20

_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_TOKEN = re.compile(r"[A-Za-z0-9!#$&^_.+-]+")
_NOT_IN_ID = re.compile(r"[^\x21-\x7e]|[<>]")
_NOT_IN_ADDRESS = re.compile(r"[\s<>,;:()\"\\\x00-\x1f\x7f-\x9f]")
_ANSWER = re.compile(
    r"^(?:(?:re|r|res|resp|aw|sv|antw?|odp|vs|ynt|ref|отв|απ|回复|答复|回覆)\s*(?:\[\d+\]|\(\d+\))?\s*[:：]\s*)+", re.I
)


class OutgoingPart(msgspec.Struct, frozen=True, kw_only=True):
    """A file to send."""

    content: bytes
    mime: str = "application/octet-stream"
    file_name: str = ""


def compose(
    *,
    from_: Mailbox,
    to: Sequence[Mailbox],
    message_id: str,
    at: int,
    subject: str = "",
    text: str = "",
    cc: Sequence[Mailbox] = (),
    reply_to: Mailbox | None = None,
    in_reply_to: str = "",
    references: Sequence[str] = (),
    quoted: str = "",
    quoted_from: str = "",
    files: Sequence[OutgoingPart] = (),
    automatic: bool = False,
) -> bytes:
    """A mail, lines ended by CRLF. Whoever gets a blind copy is named to the SMTP server only.

    `at`: UTC ms. `message_id`, `in_reply_to`, `references` (oldest first): without angle brackets. `quoted`: the mail
    that is answered, shown below the text after the line `quoted_from` ("On Monday, Ana wrote:"). `automatic`: no
    person wrote it, and no machine shall answer. Line breaks and control characters in headers become blanks.
    """
    headers = [
        ("From", _addresses([from_])),
        ("To", _addresses(to)),
        ("Cc", _addresses(cc)),
        ("Reply-To", _addresses([reply_to]) if reply_to else ""),
        ("Subject", _text(one_line(subject, LINE_LIMIT))),
        ("Date", format_datetime(datetime.fromtimestamp(at // 1000, UTC))),
        ("Message-ID", _id(message_id)),
        ("In-Reply-To", _id(in_reply_to)),
        ("References", " ".join(_id(one) for one in _chain(references, in_reply_to))),
        ("Auto-Submitted", "auto-replied" if automatic else ""),
        ("X-Auto-Response-Suppress", "All" if automatic else ""),
        ("MIME-Version", "1.0"),
    ]
    content_headers, body = _text_part(_body(text, quoted, quoted_from))
    if files:
        boundary = _boundary(message_id, body, files)
        pieces = [_part(content_headers, body), *(_part(*_file_part(file)) for file in files)]
        body = b"".join(b"--%b\r\n%b\r\n" % (boundary, piece) for piece in pieces) + b"--%b--\r\n" % boundary
        content_headers = [("Content-Type", f'multipart/mixed; boundary="{boundary.decode()}"')]
    return _part([*headers, *content_headers], body)


def answer_subject(subject: str) -> str:
    """The subject of an answer: "Re: " once, whatever language the mails before wrote it in."""
    return f"Re: {_ANSWER.sub('', one_line(subject)).strip()}".strip()


def _part(headers: Sequence[tuple[str, str]], body: bytes) -> bytes:
    lines = [_folded(f"{name}: {value}") for name, value in headers if value]
    return "\r\n".join(lines).encode("utf-8", "replace") + b"\r\n\r\n" + body


def _folded(header: str) -> str:
    """Broken at blanks into lines of about `LINE`; what has no blanks stays long."""
    lines: list[str] = []
    current = ""
    for word in header.split(" "):
        if current and current.strip() and len(current) + 1 + len(word) > LINE and not current.endswith(":"):
            lines.append(current)
            current = f" {word}"
        else:
            current = f"{current} {word}" if current else word
    return "\r\n".join([*lines, current])


# ---------------------------------------------------------------- values


def _text(text: str) -> str:
    """Unstructured text; in encoded words if it is not plain ASCII or could be taken for one."""
    if text.isascii() and "=?" not in text and max(map(len, text.split(" ")), default=0) < 900:
        return re.sub(r" {2,}", " ", text)
    return _encoded_words(text)


def _encoded_words(text: str) -> str:
    pieces: list[str] = []
    current = b""
    for char in text:
        data = char.encode("utf-8", "replace")
        if len(current) + len(data) > _WORD_BYTES:
            pieces.append(f"=?utf-8?b?{base64.b64encode(current).decode()}?=")
            current = b""
        current += data
    pieces.append(f"=?utf-8?b?{base64.b64encode(current).decode()}?=")
    return " ".join(pieces)


def _addresses(boxes: Sequence[Mailbox]) -> str:
    return ", ".join(_address(box) for box in boxes if box.address)


def _address(box: Mailbox) -> str:
    """A mailbox; what could end the address or begin another one is dropped from it."""
    address = _plain_address(box.address)
    name = one_line(box.name, NAME_LIMIT)
    if not name:
        return address
    if not name.isascii() or "=?" in name:
        return f"{_encoded_words(name)} <{address}>"
    if not _ATOM.fullmatch(name):
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        name = f'"{escaped}"'
    return f"{name} <{address}>"


def _plain_address(address: str) -> str:
    """An address, its domain in ASCII; letters of other scripts before the @ stay as they are (RFC 6532)."""
    plain = _NOT_IN_ADDRESS.sub("", address)
    try:
        return travelling(plain)
    except ValueError:
        return plain


def _id(message_id: str) -> str:
    plain = _NOT_IN_ID.sub("", message_id)[:ID_LIMIT]
    return f"<{plain}>" if plain else ""


def _chain(references: Sequence[str], in_reply_to: str) -> list[str]:
    """The first reference and the newest ones; what is answered is the last."""
    chain = [one for one in dict.fromkeys(references) if one and one != in_reply_to]
    if in_reply_to:
        chain.append(in_reply_to)
    return chain if len(chain) <= REFERENCES + 1 else [chain[0], *chain[-REFERENCES:]]


# ---------------------------------------------------------------- bodies


def _body(text: str, quoted: str, quoted_from: str) -> str:
    body = _lines(text)
    if quoted:
        above = one_line(quoted_from)
        rows = "\n".join(
            f">{row}" if row.startswith(">") else f"> {row}".rstrip() for row in _lines(quoted).split("\n")
        )
        body = f"{body}\n\n{above}\n{rows}" if above else f"{body}\n\n{rows}"
    return body


def _lines(text: str) -> str:
    return re.sub(r"\r\n|\r", "\n", text).rstrip("\n")


def _text_part(text: str) -> tuple[list[tuple[str, str]], bytes]:
    """Text as UTF-8, in the encoding that leaves it readable: plain if ASCII in short lines, else quoted-printable,
    or base64 if most of it is not ASCII."""
    data = text.encode("utf-8", "replace") + b"\n"
    kind = ("Content-Type", "text/plain; charset=utf-8")
    high = sum(byte > 127 for byte in data)
    # "From " at the start of a line is changed on the way by programs that keep mails in one file
    plain = (
        high == 0 and max(map(len, data.split(b"\n"))) <= 900 and not re.search(rb"(?m)^(?:From |\.)|[^\n\t -~]", data)
    )
    if plain:
        return [kind, ("Content-Transfer-Encoding", "7bit")], data.replace(b"\n", b"\r\n")
    if high * 4 > len(data):
        return [kind, ("Content-Transfer-Encoding", "base64")], _base64(data.replace(b"\n", b"\r\n"))
    encoded = binascii.b2a_qp(data, quotetabs=False, istext=True, header=False)
    encoded = re.sub(rb"(?m)^From ", b"=46rom ", encoded)
    encoded = re.sub(rb"(?m)^\.", b"=2E", encoded)
    return [kind, ("Content-Transfer-Encoding", "quoted-printable")], re.sub(rb"\r?\n", b"\r\n", encoded)


def _file_part(file: OutgoingPart) -> tuple[list[tuple[str, str]], bytes]:
    kind, _, sub = file.mime.lower().partition("/")
    mime = f"{kind}/{sub}" if _TOKEN.fullmatch(kind) and _TOKEN.fullmatch(sub) else "application/octet-stream"
    if kind in ("multipart", "message"):  # base64 is not allowed in these
        mime = "application/octet-stream"
    name = short_name(one_line(file.file_name))
    headers = [
        ("Content-Type", f"{mime}{_parameter('name', name)}"),
        ("Content-Disposition", f"attachment{_parameter('filename', name)}"),
        ("Content-Transfer-Encoding", "base64"),
    ]
    return headers, _base64(file.content)


def _parameter(name: str, value: str) -> str:
    """A parameter with its value, in the encoding of RFC 2231 if it needs one."""
    if not value:
        return ""
    if value.isascii() and not re.search(r'["\\%]|=\?', value) and len(value) < 60:
        return f'; {name}="{value}"'
    encoded = quote(value.encode("utf-8", "replace"), safe="")
    if len(encoded) < 60:
        return f"; {name}*=utf-8''{encoded}"
    pieces = re.findall(r"(?:%[0-9A-F]{2}|[^%]){1,18}", encoded)
    first, *rest = pieces
    return f"; {name}*0*=utf-8''{first}" + "".join(f"; {name}*{n}*={piece}" for n, piece in enumerate(rest, 1))


def _base64(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def _boundary(message_id: str, body: bytes, files: Sequence[OutgoingPart]) -> bytes:
    """A line that stands nowhere in the mail: base64 has no "_", and the text is not known to whoever wrote a part."""
    digest = hashlib.sha256(message_id.encode("utf-8", "replace") + body)
    for file in files:
        digest.update(hashlib.sha256(file.content).digest())
    return b"=_" + digest.hexdigest()[:32].encode()
