"""The reply templates of this advisor and those that providers approve: loaded when first wanted, kept, searched."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from agent_console.backend import calls_work
from agent_console.backend.api import Api
from server import wire

#: the score of what has only the letters, in their order: shown where nothing fits better
_FAR = 4
#: templates a search answers at most
MOST = 200


class Templates:
    """`stale` says that the journal told of another state; the next `load` asks again."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.all: list[wire.ReplyTemplate] = []
        self.approved: list[wire.ApprovedTemplate] = []
        self.loaded = False
        self._marks = 0
        self._loaded_at = -1
        self._loading: asyncio.Lock = asyncio.Lock()

    def stale(self) -> None:
        """What is held may be out of date."""
        self._marks += 1

    @property
    def fresh(self) -> bool:
        """Whether what is held is how things are, as far as the journal told."""
        return self.loaded and self._loaded_at == self._marks

    async def load(self) -> None:
        """Ask for them, unless what is held is fresh. Raises ApiError, Unreachable."""
        async with self._loading:
            if self.fresh:
                return
            marks = self._marks
            own, approved = await asyncio.gather(
                self._api.send(calls_work.templates()), self._api.send(calls_work.approved_templates())
            )
            self.all, self.approved = own.items, approved.items
            self.loaded, self._loaded_at = True, marks

    def by_shortcut(self, word: str) -> wire.ReplyTemplate | None:
        """The template that `;word` inserts: one's own before the team's before everybody's."""
        order = {"user": 0, "team": 1, "all": 2}
        found = [each for each in self.all if each.shortcut and each.shortcut.casefold() == word.casefold()]
        return min(found, key=lambda each: order[each.scope], default=None)

    def used(self, id: int) -> None:
        """One of them was sent."""
        self.all = [_once_more(each) if each.id == id else each for each in self.all]


def _once_more(template: wire.ReplyTemplate) -> wire.ReplyTemplate:
    template.uses += 1
    return template


# ---------------------------------------------------------------- searching


class _Words(NamedTuple):
    """What is typed, made comparable."""

    whole: str
    parts: Sequence[str]


def plain(text: str) -> str:
    """Comparable: without case and accents."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in folded if not unicodedata.combining(char))


def find(templates: Sequence[wire.ReplyTemplate], typed: str) -> list[wire.ReplyTemplate]:
    """Those that fit what was typed, the best first; of equals the one that is used most."""
    words = _Words(plain(typed.strip()), plain(typed).split())
    scored = []
    for each in templates:
        text = " ".join(variant.text for variant in each.variants)
        score = _score(words, each.shortcut, each.name, each.title, text)
        if score is not None:
            scored.append(((score, -each.uses, each.name), each))
    best = min((score for (score, _uses, _name), _each in scored), default=0)
    near = [pair for pair in scored if pair[0][0] < _FAR or best == _FAR]
    return [each for _score, each in sorted(near, key=lambda pair: pair[0])[:MOST]]


def find_approved(
    templates: Sequence[wire.ApprovedTemplate], typed: str, channel: str, language: str
) -> list[wire.ApprovedTemplate]:
    """The approved ones of a channel that fit what was typed: those that can be sent first, then in this language."""
    words = _Words(plain(typed.strip()), plain(typed).split())
    scored = []
    for each in templates:
        if each.channel != channel or each.status not in ("", "approved"):
            continue
        score = _score(words, "", each.name.replace("_", " "), each.header, each.body)
        if score is not None:
            foreign = each.language.partition("_")[0] != language
            scored.append(((bool(each.lacks), score, foreign, each.name), each))
    return [each for _score, each in sorted(scored, key=lambda pair: pair[0])[:MOST]]


def _score(words: _Words, shortcut: str, name: str, title: str, text: str) -> int | None:
    """How well a template fits, less is better; None if it does not."""
    if not words.whole:
        return 0
    shortcut, name, title = plain(shortcut), plain(name), plain(title)
    if words.whole in (shortcut, name):
        return 0
    if shortcut.startswith(words.whole) or name.startswith(words.whole) or f".{words.whole}" in name:
        return 1
    head = f"{name} {shortcut} {title}"
    if all(part in head for part in words.parts):
        return 2
    if all(part in head or part in plain(text) for part in words.parts):
        return 3
    return _FAR if all(_scattered(part, head) for part in words.parts) and len(words.whole) > 1 else None


def _scattered(part: str, text: str) -> bool:
    """Whether the letters stand in the text in this order."""
    letters = iter(text)
    return all(letter in letters for letter in part)
