"""The five stages of the service, and what moves a conversation from one to the next. Pure.

docs/protocol.md tells this definition to people; its table of examples is a test. In short: the first answer ends the
welcome; the diagnosis ends once topic and complexity are known and somebody has acted on it (a person set them, an
answer went out, it was transferred); the resolution ends when an outcome is noted; resolving closes. What the customer
writes moves nothing: nobody but a person can tell thanks from the next question. Back it goes only for a reason that
has a name, and that the journal keeps.
"""

from __future__ import annotations

from typing import Final, Literal

Stage = Literal["welcome", "diagnosis", "resolution", "follow_up", "closure"]
Fact = Literal[
    "answered",  # the customer has an answer
    "classified",  # a person said what it is about, or how hard
    "transferred",  # somebody else took it over
    "concluded",  # an outcome is noted, the customer's word on it is awaited
    "inconclusive",  # the outcome was taken away again
    "resolved",
    "reopened",  # the customer wrote again, or somebody opened it for another reason than taking back
]

STAGES: Final[tuple[Stage, ...]] = ("welcome", "diagnosis", "resolution", "follow_up", "closure")
FACTS: Final[tuple[Fact, ...]] = (
    "answered",
    "classified",
    "transferred",
    "concluded",
    "inconclusive",
    "resolved",
    "reopened",
)
#: the facts after which a conversation may stand further back than before
BACK: Final[frozenset[Fact]] = frozenset({"transferred", "inconclusive", "reopened"})


def after(stage: Stage, fact: Fact, diagnosed: bool) -> Stage:
    """Where a conversation stands after a fact. `diagnosed`: its topic and its complexity are known."""
    if fact == "resolved":
        return "closure"
    if stage == "closure":
        return "diagnosis" if fact == "reopened" else stage
    match fact:
        case "answered":
            if stage == "welcome":
                return "diagnosis"
            return "resolution" if stage == "diagnosis" and diagnosed else stage
        case "classified":
            return "resolution" if stage == "diagnosis" and diagnosed else stage
        case "transferred":
            return "resolution"
        case "concluded":
            return "follow_up"
        case "inconclusive" if stage == "follow_up":
            return "resolution" if diagnosed else "diagnosis"
    return stage


def by_hand(stage: Stage, resolved: bool) -> bool:
    """Whether a person may put a conversation into this stage: closure is what resolved ones are in, and only they."""
    return (stage == "closure") == resolved
