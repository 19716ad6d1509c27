"""Calling people in notes: after an `@`, colleagues and teams are offered; Tab takes the first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from agent_console.presentation import fuzzy

if TYPE_CHECKING:
    from agent_console.screens.inbox import Inbox

#: what is being called, at the end of what stands before the cursor
_CALLED: Final = re.compile(r"(?<![\w@])@([\w.-]*)$")
#: names offered at once
MOST = 6


class Mentioning:
    """The names an inbox offers while a note is written."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def sync(self) -> None:
        """The text, the cursor or the names changed: offer what fits."""
        composer = self._inbox.composer
        called = _CALLED.search(composer.before_cursor()) if composer.writing and composer.note else None
        composer.offer(self._names(called[1]) if called else ())

    def _names(self, begun: str) -> tuple[str, ...]:
        directory = self._inbox.directory
        directory.want("users", "teams")
        people = [(user.name, f"{user.name} {user.display_name}") for user in directory.colleagues]
        # a team is called by its name if that is one word
        teams = [(team.name, team.name) for team in directory.teams if re.fullmatch(r"\w[\w.-]*", team.name)]
        found = fuzzy.best(begun, [*people, *teams], lambda each: each[1])
        names = tuple(name for name, _said in found if name != self._inbox.session.mirror.name)
        return () if names[:1] == (begun,) else names[:MOST]

    def take(self) -> bool:
        """Put the first name that is offered in. False if none is."""
        composer = self._inbox.composer
        called = _CALLED.search(composer.before_cursor()) if composer.offered else None
        if called is None:
            return False
        composer.replace_before(len(called[1]), composer.offered[0] + " ")
        self.sync()
        return True
