"""Views line by line: those built in, those saved (mine, a team's, everybody's); saved from a search, named, put in
order, removed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from agent_console import words
from agent_console.backend import calls, calls_work
from agent_console.backend.views import ListSpec
from agent_console.i18n import _, number
from agent_console.plain import vocabulary
from agent_console.plain.refusals import Refused
from agent_console.safetext import line
from server import wire

if TYPE_CHECKING:
    from agent_console.backend.calls import Call
    from agent_console.plain.desk import Desk

BUILT_IN: Final[tuple[wire.View, ...]] = ("mine", "unassigned", "open", "waiting", "resolved", "all")
#: the place of a saved view among the others grows by this, so that one fits between
STEP: Final = 10
_ME: Final = ("mí", "me")
_EVERYBODY: Final = ("todos", "everybody")


class Views:
    """The views there are. Saved ones are never counted: that would be to search all of history."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        #: as they were read out: their numbers mean the same until they are read again
        self._saved: list[wire.SavedView] = []

    # ------------------------------------------------------------ going to one

    async def do_view(self, rest: str) -> None:
        """Read the views out, or go to one by its number or name."""
        said = rest.strip()
        if not said:
            await self._read()
            return
        if not self._saved:
            await self._load()
        at = self._at(said)
        if at < len(BUILT_IN):
            await self._desk.reading.show(ListSpec(view=BUILT_IN[at]), "")
            return
        saved = self._saved[at - len(BUILT_IN)]
        await self._desk.reading.show(ListSpec(view="all", q=saved.query), line(saved.name, 60))

    async def _read(self) -> None:
        counts = await self._desk.send(calls.counts())
        await self._load()
        said = []
        for at, view in enumerate(BUILT_IN, 1):
            count = getattr(counts, view, None)
            said.append(f"{at}. {words.view(view)}" + ("" if count is None else f", {number(count)}"))
        for at, saved in enumerate(self._saved, len(BUILT_IN) + 1):
            said.append(f"{at}. {line(saved.name, 60)}, {_whose(saved)}: {line(saved.query, 200)}")
        self._desk.say(*said)

    async def _load(self) -> None:
        self._saved = (await self._desk.send(calls_work.views())).items

    def _at(self, said: str) -> int:
        """Which one is meant, counted from 0 as they are read out. Raises Refused."""
        names: dict[str, tuple[str, ...]] = {str(at): (words.view(view), view) for at, view in enumerate(BUILT_IN)}
        names |= {str(at): (saved.name,) for at, saved in enumerate(self._saved, len(BUILT_IN))}
        key = str(int(said) - 1) if said.isdecimal() else vocabulary.pick(said, names)
        if key is None or key not in names:
            name, hint = vocabulary.shown(said), vocabulary.BY_ID["view"].name
            raise Refused(_("there is no view {name}; {view} tells them all.").format(name=name, view=hint))
        return int(key)

    async def _one(self, said: str) -> wire.SavedView:
        """A saved view that is meant. Raises Refused."""
        if not said:
            raise Refused(_("say its number or its name; {view} tells them.").format(view=_name("view")))
        if not self._saved:
            await self._load()
        at = self._at(said)
        if at < len(BUILT_IN):
            raise Refused(_("that view is always there; only saved ones change."))
        return self._saved[at - len(BUILT_IN)]

    # ------------------------------------------------------------ saving

    async def do_save(self, rest: str) -> None:
        """Save the search read last: NAME, or NAME: FOR WHOM. One that is called so already asks this from now on."""
        query = self._desk.reading.spec.q
        if not query:
            raise Refused(_("search for something first ({search}); that can be saved.").format(search=_name("search")))
        name, _colon, whom = rest.partition(":")
        name = " ".join(name.split()) or " ".join((await self._desk.ask(_("What shall it be called?"))).split())
        scope, team = await self._scope(whom.strip())
        await self._load()
        twin = next((each for each in self._saved if (each.name, each.scope, each.team) == (name, scope, team)), None)
        if twin is not None:
            await self._change(
                twin, wire.ChangeView(query=query), wire.ChangeView(query=twin.query),
                _("{name} shows {query} now.").format(name=line(name, 60), query=line(query, 200)),
            )  # fmt: skip
            return
        place = max((each.place for each in self._saved), default=0) + STEP
        new = wire.NewView(name=name, query=query, scope=scope, team=team, place=place)
        made = await self._desk.send(calls_work.add_view(new))
        told = _("Saved {whose}: {name}.").format(whose=_whose(made), name=line(made.name, 60))
        self._saved.append(made)
        self._done(told, lambda: calls_work.remove_view(made.id))

    async def _scope(self, said: str) -> tuple[Any, str | None]:
        """For whom: me, everybody, a team. Raises Refused."""
        if not said:
            return "user", None
        teams = (await self._desk.send(calls.teams())).items
        ways: dict[str, tuple[str, ...]] = {"user": _ME, "all": _EVERYBODY}
        ways |= {f"team:{each.name}": (each.name,) for each in teams}
        chosen = vocabulary.pick(said, ways) or vocabulary.pick(said.partition(" ")[2], ways)
        if chosen is None:
            names = ", ".join(line(each.name, 60) for each in teams)
            raise Refused(_("say for whom: me, everybody, or a team: {names}").format(names=names))
        scope, _colon, team = chosen.partition(":")
        return scope, team or None

    # ------------------------------------------------------------ changing

    async def do_rename(self, rest: str) -> None:
        """Call a saved view otherwise: NUMBER: NAME."""
        said, _colon, name = rest.partition(":")
        view = await self._one(said.strip())
        name = name.strip() or (await self._desk.ask(_("What shall it be called?"))).strip()
        told = _("{name} is called {other} now.").format(name=line(view.name, 60), other=line(name, 60))
        await self._change(view, wire.ChangeView(name=name), wire.ChangeView(name=view.name), told)

    async def do_remove(self, rest: str) -> None:
        """Remove a saved view."""
        view = await self._one(rest.strip())
        await self._desk.send(calls_work.remove_view(view.id))
        again = wire.NewView(name=view.name, query=view.query, scope=view.scope, team=view.team, place=view.place)
        self._done(_("Removed: {name}.").format(name=line(view.name, 60)), lambda: calls_work.add_view(again))

    async def do_move(self, rest: str) -> None:
        """Put a saved view in another place: NUMBER NUMBER."""
        said = rest.split()
        if len(said) != 2 or not all(each.isdecimal() for each in said):
            raise Refused(_("say two numbers: which view, and which number it shall have."))
        view = await self._one(said[0])
        to = int(said[1]) - 1 - len(BUILT_IN)
        if not 0 <= to < len(self._saved):
            raise Refused(_("saved views have the numbers {first} to {last}.").format(
                first=len(BUILT_IN) + 1, last=len(BUILT_IN) + len(self._saved)))  # fmt: skip
        order = [each for each in self._saved if each.id != view.id]
        order.insert(to, view)
        for at, each in enumerate(order, 1):
            if each.place != at * STEP and self._may_change(each):
                await self._desk.send(calls_work.change_view(each.id, wire.ChangeView(place=at * STEP)))
        await self._load()
        at = next(at for at, each in enumerate(self._saved, len(BUILT_IN) + 1) if each.id == view.id)
        self._desk.say(f"{at}. {line(view.name, 60)}.")

    def _may_change(self, view: wire.SavedView) -> bool:
        me = self._desk.session.mirror.me
        return view.scope == "user" or (me is not None and me.role != "advisor")

    async def _change(self, view: wire.SavedView, to: wire.ChangeView, back: wire.ChangeView, told: str) -> None:
        changed = await self._desk.send(calls_work.change_view(view.id, to))
        self._saved = [changed if each.id == view.id else each for each in self._saved]
        self._done(told, lambda: calls_work.change_view(view.id, back))

    def _done(self, told: str, back: Callable[[], Call[Any]]) -> None:
        """Say it, and let it be taken back."""

        async def run() -> str:
            await self._desk.send(back())
            self._saved = []
            return _("Taken back: {what}").format(what=told)

        self._desk.undoable(told, run)
        self._desk.say(told)


def _whose(view: wire.SavedView) -> str:
    """Who has it."""
    if view.scope == "team":
        return _("for {team}").format(team=line(view.team or "", 40))
    return _("for me") if view.scope == "user" else _("for everybody")


def _name(word: str) -> str:
    return vocabulary.BY_ID[word].name
