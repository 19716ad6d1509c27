"""What an action is, and what decides whether it can be done now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

Place = Literal["list", "thread", "composer"]
PLACES: Final[tuple[Place, ...]] = ("list", "thread", "composer")


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What decides whether an action can be done now. `conversation`: there is one under the cursor or open.

    `folded`, `files`, `public`: a message of the open conversation has quoted lines, files, can be moderated; `copies`,
    `attachable`: what its channel can do, as far as that is known; `audience`: who reads an answer can be chosen.
    `marked`: how many are marked; `searching`: the list is a search; `scheduled`: a message of the open conversation
    waits for its time; `supervises`: the reader may; `assignee`: who has it; `note`: what is written is one; `offers`:
    how much colleagues hand on to the reader, or ask them.
    """

    place: Place = "list"
    conversation: bool = False
    opened: bool = False
    state: str = "open"
    mine: bool = False
    failed: bool = False
    unknown: bool = False
    undo: str = ""
    fresh: int = 0
    older: bool = False
    folded: bool = False
    files: bool = False
    public: bool = False
    moderation: bool = False
    copies: bool = False
    attachable: bool = True
    audience: bool = False
    marked: int = 0
    searching: bool = False
    scheduled: bool = False
    note: bool = False
    supervises: bool = False
    assignee: str = ""
    offers: int = 0


Enabled = Callable[[State], str | None]


def always(state: State) -> str | None:
    """No reason against it, ever."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing a person can do. `label` (footer) and `help` (help, palette, docs) are msgids.

    `footer`: places whose footer shows it, in the order of the table. `quiet`: too obvious for the palette (moving).
    """

    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    where: tuple[Place, ...]
    footer: tuple[Place, ...] = ()
    enabled: Enabled = field(default=always)
    quiet: bool = False


BROWSE: Final[tuple[Place, ...]] = ("list", "thread")
