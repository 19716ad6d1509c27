"""The files and places that simulated customers send: made here, small, and what they claim to be."""

from __future__ import annotations

import functools
import random
import struct
import zlib

#: (latitude, longitude) of places in El Salvador
PLACES: dict[str, tuple[float, float]] = {
    "Terminal de Occidente": (13.6893, -89.2247),
    "Redondel Masferrer": (13.7053, -89.2529),
    "Cajero, frente a la alcaldía": (13.4817, -88.1775),
}
CENTRE = (13.6929, -89.2182)

_PAPERS = {"receipt", "remittance", "payslip", "voucher", "bill", "tickets", "card", "transfer"}
_SCREENS = {"app", "blocked", "page", "terminal"}


@functools.lru_cache(maxsize=64)
def picture(name: str) -> bytes:
    """A PNG: something like a receipt, a telephone's screen or a view, the same for the same name."""
    rng = random.Random(f"picture {name}")
    width, height = (240, 360) if name in _PAPERS | _SCREENS else (360, 240)
    if name in _PAPERS:
        rows = _paper(width, height, rng)
    elif name in _SCREENS:
        rows = _screen(width, height, rng)
    else:
        rows = _view(width, height, rng)
    return _png(width, height, rows)


Colour = tuple[int, int, int]


def _paper(width: int, height: int, rng: random.Random) -> list[bytes]:
    paper, ink = (250, 248, 240), (70, 70, 80)
    return [_line(width, paper, ink, y, rng) for y in range(height)]


def _line(width: int, paper: Colour, ink: Colour, y: int, rng: random.Random) -> bytes:
    """A row of pixels of a written page: every sixteen pixels a line of words, five pixels high."""
    if y % 16 >= 5 or y < 16:
        return bytes(paper) * width
    words = random.Random(rng.random() if y % 16 == 0 else y // 16)
    row = bytearray(bytes(paper) * width)
    x = 16
    while x < width - 40:
        length = words.randrange(8, 40)
        row[x * 3 : (x + length) * 3] = bytes(ink) * length
        x += length + 6
    return bytes(row)


def _screen(width: int, height: int, rng: random.Random) -> list[bytes]:
    theme = (rng.randrange(10, 60), rng.randrange(80, 140), rng.randrange(90, 160))
    rows = []
    for y in range(height):
        if y < 48:
            rows.append(bytes(theme) * width)
        elif 140 < y < 220:
            rows.append(b"\xff" * 72 + bytes((236, 240, 241)) * (width - 48) + b"\xff" * 72)
        else:
            rows.append(b"\xff" * (width * 3))
    return rows


def _view(width: int, height: int, rng: random.Random) -> list[bytes]:
    ground: Colour = (rng.randrange(40, 120), rng.randrange(90, 150), rng.randrange(30, 80))
    rows = []
    for y in range(height):
        if y < height * 2 // 3:
            shade = 255 - y // 2
            rows.append(bytes((shade // 2, shade * 3 // 4, shade)) * width)
        else:
            rows.append(bytes(ground) * width)
    return rows


def _png(width: int, height: int, rows: list[bytes]) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    raw = b"".join(b"\0" + row for row in rows)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b"")


@functools.lru_cache(maxsize=64)
def pdf(title: str) -> bytes:
    """A PDF of one page that shows its title."""
    shown = title.encode("ascii", "replace").replace(b"\\", b"").replace(b"(", b"").replace(b")", b"")
    stream = b"BT /F1 24 Tf 72 720 Td (" + shown + b") Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for n, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (n, content)
    table = b"".join(b"%010d 00000 n \n" % at for at in places)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return out + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
