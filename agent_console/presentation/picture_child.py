"""Turns a customer's picture into what a terminal can show, in a process of its own: hostile pictures can neither hold
the console up nor take it down.

    python -m agent_console.presentation.picture_child WAY COLUMNS ROWS CELL_WIDTH CELL_HEIGHT

Reads the file from stdin; writes one line of JSON (size in pixels, and in cells) and the payload: PNG for kitty, sixel
text, or the colours of half blocks (two rows of RGB for each row of cells).
"""

from __future__ import annotations

import io
import json
import re
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

#: what may be opened at all; pixels a picture may have
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")
MOST_PIXELS = 80_000_000
#: bytes of memory and seconds of work this process may take
MEMORY = 1_000_000_000
SECONDS = 10
#: colours of a sixel picture
COLOURS = 64


def limit() -> None:
    """Bound what a picture can cost."""
    try:
        import resource
    except ImportError:  # Windows: the parent's time limit is what there is
        return
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def opened(data: bytes) -> Image:
    """The picture, not decoded yet. Raises what Pillow raises, and ValueError if it is too large."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # looked at here, before anything is decoded
    picture = Image.open(io.BytesIO(data), formats=FORMATS)
    if picture.width * picture.height > MOST_PIXELS:
        raise ValueError("too many pixels")
    return picture


def fitted(size: tuple[int, int], columns: int, rows: int, cell: tuple[int, int]) -> tuple[int, int, int, int]:
    """Columns, rows and pixels that a picture takes in at most `columns` x `rows` cells: never larger than it is, and
    of its own shape."""
    width, height = max(1, size[0]), max(1, size[1])
    scale = min(columns * cell[0] / width, rows * cell[1] / height, 1.0)
    wide, high = max(1, round(width * scale)), max(1, round(height * scale))
    return min(columns, -(-wide // cell[0])), min(rows, -(-high // cell[1])), wide, high


def shown(data: bytes, way: str, columns: int, rows: int, cell: tuple[int, int]) -> tuple[dict[str, Any], bytes]:
    """The header and the payload."""
    from PIL import Image, ImageOps

    picture = opened(data)
    original = picture.size
    picture.draft("RGB", (columns * cell[0] * 2, rows * cell[1] * 2))  # JPEG: decode no more than is needed
    picture = ImageOps.exif_transpose(picture)
    taken_columns, taken_rows, wide, high = fitted(picture.size, columns, rows, cell)
    header = {"width": original[0], "height": original[1], "columns": taken_columns, "rows": taken_rows}
    if way == "blocks":
        flat = _flat(picture).resize((taken_columns, taken_rows * 2), Image.Resampling.LANCZOS)
        return header, flat.tobytes()
    flat = _flat(picture).resize((wide, high), Image.Resampling.LANCZOS)
    if way == "kitty":
        out = io.BytesIO()
        flat.save(out, "PNG")
        return header, out.getvalue()
    return header, sixel(flat)


def _flat(picture: Image) -> Image:
    """Without transparency: on the grey of a page."""
    from PIL import Image

    whole = picture.convert("RGBA")
    under = Image.new("RGBA", whole.size, (236, 236, 236, 255))
    return Image.alpha_composite(under, whole).convert("RGB")


def sixel(picture: Image) -> bytes:
    """A picture as sixel text: bands of six rows, for each colour of a band the cells it has, repeats counted."""
    reduced = picture.quantize(COLOURS)
    palette = reduced.getpalette() or []
    width, height = reduced.size
    pixels = reduced.tobytes()
    parts = [b'\x1bP0;1;0q"1;1;%d;%d' % (width, height)]
    for n in range(len(palette) // 3):
        red, green, blue = (round(value * 100 / 255) for value in palette[n * 3 : n * 3 + 3])
        parts.append(b"#%d;2;%d;%d;%d" % (n, red, green, blue))
    tables = [[bytes(1 << bit if value == n else 0 for value in range(256)) for bit in range(6)] for n in range(256)]
    for top in range(0, height, 6):
        lines = [pixels[y * width : (y + 1) * width] for y in range(top, min(top + 6, height))]
        colours = sorted(set(b"".join(lines)))
        for n in colours:
            bits = 0
            for bit, line in enumerate(lines):
                bits |= int.from_bytes(line.translate(tables[n][bit]), "big")
            row = bits.to_bytes(width, "big").translate(_PRINTED)
            parts.append(b"#%d%b$" % (n, _REPEATS.sub(_counted, row)))
        parts.append(b"-")
    parts.append(b"\x1b\\")
    return b"".join(parts)


_PRINTED = bytes(min(value + 63, 126) for value in range(256))
_REPEATS = re.compile(rb"(.)\1{3,}", re.DOTALL)


def _counted(found: re.Match[bytes]) -> bytes:
    return b"!%d%b" % (len(found[0]), found[1])


def main(arguments: list[str]) -> int:
    """Do it. Exit code 1: this is no picture we can show."""
    limit()
    way, columns, rows, *cell = arguments
    try:
        header, payload = shown(sys.stdin.buffer.read(), way, int(columns), int(rows), (int(cell[0]), int(cell[1])))
    except Exception as error:  # whatever a picture does to Pillow
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + payload)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
