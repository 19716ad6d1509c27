"""Texts that attack a terminal, or only a layout. Each has to come out as nothing but printable characters."""

from __future__ import annotations

ESCAPES: tuple[str, ...] = (
    "\x1b[2J\x1b[H",  # clear the screen
    "\x1b[31mred\x1b[0m",
    "\x1b]0;new title\x07",
    "\x1b]52;c;ZXZpbA==\x07",  # write the clipboard, closed by BEL
    "\x1b]52;c;ZXZpbA==\x1b\\",  # and by ST
    "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",  # a link elsewhere
    "\x1b]52;c;ZXZpbA==",  # never closed
    '\x1bP$q"p\x1b\\',  # DCS
    "\x1b_Gf=100;AAAA\x1b\\",  # APC (graphics)
    "\x1b^pm\x1b\\",
    "\x1bXsos\x1b\\",
    "\x1bc",  # reset
    "\x1b(0lqqk\x1b(B",  # line-drawing charset
    "\x1b#8",
    "\x1b",
    "\x1b[",
    "\x1b]",
    "\x1b\x1b[A",
    "\x9b31mred",  # the same with 8-bit introducers
    "\x9d52;c;ZXZpbA==\x9c",
    "\x90q\x9c",
    "\x9f\x9e\x98text\x9c",
    "\x1b[?1049l\x1b[?2004l",
    "\x1b[6n\x1b[c\x1b[>c",  # make the terminal type
    "\x1b[200~paste\x1b[201~",
)
CONTROLS: tuple[str, ...] = (
    "".join(map(chr, range(0x00, 0x20))),
    "".join(map(chr, range(0x7F, 0xA0))),
    "a\x08\x08\x08b",
    "over\rwrite",
    "bell\x07",
    "nul\x00byte",
    "shift\x0eout\x0fin",
)
LINES: tuple[str, ...] = ("one\u2028two\u2029three\x85four\x0bfive\x0csix\r\nseven\rend", "\n" * 4000 + "far below")
BIDI: tuple[str, ...] = (
    "photo\u202egpj.exe",
    "\u202dforced\u202c",
    "\u2066isolated\u2069 \u2067rtl\u2069 \u2068first\u2069",
    "\u200emark\u200f\u061c",
    "\u202a+503 7012 4421\u202c",  # as WhatsApp copies a number
    "مرحبا بك",
    "שלום",
)
INVISIBLE: tuple[str, ...] = (
    "zero\u200bwidth\u2060joiner\ufeff",
    "soft\u00adhyphen",
    "\u3164\u115f\u1160\uffa0",
    "tags\U000e0041\U000e0042\U000e007f",
    "a\u200db\u200dc",
    "\ufe0f\ufe0fselectors\U000e0100",
    "\u206a\u206f\ufff9note\ufffb",
)
COMBINING: tuple[str, ...] = ("Z" + "\u0301\u0302\u0327\u0489" * 50 + "algo", "\u0301first", "e\u0301n\u0303")
BROKEN: tuple[str, ...] = ("lone \ud800 and \udfff", "\uffff\ufffe", "\ue000private\U0010ffff", "\U000e0fff")
EMOJI: tuple[str, ...] = (
    "👩‍👩‍👧‍👦",
    "🏳️‍🌈",
    "👍🏽",
    "🇸🇻",
    "1️⃣",
    "❤️",
    "👩\u200d",
    "😩😩😩",
)
WIDE: tuple[str, ...] = ("漢字" * 30, "ｆｕｌｌ　ｗｉｄｔｈ", "นี้คือภาษาไทย", "क्षत्रिय", "한국어")
MARKUP: tuple[str, ...] = ("[/b] [bold]x[/bold]", "[@click=app.quit]x[/]", "[link=http://evil]pay[/link]", '[a="]')
LINKS: tuple[str, ...] = (
    "https://evil.example/\x1b]52;c;ZXZpbA==\x07a;b=c\x1b\\d www.evil.example/\u202egpj\u200b https://evil.example/\x9cñ",
    "https://good.example@evil.example/\x07 http://evil.example:80/%0a%1b]8;; https://\u0435vil.example/\x1b[31m",
)

ALL: tuple[str, ...] = (
    *ESCAPES,
    *CONTROLS,
    *LINES,
    *BIDI,
    *INVISIBLE,
    *COMBINING,
    *BROKEN,
    *EMOJI,
    *WIDE,
    *MARKUP,
    *LINKS,
    "x" * 100_000,
    "",
    "   ",
)

#: code points that must never be in what is painted
FORBIDDEN: frozenset[int] = frozenset(
    code
    for first, last in (
        (0x00, 0x1F),
        (0x7F, 0x9F),
        (0xAD, 0xAD),
        (0x61C, 0x61C),
        (0x200B, 0x200B),
        (0x200E, 0x200F),
        (0x2028, 0x202E),
        (0x2060, 0x206F),
        (0xFEFF, 0xFEFF),
        (0xD800, 0xDFFF),
        (0xE0000, 0xE0FFF),
    )
    for code in range(first, last + 1)
)
