"""Links in texts: where they stand, and what a program is given to open one. Pure.

Only `http` and `https` count (and `www.`, which is the latter). A link is what can be read in the text and nothing
else, so that what is opened or copied is what was seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import quote, urlsplit, urlunsplit

#: characters of a link
LONGEST: Final = 2_000

_LINK: Final = re.compile(r"(?<![\w@./])(?:https?://|www\.)[^\s<>\"`{}|\\^«»“”…]+", re.IGNORECASE)
_SCHEME: Final = re.compile(r"https?://", re.IGNORECASE)
_PAIRS: Final = {")": "(", "]": "["}
#: what may stand in a part of an address as it is; everything else is written as %XX
_AS_IS: Final = "%/:@!$&'()*+,;=~-._"


class Span(NamedTuple):
    """A link and where it stands in its text."""

    start: int
    end: int
    link: str


def spans(text: str) -> Iterator[Span]:
    """The links of a text that was made safe, in order. What ends a sentence is no part of one; one that goes on with
    a variable of a template is none."""
    if "://" not in text and "www." not in text.casefold():
        return
    for match in _LINK.finditer(text):
        link = _bare(match[0])
        if text[match.end() : match.end() + 1] != "{" and len(link) <= LONGEST and target(link):
            yield Span(match.start(), match.start() + len(link), link)


def target(link: str) -> str:
    """What opens a link: an address in printable ASCII; empty if it is none."""
    whole = link if _SCHEME.match(link) else f"https://{link}"
    try:
        parts = urlsplit(whole)
        host, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port
    except ValueError:  # UnicodeError is one
        return ""
    if not re.fullmatch(r"[\w.:-]*\w", host) or (whole is not link and "." not in host.removeprefix("www.")):
        return ""
    place = f"[{host}]" if ":" in host else host
    user = f"{quote(parts.netloc.rpartition('@')[0], safe=_AS_IS)}@" if "@" in parts.netloc else ""
    rest = (quote(part, safe=_AS_IS + "?") for part in (parts.path, parts.query, parts.fragment))
    return urlunsplit((parts.scheme.lower(), user + place + (f":{port}" if port else ""), *rest))


def host(link: str) -> str:
    """The name of the computer it leads to, in letters that look like no others (`xn--…` for foreign ones)."""
    return urlsplit(target(link)).hostname or ""


def _bare(link: str) -> str:
    """Without what belongs to the sentence around it."""
    while link:
        last = link[-1]
        if last in ".,;:!?'*_~’" or (last in _PAIRS and link.count(last) > link.count(_PAIRS[last])):
            link = link[:-1]
        else:
            break
    return link
