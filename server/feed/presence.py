"""Who looks at which conversation, and who is typing. Never stored; pure, `now` is passed in (UTC ms)."""

from __future__ import annotations

import msgspec

from server.wire import Presence

#: typing ends by itself unless it is said again (ms). Viewing lasts as long as the connection, and a dead one is
#: noticed by its pings within 40 s.
TYPING_MS = 15_000


class _Viewer(msgspec.Struct):
    user: str
    typing_until: int


class _Place(msgspec.Struct):
    """One conversation's company, by connection, and what was last told about it."""

    viewers: dict[int, _Viewer] = {}
    customer_until: int = 0
    told: Presence | None = None


class Company:
    """Everybody's presence. A user with two consoles is one name; each console is a connection of its own."""

    def __init__(self) -> None:
        self._places: dict[int, _Place] = {}
        self._where: dict[int, int] = {}
        self._changed: set[int] = set()

    def view(self, connection: int, user: str, conversation: int | None, typing: bool, now: int) -> None:
        """`user` looks at `conversation` (None: at nothing) on this connection, and types there or not."""
        before = self._where.get(connection)
        if before is not None and before != conversation:
            self.leave(connection)
        if conversation is None:
            return
        self._where[connection] = conversation
        place = self._places.setdefault(conversation, _Place())
        place.viewers[connection] = _Viewer(user, now + TYPING_MS if typing else 0)
        self._changed.add(conversation)

    def where(self, connection: int) -> int | None:
        """What this connection looks at."""
        return self._where.get(connection)

    def everybody(self) -> dict[str, tuple[int, bool]]:
        """By sign-in name: the conversation each looks at, and whether they type there, which counts first."""
        found: dict[str, tuple[int, bool]] = {}
        for connection, conversation in self._where.items():
            viewer = self._places[conversation].viewers[connection]
            if viewer.user not in found or viewer.typing_until:
                found[viewer.user] = (conversation, viewer.typing_until > 0)
        return found

    def typing(self, connection: int) -> bool:
        """Whether this connection types."""
        place = self._places.get(self._where.get(connection, -1))
        return place is not None and place.viewers[connection].typing_until > 0

    def leave(self, connection: int) -> None:
        """The connection looks at nothing any more."""
        conversation = self._where.pop(connection, None)
        if conversation is not None:
            del self._places[conversation].viewers[connection]
            self._changed.add(conversation)

    def customer(self, conversation: int, typing: bool, now: int) -> None:
        """The customer types, or stopped."""
        place = self._places.setdefault(conversation, _Place())
        place.customer_until = now + TYPING_MS if typing else 0
        self._changed.add(conversation)

    def expire(self, now: int) -> None:
        """Whoever said long ago that they type does so no more."""
        for conversation, place in self._places.items():
            for viewer in place.viewers.values():
                if 0 < viewer.typing_until <= now:
                    viewer.typing_until = 0
                    self._changed.add(conversation)
            if 0 < place.customer_until <= now:
                place.customer_until = 0
                self._changed.add(conversation)

    def changes(self) -> list[Presence]:
        """What differs from what was last told, by conversation; from now on it counts as told."""
        found: list[Presence] = []
        for conversation in self._changed:
            place = self._places[conversation]
            presence = _presence(conversation, place)
            if presence != (place.told or Presence(conversation=conversation)):
                found.append(presence)
                place.told = presence
            if not place.viewers and not place.customer_until:
                del self._places[conversation]
        self._changed.clear()
        return found

    def told(self) -> list[Presence]:
        """What a newcomer must be told: every place that is not empty, as the others know it."""
        return [place.told for place in self._places.values() if place.told is not None]


def _presence(conversation: int, place: _Place) -> Presence:
    viewers = place.viewers.values()
    return Presence(
        conversation=conversation,
        viewing=sorted({viewer.user for viewer in viewers}),
        typing=sorted({viewer.user for viewer in viewers if viewer.typing_until}),
        customer_typing=place.customer_until > 0,
    )
