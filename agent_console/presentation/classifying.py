"""How a conversation is classified in two keys: a letter for the topic, then s, m or c; painted for the drawer."""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment

from agent_console import words
from agent_console.i18n import _, ngettext
from agent_console.presentation import checklist
from agent_console.presentation.look import Look
from agent_console.safetext import cells, cut, fit, line
from server import wire

Segments = list[Segment]

#: the keys of the second question, the same in both languages: simple, media/medium, compleja/complex
DEPTHS: dict[str, wire.Complexity] = {"s": "simple", "m": "medium", "c": "complex"}


def letters(topics: Sequence[wire.Topic]) -> dict[str, wire.Topic]:
    """A letter for each topic, as long as there are letters; the same ones as long as the topics are the same.

    A topic's own key comes first; then, in the order of names, the first free letter of its last part, of its whole
    path, of the alphabet.
    """
    ordered = sorted(topics, key=lambda topic: (_plain(topic.name), topic.id))
    found: dict[str, wire.Topic] = {}
    for topic in ordered:
        if topic.key in string.ascii_lowercase and topic.key:
            found.setdefault(topic.key, topic)
    have = {topic.id for topic in found.values()}
    for topic in ordered:
        if topic.id in have:
            continue
        wanted = _plain(topic.name.rpartition("/")[2]) + _plain(topic.name) + string.ascii_lowercase
        letter = next((each for each in wanted if each in string.ascii_lowercase and each not in found), None)
        if letter is None:
            break
        found[letter] = topic
    return found


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@dataclass(frozen=True, slots=True)
class Shown:
    """What the drawer shows of the topics: which fit what was typed, which is chosen, each one's letter."""

    topics: Sequence[wire.Topic]
    chosen: int
    letters: dict[str, wire.Topic]
    current: str = ""
    searching: bool = False


def topic_lines(shown: Shown, look: Look, width: int, rows: int) -> list[Segments]:
    """The topics that fit, each with its letter, what it usually is and how often it was chosen."""
    by_id = {topic.id: letter for letter, topic in shown.letters.items()}
    first = max(0, min(shown.chosen - rows + 1, len(shown.topics) - rows)) if shown.chosen >= rows else 0
    out: list[Segments] = []
    for index, topic in enumerate(shown.topics[first : first + rows], first):
        here = index == shown.chosen
        letter = "" if shown.searching else by_id.get(topic.id, "")
        right = " · ".join(_usual(topic))
        room = width - 8 - cells(right)
        name = line(checklist.topic(topic.name), 120)
        style = look.strong if here or topic.name == shown.current else look.text
        out.append(
            [
                Segment("▌" if here else " ", look.accent),
                Segment(fit(letter, 2), look.key),
                Segment("● " if topic.name == shown.current else "  ", look.good),
                Segment(fit(name, max(4, room)), style),
                Segment(f" {cut(right, max(0, width - 12))}  ", look.faint),
            ]
        )
    return out


def _usual(topic: wire.Topic) -> list[str]:
    parts = [words.complexity(topic.complexity)] if topic.complexity else []
    parts += [words.priority(topic.priority)] if topic.priority != "normal" else []
    if topic.team:
        parts.append(line(topic.team, 24))
    if topic.uses:
        parts.append(ngettext("chosen once", "chosen {n} times", topic.uses).format(n=topic.uses))
    return parts


def depth_lines(topic: wire.Topic | None, now: str, look: Look, width: int) -> list[Segments]:
    """The second question: how hard it is. `now`: what it is called at the moment."""
    name = line(checklist.topic(topic.name), 120) if topic is not None else _("the topic stays as it is")
    out: list[Segments] = [[Segment(" " + cut(name, width - 2), look.strong)], []]
    for key, depth in DEPTHS.items():
        mark = "●" if depth == now else " "
        usual = _("as usual for this topic") if topic is not None and topic.complexity == depth else ""
        out.append(
            [
                Segment(f" {key}  ", look.key),
                Segment(f"{mark} ", look.good),
                Segment(fit(words.complexity(depth), 12), look.text),
                Segment(cut(usual, max(0, width - 20)), look.faint),
            ]
        )
    return out
