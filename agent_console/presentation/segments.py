"""What an SMS is charged as: segments of 7-bit characters, or of 16-bit ones as soon as one character needs them.

The alphabet is that of 3GPP TS 23.038 (6.2.1); a character of its extension table takes two places. A text that fits
into one segment may have 160 places (70 in 16 bits); in one of several, 7 (3) are taken by the header that joins them.
"""

from __future__ import annotations

from typing import Final, NamedTuple

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("\f^{}\\[~]|€")

#: places of a text's only segment, and of each of several
_SEVEN: Final = (160, 153)
_SIXTEEN: Final = (70, 67)


class Segments(NamedTuple):
    """`number` of segments; `used` of the `room` places they have together. `wide`: a character needs 16 bits."""

    number: int
    used: int
    room: int
    wide: bool


def segments(text: str) -> Segments:
    """How a text would be divided."""
    wide = any(char not in _BASIC and char not in _EXTENDED for char in text)
    alone, joined = _SIXTEEN if wide else _SEVEN
    places = [_places(char, wide) for char in text]
    used = sum(places)
    if used <= alone:
        return Segments(1, used, alone, wide)
    count, left = 1, joined
    for taken in places:
        if taken > left:  # a character of two places is never divided
            count, left = count + 1, joined
        left -= taken
    return Segments(count, used, count * joined, wide)


def _places(char: str, wide: bool) -> int:
    if wide:
        return 2 if ord(char) > 0xFFFF else 1
    return 2 if char in _EXTENDED else 1
