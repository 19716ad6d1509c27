"""The parts of a mail: where each begins and ends, its headers and its bytes, whatever the bytes are.

The standard parser follows every line through nested generators, so a deep mail ends in a RecursionError and a long
one in seconds. Here only lines that begin with "--" are looked at, once, against the boundaries open at that moment:
time is linear in the size of the mail, and depth, parts and headers have a limit each.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

#: beyond these a mail is no longer taken apart; what is left stays one part
DEPTH_LIMIT = 60
PARTS_LIMIT = 1_000
HEADERS_LIMIT = 2_000
HEADER_LIMIT = 50_000
BOUNDARY_LIMIT = 300
PARAMETERS_LIMIT = 200

_LINE = re.compile(rb"([^\r\n]*)(\r*\n|\r|\Z)")
_HEADER = re.compile(rb"([!-9;-~]{1,200})[ \t]*:[ \t]*")
_FIRST_BOUNDARY = re.compile(rb"(?m)^--([^\r\n-][^\r\n]{0,200})\r?$")
_TOKEN = re.compile(r"[^\s;\"()<>@,]+")
_PADDING = re.compile(rb"(=[= \t]*(?:\r?\n)?)")
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_URL_SAFE = bytes.maketrans(b"-_", b"+/")

Headers = list[tuple[str, bytes]]


class Part:
    """One part: `mime` in lower case, `params` of its Content-Type as written, its body from `start` to `end`."""

    __slots__ = ("children", "end", "headers", "index", "mime", "params", "parent", "start")
    mime: str

    def __init__(self, headers: Headers, start: int, parent: Part | None) -> None:
        self.headers = headers
        self.start = self.end = start
        self.parent = parent
        self.children: list[Part] = []
        self.index = 0
        fallback = "message/rfc822" if parent is not None and parent.mime == "multipart/digest" else "text/plain"
        self.mime, self.params = media_type(self.header("content-type"), fallback)

    def header(self, name: str) -> bytes:
        """The first header of this name, unfolded; empty if there is none."""
        return next((value for key, value in self.headers if key == name), b"")

    @property
    def encoding(self) -> str:
        """The transfer encoding, as one lower-case word."""
        value = self.header("content-transfer-encoding").decode("latin-1").lower()
        found = _TOKEN.search(value)
        return found.group() if found else ""

    def leaves(self) -> Iterator[Part]:
        """The parts without parts of their own, in order."""
        waiting = [self]
        while waiting:
            part = waiting.pop()
            if part.children:
                waiting.extend(reversed(part.children))
            else:
                yield part


class Tree:
    """A mail taken apart: its `root`, and in `defects` what was wrong with it, in short words."""

    def __init__(self, raw: bytes) -> None:
        # A mail whose lines all end in a bare carriage return would be one line.
        self.raw = raw if b"\n" in raw else raw.replace(b"\r", b"\n")
        self.defects: list[str] = []
        self._open: list[tuple[bytes, Part]] = []
        #: lines that end a part now: how deep, and whether they end the whole multipart
        self._ends: dict[bytes, tuple[int, bool]] = {}
        self._parts = 0
        self.root = self._split()

    def defect(self, word: str) -> None:
        if word and word not in self.defects:
            self.defects.append(word)

    def content(self, part: Part) -> bytes:
        """A part's bytes without their transfer encoding. Never raises."""
        body, defect = decoded(self.raw[part.start : part.end], part.encoding)
        self.defect(defect)
        return body

    def source(self, part: Part) -> bytes:
        """A part's bytes as they stand in the mail."""
        return self.raw[part.start : part.end]

    def _split(self) -> Part:
        raw = self.raw
        root = leaf = self._part(0, None)
        at = max(root.start - 1, 0)
        if root.start == 0 and raw.startswith(b"--"):
            leaf = self._boundary(0, leaf)
        while self._open and (at := raw.find(b"\n--", at)) >= 0:
            leaf = self._boundary(at + 1, leaf)
            at += 3
        leaf.end = max(leaf.start, len(raw))
        self._close(0, leaf.end)
        for index, part in enumerate(root.leaves()):
            part.index = index
        return root

    def _part(self, start: int, parent: Part | None) -> Part:
        """Begin a part here; if it has parts itself, its boundary is open from now on."""
        headers, body = self._headers(start)
        part = Part(headers, body, parent)
        self._parts += 1
        if part.mime.startswith("multipart/"):
            boundary = part.params.get("boundary", "").encode("utf-8", "replace").rstrip()
            if not boundary:
                self.defect("multipart_without_boundary")
                found = _FIRST_BOUNDARY.search(self.raw, body, body + 10_000)
                boundary = found.group(1).rstrip() if found else b""
            if not boundary or len(boundary) > BOUNDARY_LIMIT:
                self.defect("multipart_without_boundary")
            elif len(self._open) >= DEPTH_LIMIT:
                self.defect("too_deep")
            else:
                self._open.append((boundary, part))
                self._watch()
        return part

    def _watch(self) -> None:
        self._ends = {}
        for depth, (boundary, _) in enumerate(self._open):
            self._ends[boundary + b"--"] = (depth, True)
            self._ends[boundary] = (depth, False)

    def _boundary(self, at: int, leaf: Part) -> Part:
        """A line beginning with "--": if it ends the current part, end it and begin the next one."""
        line_end = self.raw.find(b"\n", at, at + BOUNDARY_LIMIT + 100)
        if line_end < 0:
            line_end = len(self.raw)
        found = self._ends.get(self.raw[at + 2 : min(line_end, at + BOUNDARY_LIMIT + 100)].rstrip())
        if found is None:
            return leaf
        if self._parts >= PARTS_LIMIT:
            self.defect("too_many_parts")
            return leaf
        depth, last = found
        # The line break before a boundary belongs to the boundary (RFC 2046 5.1.1).
        end = at - 1 if at else 0
        if end and self.raw[end - 1 : end] == b"\r":
            end -= 1
        leaf.end = max(leaf.start, end)
        self._close(depth + 1, leaf.end)
        if last:
            self._open[depth][1].end = leaf.end
            del self._open[depth:]
            self._watch()
            return Part([], line_end, None)  # what follows belongs to no part
        parent = self._open[depth][1]
        child = self._part(min(line_end + 1, len(self.raw)), parent)
        parent.children.append(child)
        return child

    def _close(self, depth: int, end: int) -> None:
        """End the multiparts from this depth on, which never were ended themselves."""
        for _, part in self._open[depth:]:
            part.end = end
            self.defect("unclosed_multipart" if part.children else "multipart_without_parts")
        del self._open[depth:]
        self._watch()

    def _headers(self, start: int) -> tuple[Headers, int]:
        """The headers from here on, and where the body begins."""
        headers: list[tuple[str, bytearray]] = []
        at, end = start, len(self.raw)
        while at < end:
            match = _LINE.match(self.raw, at)
            assert match is not None  # the pattern matches anything
            line = match.group(1)
            if not line:
                at = match.end()
                break
            if line.startswith(b"--") and line[2:].rstrip() in self._ends:
                break
            found = _HEADER.match(line)
            if line[0] in b" \t" and headers:
                self._continue(headers[-1][1], line)
            elif found and len(headers) >= HEADERS_LIMIT:
                self.defect("too_many_headers")
            elif found:
                headers.append((found.group(1).decode("latin-1").lower(), bytearray(line[found.end() :])))
            elif at == start and line.startswith((b"From ", b">From ")):
                pass  # the line before a mail in an mbox
            elif headers and self._header_at(match.end()):
                self.defect("bad_header")
            else:
                self.defect("no_blank_line_after_headers")
                break
            at = match.end()
        return [(name, bytes(value[:HEADER_LIMIT]).strip()) for name, value in headers], at

    def _continue(self, value: bytearray, line: bytes) -> None:
        if len(value) < HEADER_LIMIT:
            value += b" " + line.lstrip(b" \t") if value else line.lstrip(b" \t")
        else:
            self.defect("long_header")

    def _header_at(self, at: int) -> bool:
        match = _LINE.match(self.raw, at, min(len(self.raw), at + 1_000))
        return match is not None and _HEADER.match(match.group(1)) is not None


# ---------------------------------------------------------------- parameters


def media_type(value: bytes, fallback: str) -> tuple[str, dict[str, str]]:
    """A Content-Type's type and parameters; `fallback` if it names none."""
    word, params = parameters(value)
    word = word.lower()
    if word in ("text", "html", "plain"):  # seen without the other half
        return "text/html" if word == "html" else "text/plain", params
    kind, _, sub = word.partition("/")
    if not kind or not sub or "/" in sub:
        return fallback, params
    return word, params


def parameters(value: bytes) -> tuple[str, dict[str, str]]:
    """The first word of a structured header and its parameters, RFC 2231 pieces put together but not decoded.

    A name with a star keeps it (`filename*`), so that whoever reads it knows it is encoded.
    """
    text = decode_header_bytes(value)[:20_000]
    word = _TOKEN.search(text.partition(";")[0])
    rest = text[word.end() :].lstrip("; \t") if word else text  # a semicolon that is missing is no reason to stop
    params: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for name, content in _pairs(rest):
        base, star, number = name.partition("*")
        if not star:
            params.setdefault(name, content)
        elif number in ("",):
            params.setdefault(f"{base}*", content)
        elif number.rstrip("*").isdigit() and len(number) < 6:
            pieces.setdefault(base, {})[int(number.rstrip("*"))] = (content, number.endswith("*"))
    for base, found in pieces.items():
        encoded = any(is_encoded for _, is_encoded in found.values())
        ordered = [
            content if is_encoded or not encoded else content.replace("%", "%25")
            for _, (content, is_encoded) in sorted(found.items())
        ]
        params.setdefault(f"{base}*" if encoded else base, "".join(ordered))
    return (word.group() if word else ""), params


_PAIR = re.compile(r"\s*([^\s=;\"]+)\s*=\s*(?:\"((?:[^\"\\]|\\.)*)(?:\"|$)|([^;]*))", re.S)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    for _ in range(PARAMETERS_LIMIT):
        match = _PAIR.match(text, at)
        if match is None:
            at = text.find(";", at) + 1
            if not at:
                return
            continue
        name, quoted, bare = match.groups()
        if quoted is not None:
            # a backslash before anything but a quote is a Windows path
            content = re.sub(r'\\(["\\])', r"\1", quoted)
        else:
            content = bare.strip()
            if content.endswith(")") and "(" in content:
                content = content[: content.rindex("(")].rstrip()
        yield name.lower(), content
        at = match.end()
        following = text.find(";", at)
        if following < 0:
            return
        at = following + 1


def decode_header_bytes(value: bytes) -> str:
    """Raw header bytes as text: UTF-8 where it is, else one character a byte. Encoded words stay as they are."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


# ---------------------------------------------------------------- transfer encodings


def decoded(body: bytes, encoding: str) -> tuple[bytes, str]:
    """Bytes without their transfer encoding, and what was wrong with that ("" if nothing). Never raises."""
    if encoding in ("base64", "b"):
        return unbase64(body)
    if encoding in ("quoted-printable", "q"):
        return binascii.a2b_qp(body), ""
    if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return unuu(body)
    if encoding in ("", "7bit", "8bit", "binary", "7-bit", "8-bit"):
        return body, ""
    return body, "unknown_transfer_encoding"


def unbase64(body: bytes) -> tuple[bytes, str]:
    """Base64 with anything between, cut short, or several pieces with padding of their own."""
    pieces = _PADDING.split(body, maxsplit=1_000)
    out: list[bytes] = []
    defect = ""
    for piece, padding in zip(pieces[::2], [*pieces[1::2], b""], strict=True):
        data = piece.translate(_URL_SAFE).translate(None, _NOT_BASE64)
        if len(data) % 4 == 1:
            data, defect = data[:-1], "bad_base64"
        out.append(binascii.a2b_base64(data + b"=" * (-len(data) % 4)))
        if not padding.endswith(b"\n"):
            break  # what stands behind the end in the same line is no base64
    content = b"".join(out)
    return content, defect or ("bad_base64" if body.strip() and not content else "")


def unuu(body: bytes) -> tuple[bytes, str]:
    """The first uuencoded file in a body; lines that are no such lines end it."""
    out: list[bytes] = []
    inside = False
    for line in body.split(b"\n"):
        line = line.rstrip(b"\r")
        if not inside:
            inside = re.match(rb"begin [0-7]{3,4} ", line) is not None
        elif line in (b"end", b"`", b"") and out:
            return b"".join(out), ""
        else:
            try:
                out.append(binascii.a2b_uu(line))
            except binascii.Error:
                # some encoders write the last line longer than its count says
                length = ((line[0] - 32) & 63) * 4 // 3 + 5 if line else 0
                try:
                    out.append(binascii.a2b_uu(line[:length]))
                except binascii.Error:
                    return b"".join(out), "bad_uuencoding"
    return (b"".join(out), "bad_uuencoding") if inside else (body, "bad_uuencoding")
