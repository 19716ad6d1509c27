"""A summary of a conversation for whoever takes it over, made by rule from what is known of it; and the mood of its
customer. Pure.

It is a proposal that the advisor edits: short lines, the customer's own words in quotation marks, nothing made up.
Written in Spanish or English, whichever its reader uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Final

from server.desk import mood
from server.desk.summary_words import GREETINGS, IDENTITY, LACKING, OPENINGS, WORDS, Words

#: characters of a quotation, and how many of each kind there are
QUOTE, ASKED, ANSWERED, NOTES = 180, 3, 2, 2
#: characters of the whole
LONGEST = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message: when (UTC ms), what, by whom (what a colleague is called; nobody for the customer). `kind`: text,
    image …"""

    at: int
    text: str
    author: str = ""
    kind: str = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a conversation. `channel`: its kind. `times`: how many conversations the customer began in the
    last 30 days, this one too. `identity`: who checked it, where that is recorded elsewhere than in a note. Messages
    are oldest first."""

    name: str
    profile: str = ""
    region: str = ""
    channel: str = ""
    topic: str = ""
    complexity: str = ""
    times: int = 1
    identity: str = ""
    asked: Sequence[Said] = field(default=())
    answered: Sequence[Said] = field(default=())
    notes: Sequence[Said] = field(default=())
    promises: Sequence[str] = field(default=())


def summary(known: Known, language: str, zone: tzinfo) -> str:
    """The proposal, one fact a line; `zone` is where times are read."""
    words = WORDS.get(language, WORDS["en"])
    lines = [_who(known, words), _topic(known, words)]
    asked = key_messages([each for each in known.asked if not _is_file(each)])
    if asked:
        lines.append(f"{words.asks}: {' · '.join(words.quoted(cut(each.text)) for each in asked)}")
    if files := sum(_is_file(each) for each in known.asked):
        lines.append(words.files(files))
    answered = [each for each in known.answered if each.text.strip() and not _is_greeting(each.text)][-ANSWERED:]
    lines += [f"{words.answered}: {_told(each, words, zone)}" for each in answered]
    if not answered:
        lines.append(words.unanswered)
    told = [each for each in known.notes if each.text.strip()]
    lines += [f"{words.note} {each.author}: {words.quoted(cut(each.text))}" for each in told[-NOTES:]]
    if who := known.identity or identity_checked(told):
        lines.append(words.identity.format(who=who))
    lines += [f"{words.promised}: {cut(promise)}" for promise in known.promises]
    if words.moods[found := mood.of([each.text for each in known.asked])]:
        lines.append(f"{words.mood}: {words.moods[found]}")
    return cut("\n".join(each for each in lines if each), LONGEST, lines=True)


def key_messages(asked: Sequence[Said]) -> list[Said]:
    """What of the customer's words says what they want: what they began with, then what tells most; in their order."""
    real = [each for each in asked if not _is_greeting(each.text)]
    chosen = {0} if real else set()
    by_weight = sorted(range(1, len(real)), key=lambda n: (-_weight(real[n].text), n))
    for n in by_weight:
        if len(chosen) < ASKED and _plain(real[n].text) not in {_plain(real[each].text) for each in chosen}:
            chosen.add(n)
    return [real[n] for n in sorted(chosen)]


def identity_checked(notes: Sequence[Said]) -> str:
    """Who says in a note that they checked the customer's identity; the newest word counts."""
    found = ""
    for note in notes:
        words = _plain(note.text)
        if any(sign in words for sign in IDENTITY):
            found = "" if any(sign in words for sign in LACKING) else note.author
    return found


def cut(text: str, most: int = QUOTE, lines: bool = False) -> str:
    """A text in one line (or, `lines`, in its own ones), not longer than `most` characters, ending at a word."""
    whole = text.strip() if lines else " ".join(text.split())
    if len(whole) <= most:
        return whole
    short = whole[: most - 1]
    return short[: max(short.rfind(" "), most // 2)].rstrip(" ,;:.") + "…"


# ---------------------------------------------------------------- inside


def _who(known: Known, words: Words) -> str:
    parts = [part for part in (known.name, known.profile, known.region) if part]
    by = words.by.format(channel=words.channels.get(known.channel, known.channel)) if known.channel else ""
    often = words.often.format(n=known.times) if known.times > 1 else ""
    return ". ".join(part for part in (", ".join(parts), "; ".join(each for each in (by, often) if each)) if part) + "."


def _topic(known: Known, words: Words) -> str:
    if not known.topic:
        return ""
    deep = words.complexities.get(known.complexity, "")
    return f"{words.topic}: {known.topic}" + (f" ({deep})" if deep else "") + "."


def _told(said: Said, words: Words, zone: tzinfo) -> str:
    moment = datetime.fromtimestamp(said.at / 1000, zone)
    return f"{words.quoted(cut(said.text))} ({', '.join(filter(None, (said.author, f'{moment:%H:%M}')))})"


def _is_file(said: Said) -> bool:
    return said.kind != "text" and not said.text.strip()


def _plain(text: str) -> str:
    return mood.plain(text)


def _is_greeting(text: str) -> bool:
    """Whether a text says nothing but good morning, thank you, all right."""
    words = [word.strip(_MARKS) for word in _plain(text).split()]
    words = [word for word in words if any(letter.isalpha() or letter.isdigit() for letter in word)]
    return all(word in GREETINGS for word in words)


_MARKS: Final = ".,;:!?¡¿…()\"'«»“”-"


def _weight(text: str) -> float:
    """How much a message tells: questions, requests, amounts and numbers, and a middling length."""
    plain = f" {_plain(text)} "
    score = min(len(text), 160) / 40
    score += 2 * ("?" in text)
    score += 2 * any(f" {word} " in plain for word in OPENINGS)
    return score + 1.5 * any(letter.isdigit() for letter in text)
