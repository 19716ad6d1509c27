"""Who gets a conversation that nobody has: pure rules, explained.

Weights, loads and capacities are hundredths of an ordinary conversation, so that sums stay exact.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from server.desk.words import plain

#: what an ordinary conversation weighs
ORDINARY = 100
_SKILL = re.compile(r"([^\s:,]{1,40})(?::([1-9]))?")


def weight(weights: Mapping[str, int], kind: str, complexity: str) -> int:
    """What a conversation costs, by `kind:complexity`, else by complexity, else by the kind of its channel."""
    for key in (f"{kind}:{complexity}", complexity, kind):
        if key in weights:
            return weights[key]
    return ORDINARY


def load(weighed: Mapping[str, int], waiting_percent: int) -> int:
    """What somebody carries, from the weights of their conversations by state.

    One that waits for the customer costs a part of its weight; one that was put aside costs nothing until it is back.
    """
    waiting = weighed.get("waiting", 0) * waiting_percent // 100
    return waiting + sum(w for state, w in weighed.items() if state not in ("waiting", "snoozed", "resolved"))


def skills(text: str) -> dict[str, int]:
    """Skills and their levels (1 to 9, 1 unless said), by their plain word. What is no skill is left out."""
    found: dict[str, int] = {}
    for word in text.replace(",", " ").split():
        match = _SKILL.fullmatch(word)
        if match is not None:
            name = plain(match[1])
            found[name] = max(found.get(name, 0), int(match[2] or 1))
    return found


def tidy(text: str) -> str | None:
    """Skills as they are kept: small letters, one space, each once. None if a word is none (`créditos`, `inglés:3`)."""
    words = text.replace(",", " ").lower().split()
    if not all(_SKILL.fullmatch(word) for word in words):
        return None
    kept = {plain(word.partition(":")[0]): word for word in words}
    return " ".join(sorted(kept.values()))


def has(have: Mapping[str, int], needed: Mapping[str, int]) -> bool:
    """Whether somebody has every skill that is needed, at its level or above."""
    return all(have.get(skill, 0) >= level for skill, level in needed.items())


@dataclass(slots=True)
class Advisor:
    """Somebody who may get a conversation. `last_at`: when they last got one (UTC ms, 0 never)."""

    id: int
    name: str
    state: str
    capacity: int
    load: int
    skills: Mapping[str, int]
    last_at: int = 0

    def room(self, weight: int) -> bool:
        """Whether one more of this weight fits. Who carries nothing can take any one, however heavy it is."""
        return self.capacity > 0 and (self.load + weight <= self.capacity or self.load <= 0)


class Need(NamedTuple):
    """What a conversation asks for. `last`: the advisor who looked after this customer last, if that counts still."""

    weight: int = ORDINARY
    skills: Mapping[str, int] = {}
    last: int | None = None


class Choice(NamedTuple):
    """Who gets it (None: nobody can now), and for whom asks: by which rule, out of how many, and why not the others."""

    advisor: Advisor | None
    why: dict[str, Any]


def choose(advisors: Iterable[Advisor], need: Need) -> Choice:
    """Available, skilled and with room; then the customer's last advisor, else the least loaded for their capacity,
    else who has waited longest for one, else by name. The same question always has the same answer."""
    out: dict[str, int] = {}
    able: list[Advisor] = []
    for advisor in advisors:
        fault = _why_not(advisor, need)
        if fault:
            out[fault] = out.get(fault, 0) + 1
        else:
            able.append(advisor)
    if not able:
        return Choice(None, {"rule": "nobody", "out": out})
    last = next((a for a in able if a.id == need.last), None)
    if last is not None:
        return Choice(last, _told("last_advisor", last, able, out))
    able.sort(key=_turn)
    first = able[0]
    alone = len(able) == 1
    level = not alone and _relative(able[1]) == _relative(first)
    rule = "only_one" if alone else "longest_without" if level else "least_loaded"
    return Choice(first, _told(rule, first, able, out))


def _why_not(advisor: Advisor, need: Need) -> str:
    if advisor.state != "online":
        return advisor.state
    if not has(advisor.skills, need.skills):
        return "skills"
    return "" if advisor.room(need.weight) else "full"


def _relative(advisor: Advisor) -> float:
    return max(0, advisor.load) / advisor.capacity


def _turn(advisor: Advisor) -> tuple[float, int, str]:
    return _relative(advisor), advisor.last_at, advisor.name


def _told(rule: str, chosen: Advisor, able: list[Advisor], out: dict[str, int]) -> dict[str, Any]:
    told: dict[str, Any] = {"rule": rule, "able": len(able), "load": chosen.load, "capacity": chosen.capacity}
    return {**told, "out": out} if out else told
