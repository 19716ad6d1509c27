"""Saved views in an inbox: shown beside the built-in ones, made of searches, named, ordered, removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from agent_console.backend import calls_work
from agent_console.backend.calls import Call
from agent_console.i18n import _
from agent_console.presentation import fuzzy
from agent_console.safetext import line
from agent_console.screens.notices import REASON, UNDO, Undo
from agent_console.widgets.fields_drawer import Field, FieldsDrawer
from agent_console.widgets.pick_drawer import Choice, Item, PickDrawer
from server import wire

if TYPE_CHECKING:
    from agent_console.screens.inbox import Inbox

T = TypeVar("T")

#: the place of a view among the others grows by this, so that one fits between
STEP = 10


class SavedViews:
    """One's own views, one's teams', everybody's. They are never counted: that would be to search all of history."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._drawer = PickDrawer(id="views")
        self._form = FieldsDrawer(id="view-name")

    @property
    def all(self) -> Sequence[wire.SavedView]:
        """In the order they are shown."""
        return self._inbox.directory.views

    def name_of(self, query: str) -> str:
        """The name of the view that asks this, if one does."""
        return next((view.name for view in self.all if view.query == query.strip()), "")

    # ------------------------------------------------------------ showing

    def do_saved_1(self) -> None:
        self._show(0)

    def do_saved_2(self) -> None:
        self._show(1)

    def do_saved_3(self) -> None:
        self._show(2)

    def do_saved_4(self) -> None:
        self._show(3)

    def _show(self, n: int) -> None:
        if n < len(self.all):
            self._inbox.searching.show(self.all[n].query)
        else:
            self._inbox.say(_("There is no saved view here yet."), "muted", REASON)

    def do_views(self) -> None:
        """All of them, to choose from and to put in order."""
        self._inbox.need("views")
        self._drawer.take(
            Choice(
                _("Saved views"),
                self._items,
                self._open,
                _("Enter shows it · F2 name · shift+↑↓ order · Del removes it"),
                empty=_("No view is saved yet: search with / and save it."),
                keys={
                    "f2": self._rename,
                    "delete": self._remove,
                    "shift+up": lambda value: self._move(value, -1),
                    "shift+down": lambda value: self._move(value, 1),
                },
            )
        )
        self._inbox.over.raise_(self._drawer)

    def _items(self, typed: str) -> list[Item]:
        whose = {"user": "", "all": _("everybody's")}
        items = [
            Item(f"{view.name}  {view.query}", whose.get(view.scope, line(view.team or "", 40)), view)
            for view in self.all
        ]
        return fuzzy.best(typed, items, lambda item: item.text)

    def _open(self, value: object) -> None:
        if isinstance(value, wire.SavedView):
            self._inbox.searching.show(value.query)

    def names_came(self) -> None:
        """More views are known, or other ones."""
        self._drawer.again()

    # ------------------------------------------------------------ saving

    def do_save_view(self) -> None:
        """Keep the search that is shown as a view: a name, and for whom."""
        query = self._inbox.session.mirror.window.spec.q
        if not query:
            self._inbox.say(_("Search for something first; that can be saved."), "warn", REASON)
            return
        self._inbox.need("views", "teams")
        self._drawer.take(
            Choice(
                _("Save «{query}» as a view").format(query=line(query, 40)),
                self._scopes,
                lambda value: self._inbox.background(self._save(query, value)),
                _("type its name, choose for whom · Enter saves it"),
            )
        )
        self._inbox.over.raise_(self._drawer)

    def _scopes(self, typed: str) -> list[Item]:
        me = self._inbox.session.mirror.me
        name = " ".join(typed.split())
        why = "" if name else _("type its name")
        shared = why or ("" if me is not None and me.role != "advisor" else _("only a supervisor shares views"))
        items = [Item(_("for me"), value=(name, "user", None), why_not=why)]
        items += [
            Item(_("for {team}").format(team=team.name), value=(name, "team", team.name), why_not=shared)
            for team in self._inbox.directory.teams
        ]
        items.append(Item(_("for everybody"), value=(name, "all", None), why_not=shared))
        return items

    async def _save(self, query: str, value: object) -> None:
        if not isinstance(value, tuple):
            return
        name, scope, team = value
        place = max((view.place for view in self.all), default=0) + STEP
        new = wire.NewView(name=name, query=query, scope=scope, team=team, place=place)
        made = await self._send(calls_work.add_view(new))
        self._done(_("Saved: {name}").format(name=line(made.name, 40)), calls_work.remove_view(made.id))

    # ------------------------------------------------------------ changing

    def _rename(self, value: object) -> None:
        if not isinstance(value, wire.SavedView):
            return
        view = value

        def then(values: Mapping[str, str]) -> None:
            change = wire.ChangeView(name=values["name"], query=values["query"])
            self._inbox.background(self._change(view.id, change))

        fields = [Field("name", _("Name"), view.name), Field("query", _("Search"), view.query)]
        self._form.ask(_("Saved view"), fields, self._check, then)
        self._inbox.over.raise_(self._form)

    @staticmethod
    def _check(values: Mapping[str, str]) -> str:
        from agent_console import words
        from agent_console.backend.searching import wrong_with

        if not values["name"].strip():
            return _("type its name")
        wrong = wrong_with(values["query"])
        return line(words.problem(wrong.code, wrong.params), 200) if wrong is not None else ""

    async def _change(self, id: int, change: wire.ChangeView) -> None:
        await self._send(calls_work.change_view(id, change))

    def _remove(self, value: object) -> None:
        if isinstance(value, wire.SavedView):
            self._inbox.background(self._removed(value))

    async def _removed(self, view: wire.SavedView) -> None:
        await self._send(calls_work.remove_view(view.id))
        again = wire.NewView(name=view.name, query=view.query, scope=view.scope, team=view.team, place=view.place)
        self._done(_("{name}: removed").format(name=line(view.name, 40)), calls_work.add_view(again))

    def _move(self, value: object, step: int) -> None:
        if isinstance(value, wire.SavedView):
            self._inbox.background(self._moved(value, step))

    async def _moved(self, view: wire.SavedView, step: int) -> None:
        views = list(self.all)
        at = next((n for n, each in enumerate(views) if each.id == view.id), None)
        if at is None or not 0 <= at + step < len(views):
            return
        views.insert(at + step, views.pop(at))
        for n, each in enumerate(views, 1):
            if each.place != n * STEP and self._may_change(each):
                await self._inbox.session.api.send(calls_work.change_view(each.id, wire.ChangeView(place=n * STEP)))
        await self._inbox.directory.load("views")

    def _may_change(self, view: wire.SavedView) -> bool:
        me = self._inbox.session.mirror.me
        return view.scope == "user" or (me is not None and me.role != "advisor")

    # ------------------------------------------------------------ inside

    async def _send(self, call: Call[T]) -> T:
        answer = await self._inbox.session.api.send(call)
        await self._inbox.directory.load("views")
        self._inbox.sync_bars()
        return answer

    def _done(self, what: str, back: Call[Any]) -> None:
        """Say it; the call `back` undoes it."""

        async def undo() -> None:
            await self._send(back)

        inbox = self._inbox
        inbox.notices.offer(Undo(what, inbox.now() + UNDO, lambda: inbox.background(undo())))
        inbox.sync_bars()
