"""One's own status by keys, what the edge says of it, and colleagues in the order in which they could take it."""

from __future__ import annotations

from typing import Any

import msgspec

from server import wire
from tests.console import sample
from tests.console.desk import Desk, console
from tests.console.settled import settled

NOW = sample.NOW


def standing(user: str, state: str, load: int = 0, **more: Any) -> wire.Availability:
    since = NOW - sample.HOUR
    given = {"display_name": user.title(), "role": "advisor", "since": since, "capacity": 500, "load": load, **more}
    return wire.Availability(user=user, state=state, **given)  # type: ignore[arg-type]


class Office:
    """Answers for the availability of everybody; what was said is kept."""

    def __init__(self, desk: Desk, *people: wire.Availability) -> None:
        self.people = {one.user: one for one in people}
        self.said: list[Any] = []
        answers = desk.session.fake_api.answers
        answers["GET", "/availability"] = lambda call: wire.Page(items=list(self.people.values()))
        answers["PUT", "/availability/"] = self._set
        answers["GET", "/alerts"] = wire.Page(items=[])

    def _set(self, call: Any) -> wire.Availability:
        name = call.path.rpartition("/")[2]
        said = msgspec.json.decode(call.body, type=wire.SetAvailability)
        self.said.append((name, said.state, said.back_at))
        changed = {"state": said.state, "back_at": said.back_at, "since": NOW, "by": name}
        self.people[name] = msgspec.structs.replace(self.people[name], **changed)
        return self.people[name]


async def test_a_state_is_set_in_two_keys_and_shown_at_the_edge() -> None:
    async with console() as desk:
        office = Office(desk, standing("ana", "online"))
        await desk.press("A")
        assert "My status" in desk.screen and "nothing new" in desk.screen
        await desk.press("down", "enter")
        await settled(desk.pilot)
        assert office.said == [("ana", "busy", None)]
        assert "◐ busy" in desk.shown()[0]
        await desk.press("A", "o", "n", "l", "enter")
        await settled(desk.pilot)
        assert office.said[-1] == ("ana", "online", None)
        assert "busy" not in desk.shown()[0] and "◉ ana" in desk.shown()[0]


async def test_when_one_is_back_is_said_in_words() -> None:
    async with console() as desk:
        office = Office(desk, standing("ana", "online"))
        await desk.press("A")
        await desk.write("20 min")
        await desk.press("enter")
        await settled(desk.pilot)
        assert office.said == [("ana", "away", NOW + 20 * sample.MINUTE)]
        assert "○ away, back" in desk.shown()[0]


async def test_what_is_no_moment_says_how_it_is_said() -> None:
    async with console() as desk:
        Office(desk, standing("ana", "online"))
        await desk.press("A")
        await desk.write("zzz")
        assert "Say a state, or when you are back" in desk.screen


async def test_what_others_make_of_it_is_told() -> None:
    async with console() as desk:
        Office(desk, standing("ana", "online"))
        await desk.press("A", "escape")
        await desk.inbox.directory.load("availability")
        row = desk.session.rows[0]
        told = {"user": "ana", "state": "away", "was": "online", "by": "rosa", "why": "forced", "back_at": None}
        desk.session.event("availability.changed", row, actor="user:rosa", data=told)
        await settled(desk.pilot)
        assert "rosa set your status: ○ away" in desk.status
        assert "○ away" in desk.shown()[0]
        told |= {"state": "online", "was": "away", "by": "", "why": "key"}
        desk.session.event("availability.changed", row, actor="system", data=told)
        await settled(desk.pilot)
        assert "away" not in desk.shown()[0]


async def test_an_older_server_knows_of_none_and_nothing_is_said() -> None:
    async with console() as desk:
        await settled(desk.pilot)
        assert "◉ ana" in desk.shown()[0]


async def test_colleagues_stand_in_the_order_in_which_they_could_take_it() -> None:
    users = [wire.User(id=n, name=name, display_name=name.title(), role="advisor")
             for n, name in enumerate(("berta", "carla", "diego", "ana", "luis"), 2)]  # fmt: skip
    async with console(size=(120, 40)) as desk:
        Office(
            desk,
            standing("berta", "offline"),
            standing("carla", "online", 500),
            standing("diego", "online", 350, skills="créditos:2"),
            standing("ana", "busy", 100),
            standing("luis", "online", 100),
        )
        desk.session.fake_api.answers["GET", "/users"] = lambda call: wire.Page(items=users)
        desk.session.fake_api.answers["GET", "/teams"] = lambda call: wire.Page(items=[])
        await desk.press("a")
        await settled(desk.pilot)
        names = ("Berta", "Carla", "Diego", "Luis")
        shown = [name for text in desk.shown() for name in names if f" {name} " in text]
        assert shown == ["Luis", "Diego", "Carla", "Berta"]
        assert "● online  3.5/5 · créditos:2" in desk.screen
        await desk.write("créd")
        assert "Diego" in desk.screen and "Luis " not in desk.screen
