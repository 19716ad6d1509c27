"""The lines of a mail's text told apart: own words, quotes, and marks that say whose words follow."""

from __future__ import annotations

import re
from typing import NamedTuple

from server.channels import email_fold_words as words

#: an introduction takes so many lines and letters at most
INTRO_LINES = 8
INTRO_LENGTH = 400
#: a quoted line as long as this may have been broken in two
LONG_LINE = 60
#: a block of headers takes so many lines at most, and what announces it so many letters
HEAD_LINES = 25
HEAD_LENGTH = 200

_QUOTE = re.compile(r"^\s{0,4}(?:>|\|(?=\s|$)(?!.*\|\s*$)|[^\W\d_]\w{0,14}>(?=\s|$))")
_PREFIX = re.compile(r"^(?:\s{0,4}[>|])+ ?")
_FENCE = re.compile(r"^\s*(?:```|~~~)")
_UNSEEN = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")

TEXT, QUOTE, INTRO, HEAD = "text", "quote", "intro", "head"


class Run:
    """Lines `start` to `end` of one kind. `mark`: the kind of mark that a quote begins with, if it does. What is a mark
    ends at `body`."""

    __slots__ = ("body", "end", "kind", "mark", "start")

    def __init__(self, kind: str, start: int, mark: str, body: int) -> None:
        self.kind = kind
        self.start = self.end = start
        self.body = body
        self.mark = mark


def runs_of(lines: list[str]) -> list[Run]:
    """The runs of a text. Empty lines between two of them belong to none."""
    runs: list[Run] = []
    both = _Lines(lines, [_plain(line) for line in lines])
    fenced = _fenced(lines)
    at = 0
    while at < len(lines):
        line = lines[at]
        kind, end, mark = TEXT, at + 1, ""
        if not line.strip():
            at += 1
            continue
        if fenced[at]:
            pass
        elif _QUOTE.match(line) and not _ends_intro(line):
            kind = QUOTE
            if not runs or runs[-1].kind != QUOTE:
                end, mark = _mark(both, at)
        elif _continues_quote(lines, at, runs):
            kind = QUOTE
        else:
            end, mark = _mark(both, at)
            kind = mark or TEXT
        _add(runs, kind, at, end, mark if kind == QUOTE else "")
        at = end
    return runs


def _add(runs: list[Run], kind: str, at: int, end: int, mark: str) -> None:
    if not runs or runs[-1].kind != kind or kind in (INTRO, HEAD):
        runs.append(Run(kind, at, mark, end if mark or kind in (INTRO, HEAD) else at))
    runs[-1].end = end


def _fenced(lines: list[str]) -> list[bool]:
    """For each line whether it is code between two fences."""
    fences = [number for number, line in enumerate(lines) if _FENCE.match(line)]
    fenced = [False] * len(lines)
    for first, last in zip(fences[::2], fences[1::2], strict=False):
        fenced[first : last + 1] = [True] * (last + 1 - first)
    return fenced


def _ends_intro(line: str) -> bool:
    """Whether this is the end of an introduction that only looks like a quote: "> wrote:"."""
    return (
        line.lstrip().startswith("> ")
        and words.INTRO_END.search(line) is not None
        and "@" not in line
        and bool(words.WROTE.match(line.lstrip()[2:]))
    )


def _continues_quote(lines: list[str], at: int, runs: list[Run]) -> bool:
    """A single line right between two lines of a quote is the end of a long one that was broken on the way."""
    return (
        bool(runs)
        and runs[-1].kind == QUOTE
        and at > 0
        and at + 1 < len(lines)
        and len(lines[at - 1]) >= LONG_LINE
        and _QUOTE.match(lines[at - 1]) is not None
        and _QUOTE.match(lines[at + 1]) is not None
    )


class _Lines(NamedTuple):
    """Lines as they are, and `plain`: without quote signs, blanks of every kind and marks of writing direction."""

    raw: list[str]
    plain: list[str]


def _plain(line: str) -> str:
    return _UNSEEN.sub("", _PREFIX.sub("", line)).replace("\xa0", " ").strip()


def _mark(lines: _Lines, at: int) -> tuple[int, str]:
    """Where the mark that begins in this line ends, and its kind; the next line and "" if there is none."""
    end = _head(lines, at)
    if end:
        return end, HEAD
    end = _intro(lines, at)
    if end:
        return end, INTRO
    return at + 1, ""


def _intro(lines: _Lines, at: int) -> int:
    """Where an introduction that begins here ends; 0 if there is none."""
    first = lines.plain[at]
    starts = words.INTRO_START.match(first) or words.ADDRESS.search(first) or words.RULED_INTRO.match(first)
    if not starts and not (len(first) > 3 and first.endswith("<")):
        return 0
    joined = ""
    end = at
    while end < min(at + INTRO_LINES, len(lines.raw)):
        piece = lines.plain[end]
        end += 1
        if not piece:  # some programs put an address in brackets in lines of its own
            if end < len(lines.raw) and lines.plain[end].startswith("<") and joined:
                continue
            return 0
        joined = f"{joined} {piece}".strip()
        if len(joined) > INTRO_LENGTH:
            return 0
        if _is_intro(joined, lines, end):
            return end
    return 0


def _is_intro(text: str, lines: _Lines, end: int) -> bool:
    if words.BARE_INTRO.match(text) or words.RULED_INTRO.match(text):
        return True
    if not words.INTRO_END.search(text):
        return False
    begins = words.INTRO_START.match(text) is not None
    address = words.ADDRESS.search(text) is not None
    clock = words.CLOCK.search(text) is not None
    wrote = words.WROTE.search(text) is not None
    if wrote and (address or (begins and clock)):
        return True
    if address and begins and words.NAMED_INTRO.search(text):
        return True
    # a sentence could be like this as well, so a quote has to follow
    dated = clock or words.DATE.search(text) is not None
    return begins and (wrote or (address and dated)) and _quote_follows(lines, end)


def _quote_follows(lines: _Lines, at: int) -> bool:
    following = next((line for line in lines.raw[at : at + 3] if line.strip()), "")
    return _QUOTE.match(following) is not None


def _head(lines: _Lines, at: int) -> int:
    """Where a block of mail headers, with or without a line above that announces it, ends; 0 if there is none."""
    first = lines.plain[at][:HEAD_LENGTH]
    if words.ABOVE_THIS.match(first):
        return at + 1
    said, rule, colon = _ruled(first)
    separator = (rule >= 2 or colon) and words.SEPARATOR.fullmatch(said) is not None
    start = at
    if separator or (rule >= 3 and words.UNKNOWN_SEPARATOR.fullmatch(said)):
        start = at + 1
        while start < len(lines.raw) and start - at < 4 and not lines.plain[start]:
            start += 1
    end = _headers(lines, start)
    return end or (at + 1 if separator else 0)


def _ruled(line: str) -> tuple[str, int, bool]:
    """What a line like "--- Original message ---" says, how long the shorter rule is, and whether a colon ends it."""
    line = line.strip("* ")
    left, right = line.lstrip(words.RULES), line.rstrip(words.RULES)
    said = left.rstrip(words.RULES).strip("* ")
    return said.rstrip(": "), min(len(line) - len(left), len(line) - len(right)), said.endswith(":")


def _headers(lines: _Lines, at: int) -> int:
    """Where the headers that begin here end; 0 if these are none: a sender and two more kinds, or an address."""
    kinds: set[str] = set()
    end = at
    address = False
    empty = 0
    strange = 0
    for number in range(at, min(at + HEAD_LINES, len(lines.raw))):
        line = lines.plain[number]
        match = words.HEADER.match(line) if ":" in line or "：" in line else None
        kind = words.HEADERS.get(match[1].strip().lower(), "") if match else ""
        if kind and (kind not in kinds or kind == "other"):
            kinds.add(kind)
            address = address or words.ADDRESS.search(line) is not None
            end, empty, strange = number + 1, 0, 0
        elif not line:
            empty += 1
            if not kinds or empty > 1 or ({"from", "subject"} <= kinds and len(kinds) >= 4):
                break
        elif not kinds or empty:
            break
        else:  # a header goes on in the next line
            strange += 1
            if strange > 4:
                break
    if "from" not in kinds:
        return 0
    known = kinds - {"other"}
    return end if len(known) >= 3 or (len(known) == 2 and address and known != {"from", "to"}) else 0
