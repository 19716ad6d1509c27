"""Mails that nobody here wrote: each gives a readable message, and the fields that are expected of it.

Compared with stalwart's expectations: subject, first sender, recipients (To, Cc), message id, date, the text of plain
text bodies (blanks aside) and the number of attachments. Where the expectation has lost letters (U+FFFD), any letters
of ours may stand there.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from server.channels.email_message import Mail, part_content, read_mail
from tests.conftest import find_shared

FOLDERS = ("email/stalwart", "email/mikel", "email/chatwoot", "reply-folding/emails")


def mails() -> list[Path]:
    shared = find_shared()
    if shared is None:
        return []
    folders = [shared / "conformance" / folder for folder in FOLDERS]
    return sorted(path for folder in folders for path in folder.glob("*") if path.suffix in (".eml", ".txt"))


def judged() -> list[Path]:
    """The expectations; `x.crlf.json` is of the mail with its lines ended by CRLF."""
    shared = find_shared()
    return [] if shared is None else sorted((shared / "conformance/email/stalwart").glob("*.json"))


#: what a mail has to have between its headers to be more than headers: any line that is no boundary and no header
_CONTENT = re.compile(rb"(?m)^(?!--)(?![\w-]+\s*:)[^\s].*\w")


def test_there_are_mails(shared_dir: Path) -> None:
    assert len(mails()) > 250
    assert len(judged()) > 150


@pytest.mark.parametrize("path", mails(), ids=lambda path: path.stem)
def test_readable(path: Path) -> None:
    raw = path.read_bytes()
    found = read_mail(raw)
    _, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    if _CONTENT.search(body):
        assert found.text.strip() or found.parts
    for part in found.parts:
        assert len(part_content(raw, part.index)[0]) == part.size
    assert "\ufffd" not in found.subject or b"\xef\xbf\xbd" in raw
    assert "=?" not in found.from_.name


# ---------------------------------------------------------------- beside expectations

#: why a field is another one here
OUTER = "a boundary of the outer multipart ends the inner one (RFC 2046 5.1.2); the expectation reads on to the end"
LOST = "a multipart without parts: its text is shown; the expectation has an attachment without content"
EMPTY = "a part without headers and content is no attachment"
DOUBLE = "two Content-Types: the first one holds"
TEXT = "text of an unknown kind is the only text, so it is shown"

DEVIATIONS: dict[str, dict[str, str]] = {
    "malformed__001": {"text": OUTER, "attachments": OUTER},
    "malformed__002": {"text": LOST, "attachments": LOST},
    "malformed__003": {"text": LOST, "attachments": LOST},
    "malformed__004": {"text": LOST, "attachments": LOST},
    "malformed__006": {"text": LOST, "attachments": LOST},
    "malformed__007": {"attachments": EMPTY},
    "malformed__008": {"text": OUTER, "attachments": OUTER},
    "malformed__009": {"text": OUTER, "attachments": OUTER},
    "malformed__011": {"text": OUTER, "attachments": OUTER},
    "malformed__012": {"attachments": OUTER},
    "malformed__016": {"text": OUTER, "attachments": OUTER},
    "malformed__019": {"text": "boundaries in another case than declared; the expectation has no text at all"},
    "malformed__020": {"text": DOUBLE},
    "malformed__021": {"text": DOUBLE},
    "rfc__006": {"text": "the plain text only says that the program cannot show HTML"},
    "thirdparty__000": {"text": "a zero byte is left out"},
    "thirdparty__002": {"text": "base64 that is none", "attachments": "base64 that is none is still a text part"},
    "thirdparty__005": {"text": "a boundary in the middle of a line is none"},
    "thirdparty__007": {"from": "a name in angle brackets, without a domain, is no address"},
    "thirdparty__012": {"text": TEXT, "attachments": TEXT},
    "thirdparty__015": {"attachments": "three attached mails, the expectation has the first one"},
}


def _boxes(value: Any) -> list[tuple[str, str]]:
    if not isinstance(value, dict):
        return []
    address = value.get("Address", {})
    found = list(address.get("List", ()))
    for group in address.get("Group", ()):
        found += group["addresses"]
    return [(_line(one.get("name") or ""), one.get("address") or "") for one in found]


def _line(text: str) -> str:
    return " ".join(text.split())


def _text(value: Any) -> str:
    if not isinstance(value, dict):
        return ""
    return str(value["Text"]) if "Text" in value else str(value["TextList"][0])


def _date(value: Any) -> int:
    when = value["DateTime"]
    year, month, day, hour, minute, second = (
        when[name] for name in ("year", "month", "day", "hour", "minute", "second")
    )
    offset = (when["tz_hour"] * 60 + when["tz_minute"]) * (-60 if when["tz_before_gmt"] else 60)
    return int((datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp() - offset) * 1000)


def _fields(expected: dict[str, Any], found: Mail) -> dict[str, tuple[Any, Any]]:
    """For each field that is expected: ours and theirs."""
    headers: dict[str, Any] = {}
    for header in expected["parts"][0]["headers"]:
        if isinstance(header["name"], str):
            headers.setdefault(header["name"], header["value"])
    fields: dict[str, tuple[Any, Any]] = {"attachments": (len(found.parts), len(expected["attachments"]))}
    if "subject" in headers:
        fields["subject"] = (_line(found.subject), _line(_text(headers["subject"])))
    if "message_id" in headers:
        fields["message_id"] = (found.message_id, _text(headers["message_id"]))
    if isinstance(headers.get("date"), dict):
        fields["date"] = (found.date, _date(headers["date"]))
    if "from" in headers:
        ours = [found.from_] if found.from_.name or found.from_.address else []
        fields["from"] = ([(_line(box.name), box.address) for box in ours], _boxes(headers["from"])[:1])
    for name, boxes in (("to", found.to), ("cc", found.cc)):
        if name in headers:
            fields[name] = ([(_line(box.name), box.address) for box in boxes], _boxes(headers[name]))
    bodies = [expected["parts"][number]["body"] for number in expected["text_body"]]
    if all(isinstance(body, dict) and "Text" in body for body in bodies):
        theirs = "".join("".join(body["Text"].split()) for body in bodies)
        fields["text"] = ("".join((found.text + found.folded).split()), theirs)
    return fields


def _same(ours: Any, theirs: Any) -> bool:
    """Equal, but for letters the expectation has lost and for the order of what is folded."""
    if isinstance(theirs, str) and "\ufffd" in theirs:
        pattern = re.sub(r"\ufffd+", r"[^\\x00-\\x7f]+", re.escape(theirs))
        return re.fullmatch(pattern, ours) is not None
    if isinstance(theirs, (list, tuple)):
        return len(ours) == len(theirs) and all(_same(one, other) for one, other in zip(ours, theirs, strict=True))
    return bool(ours == theirs) or (isinstance(theirs, str) and len(ours) > 40 and sorted(ours) == sorted(theirs))


@pytest.mark.parametrize("path", judged(), ids=lambda path: path.stem)
def test_as_expected(path: Path) -> None:
    crlf = path.name.endswith(".crlf.json")
    raw = path.with_name(path.name.replace(".crlf.json" if crlf else ".json", ".eml")).read_bytes()
    if crlf:
        raw = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    fields = _fields(json.loads(path.read_text()), read_mail(raw))
    excused = DEVIATIONS.get(path.name.removeprefix("resources__eml__").partition(".")[0], {})
    wrong = {name: pair for name, pair in fields.items() if not _same(*pair)}
    assert {name: pair for name, pair in wrong.items() if name not in excused} == {}
    assert not set(excused) - set(wrong), "excused for nothing"
