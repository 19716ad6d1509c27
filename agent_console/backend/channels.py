"""The channels as the server told of them last: how they are, and which addresses are our own."""

from __future__ import annotations

from collections.abc import Callable

from agent_console.backend import calls, mail
from agent_console.backend.api import Api
from server import wire


class Channels:
    """Loaded once the console is live, and anew when the journal tells of a channel; `changed` is called then."""

    def __init__(self, api: Api, changed: Callable[[], None]) -> None:
        self._api = api
        self._changed = changed
        self._by_name: dict[str, wire.Channel] = {}

    async def load(self) -> None:
        """Ask for them. Raises ApiError, Unreachable."""
        page = await self._api.send(calls.channels())
        self.take(page.items)
        self._changed()

    def take(self, channels: list[wire.Channel]) -> None:
        """These are all there are."""
        self._by_name = {channel.name: channel for channel in channels}

    def all(self) -> list[wire.Channel]:
        """All of them, those in trouble first."""
        order = {"down": 0, "warning": 1}
        return sorted(self._by_name.values(), key=lambda each: (order.get(each.health.state, 2), each.name))

    def kind(self, name: str) -> str:
        """The kind of the channel of this name; empty if none is known."""
        found = self._by_name.get(name)
        return found.kind if found is not None else ""

    def in_trouble(self) -> list[wire.Channel]:
        """Those that are switched on and not well, the worst first."""
        return [channel for channel in self.all() if channel.active and channel.health.state != "ok"]

    def own(self, channel: str) -> list[str]:
        """Our mail addresses, first the one of this channel."""
        here = self._by_name.get(channel)
        ordered = [here] if here is not None else []
        ordered += [each for each in self._by_name.values() if each is not here]
        given = [each.settings.get(name, "") for each in ordered for name in ("address", "aliases")]
        return list(dict.fromkeys(address for text in given for address in mail.parse(text.replace(" ", ","))[0]))
