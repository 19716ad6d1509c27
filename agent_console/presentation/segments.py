"""How many SMS a text is, for the composer. Pure.

A text whose characters are all in the GSM alphabet takes 160 of them in one SMS, 153 in each of several (the rest says
which part it is); some take two places. Any other text is sent in UCS-2: 70 units, or 67 in each of several; what lies
beyond the first 65,536 characters (most emoji) takes two units. Nothing that is one sign on the screen is put into two
parts, as long as it fits into one. Source: 3GPP TS 23.038 (alphabets), TS 23.040 §9.2.3.24.1 (parts).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

#: the GSM 7 bit default alphabet: one place each
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: its extension table: an escape, then the character
_EXTENDED = frozenset("\f^{}\\[~]|€")

#: units in a text of one part, and in each of several
GSM, GSM_PART = 160, 153
UCS2, UCS2_PART = 70, 67

_JOINER = "\u200d"


class Segments(NamedTuple):
    """What a text costs. `parts`: how many SMS (0 for no text); `left`: units that still fit into the last one; `gsm`:
    whether it fits the GSM alphabet; `culprit`: the first character that does not."""

    parts: int
    left: int
    gsm: bool
    culprit: str = ""


def count(text: str) -> Segments:
    """How a text is divided into SMS."""
    culprit = next((sign for sign in text if sign not in _BASIC and sign not in _EXTENDED), "")
    if culprit:
        sizes = [size for cluster in _clusters(text) for size in _units(cluster)]
        parts, left = _divide(sizes, UCS2, UCS2_PART)
    else:
        parts, left = _divide([1 if sign in _BASIC else 2 for sign in text], GSM, GSM_PART)
    return Segments(parts, left, not culprit, culprit)


def _divide(sizes: list[int], single: int, part: int) -> tuple[int, int]:
    """(parts, units left in the last one) for pieces of these sizes, none of which may be cut."""
    total = sum(sizes)
    if total <= single:
        return (1 if sizes else 0), single - total
    parts, used = 1, 0
    for size in sizes:
        if used + size > part:
            parts, used = parts + 1, 0
        used += size
    return parts, part - used


def _units(cluster: str) -> list[int]:
    """The pieces of a sign: one, unless it is longer than a part, as no honest one is."""
    each = [2 if sign > "\uffff" else 1 for sign in cluster]
    return [sum(each)] if sum(each) <= UCS2_PART else each


def _clusters(text: str) -> Iterator[str]:
    """The signs of a text: a character with the marks on it, emoji that are joined or coloured, flags."""
    cluster = ""
    for sign in text:
        if cluster and not _belongs(cluster, sign):
            yield cluster
            cluster = ""
        cluster += sign
    if cluster:
        yield cluster


def _belongs(cluster: str, sign: str) -> bool:
    """Whether a character continues the sign before it."""
    if sign == _JOINER or cluster[-1] == _JOINER:
        return True
    if unicodedata.category(sign) in ("Mn", "Me", "Mc") or "\U0001f3fb" <= sign <= "\U0001f3ff":
        return True
    if "\U000e0020" <= sign <= "\U000e007f":  # tags, of the flags of regions
        return True
    return _is_flag_letter(sign) and len(cluster) == 1 and _is_flag_letter(cluster)


def _is_flag_letter(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"
