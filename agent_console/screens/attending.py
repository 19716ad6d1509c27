"""One's own availability in the inbox: shown at its edge, set in a drawer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent_console.backend import calls_service
from agent_console.i18n import _, zone
from agent_console.presentation import availability
from agent_console.safetext import cut, line
from agent_console.screens.service import ServicePart
from agent_console.widgets.pick_drawer import Choice, Item, PickDrawer

if TYPE_CHECKING:
    from agent_console.backend.changes import Changes
    from agent_console.screens.inbox import Inbox
    from server import wire

#: from this width the edge has room for the name too
ROOMY = 100


class Attending(ServicePart):
    """Whether its user is there, and what they say of that."""

    def __init__(self, inbox: Inbox) -> None:
        super().__init__(inbox)
        self._drawer = PickDrawer(id="standing")
        self._about = self._session.mirror.name
        inbox.edges.standing = self.standing

    def changed(self, changes: Changes) -> None:
        """Somebody came, went or said something; after a reset it is asked for anew."""
        self.begin(self._load, changes)
        for event in changes.alerts:
            if event.kind == "availability.changed":
                self._inbox.directory.stands(event.data, event.at)
                self._tell(event.data, event.actor)

    async def _load(self) -> None:
        await self._inbox.directory.load("availability")
        self._inbox.sync_bars()

    def standing(self, width: int) -> str:
        """What the edge says: nothing while one gets new work, which is how it should be."""
        me = self._session.mirror.name
        own = self._inbox.directory.standing(me)
        if own is None or own.since is None or own.state == "online":
            return ""
        said = availability.state(own, self._inbox.now())
        return f"{said} · {cut(line(me, 40), 16)}" if width >= ROOMY else said

    def _tell(self, told: dict[str, object], actor: str) -> None:
        """Say what others, or the rules, made of one's own state."""
        me = self._session.mirror.name
        if told.get("user") != me or actor == f"user:{me}":
            return
        own = self._inbox.directory.standing(me)
        if own is None:
            return
        said = availability.state(own, self._inbox.now())
        if actor.startswith("user:"):
            who = line(actor.removeprefix("user:"), 40)
            self._inbox.say(_("{who} set your status: {state}").format(who=who, state=said), "warn")
        elif own.state == "away":
            self._inbox.say(_("Nothing was touched for a while: {state}").format(state=said), "muted")

    # ------------------------------------------------------------ saying so

    def do_status(self) -> None:
        self.ask_state_of(self._session.mirror.name)

    def ask_state_of(self, name: str) -> None:
        """Ask whether somebody is there: oneself, or, as a supervisor, an advisor."""
        self._about = name
        mine = name == self._session.mirror.name
        self._drawer.take(
            Choice(
                _("My status") if mine else _("Status of {who}").format(who=line(name, 40)),
                self._items,
                self._chosen,
                _("Enter sets it · say when you are back: 13:00, 20 min · Esc closes"),
                empty=_("Say a state, or when you are back: 13:00, 20 min, tomorrow"),
                marks=True,
            )
        )
        self._inbox.over.raise_(self._drawer)

    def _items(self, typed: str) -> list[Item]:
        own = self._inbox.directory.standing(self._about)
        return [
            Item(name, means, said, mark="✓" if own is not None and said == (own.state, own.back_at) else "")
            for name, means, said in availability.offers(typed, self._inbox.now(), zone())
        ]

    def _chosen(self, value: object) -> None:
        if isinstance(value, tuple):
            self._inbox.background(self.say(value[0], value[1]))

    async def say(self, state: wire.AvailabilityState, back_at: int | None = None) -> None:
        """Tell the server of whoever was asked about, and show what it says."""
        who = self._about
        own = await self._session.api.send(calls_service.set_availability(who, state, back_at))
        directory = self._inbox.directory
        if directory.standing(who) is None:
            await directory.load("availability")
        told = {"user": who, "state": own.state, "back_at": own.back_at, "by": own.by, "why": own.why}
        directory.stands(told, own.since or self._inbox.now())
        said = availability.state(own, self._inbox.now())
        mine = who == self._session.mirror.name
        self._inbox.say(said if mine else f"{line(who, 40)}: {said}", "good")
        self._inbox.sync_bars()
