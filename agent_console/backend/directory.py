"""The names of an organisation, fetched when they are first needed: people, teams, tags, channels, saved views."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

import msgspec

from agent_console.backend import calls, calls_protocol, calls_service, calls_work
from agent_console.backend.api import Api, ApiError, Unreachable
from agent_console.backend.tasks import begin
from agent_console.i18n import language
from server import wire


class _Changed(msgspec.Struct):
    """What an `availability.changed` tells."""

    user: str
    state: wire.AvailabilityState
    back_at: int | None = None
    by: str = ""
    why: str = ""


class Directory:
    """What is known of the names; empty until it is loaded. `changed()` is called when more is."""

    def __init__(self, api: Api, changed: Callable[[], None]) -> None:
        self._api = api
        self._changed = changed
        self.users: Sequence[wire.User] = ()
        self.teams: Sequence[wire.Team] = ()
        self.tags: Sequence[wire.Tag] = ()
        self.channels: Sequence[wire.Channel] = ()
        self.views: Sequence[wire.SavedView] = ()
        self.availability: Sequence[wire.Availability] = ()
        self._told: dict[str, tuple[_Changed, int]] = {}
        self.topics: Sequence[wire.Topic] = ()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._loaded: set[str] = set()
        #: how often each was asked for, forgotten, and which question's answer it is now
        self._asked, self._forgotten, self._taken = Counter[str](), Counter[str](), Counter[str]()

    def want(self, *what: str) -> list[asyncio.Task[None]]:
        """Fetch what is not here yet, in the background: users, teams, tags, channels, views,
        topics, availability. Answers what is on its way."""
        for name in what:
            if name not in self._loaded and name not in self._running:
                task = self._running[name] = begin(self._quietly(name))
                task.add_done_callback(lambda _done, name=name: self._running.pop(name, None))  # type: ignore[misc]
        return [self._running[name] for name in what if name in self._running]

    def forget(self, *what: str) -> None:
        """These have changed; they are fetched again when they are wanted, also if they are on their way."""
        self._loaded.difference_update(what)
        self._forgotten.update(what)

    def has(self, name: str) -> bool:
        """Whether these are known, as they are now."""
        return name in self._loaded

    async def load(self, name: str) -> None:
        """Fetch one kind of names anew. Raises ApiError, Unreachable."""
        ask: dict[str, Callable[[], Coroutine[Any, Any, Any]]] = {
            "users": lambda: self._api.send(calls.users()),
            "teams": lambda: self._api.send(calls.teams()),
            "tags": lambda: self._api.send(calls_work.tags()),
            "channels": lambda: self._api.send(calls.channels()),
            "views": lambda: self._api.send(calls_work.views()),
            "availability": lambda: self._api.send(calls_service.availability()),
            "topics": lambda: self._api.send(calls_protocol.topics()),
        }
        self._asked[name] += 1
        question, forgotten = self._asked[name], self._forgotten[name]
        page = await ask[name]()
        if question < self._taken[name]:
            return  # a later question was answered sooner
        self._taken[name] = question
        setattr(self, name, page.items)
        if name == "availability":
            self.availability = [self._newest(one) for one in self.availability]
        if forgotten == self._forgotten[name]:
            self._loaded.add(name)
        self._changed()

    async def _quietly(self, name: str) -> None:
        try:
            while name not in self._loaded:  # what is forgotten meanwhile is out of date when it comes
                await self.load(name)
        except (ApiError, Unreachable):
            return  # it is wanted again with the next key

    @property
    def colleagues(self) -> list[wire.User]:
        """Those who work here now, by their names."""
        return sorted((user for user in self.users if user.active), key=lambda user: user.display_name.casefold())

    def standing(self, name: str) -> wire.Availability | None:
        """Whether somebody is there and what they carry, as far as it is known."""
        return next((one for one in self.availability if one.user == name), None)

    def stands(self, told: Mapping[str, Any], at: int) -> None:
        """The journal tells of another state (`availability.changed`) at a moment (UTC ms)."""
        try:
            new = msgspec.convert(told, _Changed)
        except msgspec.ValidationError:
            return  # of a newer server
        self._told[new.user] = new, at
        self.availability = [self._newest(one) for one in self.availability]

    def _newest(self, one: wire.Availability) -> wire.Availability:
        """What the journal told may be newer than an answer that was on its way."""
        new, at = self._told.get(one.user, (None, 0))
        if new is None or at < (one.since or 0):
            return one
        return msgspec.structs.replace(one, state=new.state, since=at, back_at=new.back_at, by=new.by, why=new.why)

    def values(self) -> dict[str, list[str]]:
        """What the fields of a query can be compared with, as far as only the organisation knows."""
        kinds = dict.fromkeys(channel.kind for channel in self.channels)
        me, nobody, none = ("yo", "nadie", "ninguno") if language() == "es" else ("me", "none", "none")
        return {
            "channel": [*(channel.name for channel in self.channels), *kinds],
            "assignee": [me, nobody, *(user.name for user in self.colleagues)],
            "team": [none, *(team.name for team in self.teams)],
            "tag": [tag.name for tag in self.tags],
            "topic": [none, *(topic.name for topic in self.topics)],
            "language": ["es", "en"],
        }
