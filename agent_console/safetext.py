"""The one door through which foreign text reaches a terminal.

What a customer wrote, what a file is called, what a provider answered: none of it may move the cursor, write the
clipboard, turn the line around or swallow the next column. `line` makes one line of it, `block` several; both answer
`SafeText`, which holds nothing but printable characters (and, in a block, line feeds). Everything that is painted goes
through here, and `guard` checks it once more on its way out.

What is done to the text:

* escape sequences (CSI, OSC, DCS, SOS, PM, APC, with 7-bit or 8-bit introducers) are dropped with their payload, other
  C0 and C1 controls and DEL are dropped; NEL, VT, FF, LINE and PARAGRAPH SEPARATOR are line breaks, tabs are spaces;
* the bidi overrides, which make a file name lie, show as `⇄`; the other bidi controls and every invisible character
  (zero-width space, word joiner, soft hyphen, fillers, tags …) are dropped;
* zero-width joiners and variation selectors stay only inside emoji; a base character carries at most four marks;
* lone surrogates, private-use and unassigned characters show as U+FFFD; too long a text ends in an ellipsis.

Terminals do not agree on how wide joined emoji are. In a `line`, where columns must stand under each other, emoji are
therefore taken apart into those whose width every terminal knows; a `block` keeps them joined unless
`AGENT_CONSOLE_EMOJI=plain` (see `plain_emoji`).
"""

from __future__ import annotations

import os
import re
import unicodedata
from typing import Final, NewType

from rich.cells import cell_len, chop_cells, set_cell_size

SafeText = NewType("SafeText", str)

ELLIPSIS: Final = "…"
OVERRIDE: Final = "⇄"
REPLACEMENT: Final = "\ufffd"
TAB: Final = 4
#: how many combining marks a base character may carry; Hebrew, Thai and Hindi need up to three or four
MARKS: Final = 4
#: more empty lines than this in a row are not shown
EMPTY_LINES: Final = 2

#: Text made of these alone needs nothing done to it: printable ASCII, Latin with accents, common punctuation.
_PLAIN = re.compile("[ -~¡-¬®-ſ‘’“”–—…€•]*")
_PLAIN_BLOCK = re.compile("[ -~¡-¬®-ſ‘’“”–—…€•\n]*")
_SEQUENCE = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI … final
    "|(?:\x1b[\\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x9c\n\r]{0,4096}(?:\x07|\x1b\\\\|\x9c)"  # strings, closed
    "|\x1b[ -/]*[0-~]"  # ESC … final
)
_BREAK = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_MANY_EMPTY = re.compile(f"(?:[ ]*\n){{{EMPTY_LINES + 2},}}")
#: whatever is not plainly a letter, a sign or a CJK character is looked at one by one
_ODD = re.compile(
    "[^\x00-\u02ff\u0391-\u03a1\u03a3-\u03ff\u0400-\u0482\u2010-\u2027\u3041-\u3096\u4e00-\u9fff\uac00-\ud7a3]"
)

_ZWJ: Final = "\u200d"
_VS16: Final = "\ufe0f"
_KEYCAP: Final = "\u20e3"
_OVERRIDES: Final = frozenset("\u202d\u202e")
#: characters that show nothing, or only act on their neighbours
_INVISIBLE: Final = frozenset(
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u200b\u200c\u200e\u200f\u202a\u202b\u202c"
    "\u2060\u2061\u2062\u2063\u2064\u2065\u2066\u2067\u2068\u2069\u206a\u206b\u206c\u206d\u206e\u206f\u3164\ufeff\uffa0"
    "\ufff9\ufffa\ufffb\u2d7f"
)

#: of these, the ones that `str.isprintable` takes for printable, and the variation selectors beyond the emoji's own
_HIDDEN = re.compile(
    "[" + "".join(sorted(char for char in _INVISIBLE if char.isprintable())) + "\U000e0000-\U000e0fff]"
)

#: show every emoji on its own, everywhere (for terminals that do not join them)
plain_emoji: bool = os.environ.get("AGENT_CONSOLE_EMOJI", "") == "plain"


def line(text: str, limit: int = 400) -> SafeText:
    """One safe line of at most `limit` characters; line breaks and tabs become spaces."""
    if len(text) <= limit and _PLAIN.fullmatch(text):
        return SafeText(text)
    short = text[: limit * 2]
    cleaned = _clean(short, plain=True)
    flat = " ".join(cleaned.split())
    return SafeText(_limit(flat, limit, cut=len(short) < len(text)))


def block(text: str, limit: int = 20_000) -> SafeText:
    """Safe text that keeps its line feeds, of at most `limit` characters; tabs become spaces."""
    if len(text) <= limit and _PLAIN_BLOCK.fullmatch(text) and "\n\n\n" not in text:
        return SafeText(text)
    short = text[: limit * 2]
    cleaned = _clean(short, plain=plain_emoji)
    cleaned = _MANY_EMPTY.sub("\n" * (EMPTY_LINES + 1), cleaned)
    return SafeText(_limit(cleaned, limit, cut=len(short) < len(text)))


def guard(text: str) -> str:
    """The last look before a text is painted: itself if every character can be painted, else made safe.

    A zero-width joiner inside an emoji passes; `str.isprintable` calls it unprintable, hence the second look.
    """
    if text.isascii() and text.isprintable():
        return text
    if text.isprintable() and _HIDDEN.search(text) is None:
        return text
    return _clean(text, plain=False).replace("\n", " ")


def cells(text: str) -> int:
    """How many terminal cells a safe text takes."""
    return len(text) if text.isascii() else cell_len(text)


def cut(text: SafeText | str, width: int) -> SafeText:
    """The text if it fits into `width` cells, else its beginning and an ellipsis."""
    if cells(text) <= width:
        return SafeText(text)
    if width <= 0:
        return SafeText("")
    return SafeText(set_cell_size(text, width - 1).rstrip() + ELLIPSIS)


def fit(text: SafeText | str, width: int) -> SafeText:
    """The text in exactly `width` cells: cut, or filled with spaces."""
    short = cut(text, width)
    return SafeText(short + " " * (width - cells(short)))


def wrap(text: SafeText | str, width: int) -> list[SafeText]:
    """The text in lines of at most `width` cells, broken between words where it can be. At least one line."""
    width = max(1, width)
    lines: list[SafeText] = []
    for paragraph in text.split("\n"):
        if cells(paragraph) <= width:
            lines.append(SafeText(paragraph.rstrip()))
        else:
            lines.extend(_wrap_paragraph(paragraph, width))
    return lines


def _wrap_paragraph(paragraph: str, width: int) -> list[SafeText]:
    lines: list[SafeText] = []
    current, used = "", 0
    for word in _WORDS.findall(paragraph):
        length = cells(word)
        bare = word.rstrip()
        fits = used + length - (len(word) - len(bare)) <= width
        if not fits and current:
            lines.append(SafeText(current.rstrip()))
            current, used = "", 0
            fits = cells(bare) <= width
        if fits:
            current += word
            used += length
        else:  # a word longer than a line: a link, a lot of emoji
            pieces = chop_cells(word, width)
            lines.extend(SafeText(piece.rstrip()) for piece in pieces[:-1])
            current = pieces[-1] if pieces else ""
            used = cells(current)
    if current.strip() or not lines:
        lines.append(SafeText(current.rstrip()))
    return lines


_WORDS = re.compile(r"\S+\s*|\s+")


def _limit(text: str, limit: int, cut: bool) -> str:
    if len(text) > limit:
        return text[: limit - 1].rstrip(_ZWJ + " \n") + ELLIPSIS
    return text + ELLIPSIS if cut else text


def _clean(text: str, plain: bool) -> str:
    text = _BREAK.sub("\n", _SEQUENCE.sub("", text))
    if "\t" in text:
        text = text.expandtabs(TAB)
    text = _CONTROLS.sub("", text).replace("\xa0", " ")
    if _ODD.search(text):
        text = _look_at_each(unicodedata.normalize("NFC", text), plain)
    return text


_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\xad]")


def _look_at_each(text: str, plain: bool) -> str:
    out: list[str] = []
    marks = 0
    after_emoji = False  # the character just written is (the end of) an emoji
    last = len(text) - 1
    for index, char in enumerate(text):
        code = ord(char)
        if code < 0x300:
            out.append(char)
            marks, after_emoji = 0, False
        elif char == _ZWJ:
            if not plain and after_emoji and index < last and _is_emoji(ord(text[index + 1])):
                out.append(char)
        elif char == _VS16:
            if not plain and out and not marks and (_is_emoji(ord(out[-1])) or out[-1] in "0123456789#*©®"):
                out.append(char)
                after_emoji = True
        elif char in _OVERRIDES:
            out.append(OVERRIDE)
            marks, after_emoji = 0, False
        elif char in _INVISIBLE or 0xFE00 <= code <= 0xFE0F or 0xE0000 <= code <= 0xE0FFF:
            continue
        elif 0x1F3FB <= code <= 0x1F3FF:  # a skin tone belongs to the emoji before it
            if not plain or not after_emoji:
                out.append(char)
                after_emoji = True
        else:
            category = unicodedata.category(char)
            if category[0] == "M":
                if not out or out[-1] == "\n":
                    out.append("◌")  # a mark with nothing to stand on would stand on our own text
                if marks < MARKS and not (plain and char == _KEYCAP):
                    out.append(char)
                marks += 1
                continue
            if category == "Zs" and char != "\u3000":
                char = " "
            elif category in ("Zl", "Zp"):
                char = "\n"
            elif category in ("Cc", "Cf"):
                continue
            elif category in ("Cs", "Co") or (category == "Cn" and not _is_emoji(code)):
                char = REPLACEMENT
            out.append(char)
            marks, after_emoji = 0, _is_emoji(code)
    return "".join(out)


def _is_emoji(code: int) -> bool:
    return (
        0x1F000 <= code <= 0x1FBFF
        or 0x2190 <= code <= 0x21FF
        or 0x2300 <= code <= 0x23FF
        or 0x2460 <= code <= 0x27BF
        or 0x2900 <= code <= 0x297F
        or 0x2B00 <= code <= 0x2BFF
        or code in (0x203C, 0x2049, 0x2122, 0x2139, 0x3030, 0x303D, 0x3297, 0x3299)
    )
