"""Work on the conversation under the cursor, or on all that are marked: take, resolve, tags, priority, putting aside,
following, giving to somebody. Each is shown at once, can be taken back, and says what it did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from agent_console import keys, words
from agent_console.backend.opposites import opposite
from agent_console.backend.overlay import (
    AssignTo,
    Change,
    ChangeTags,
    Claim,
    Follow,
    Reopen,
    Resolve,
    SetPriority,
    Snooze,
)
from agent_console.i18n import _, ngettext, zone
from agent_console.presentation import availability, fuzzy, moments, when
from agent_console.safetext import line
from agent_console.screens.notices import LONG, REASON, UNDO, Undo
from agent_console.screens.standing import name_of
from agent_console.widgets.list_drawer import ListDrawer, Listing, Row
from agent_console.widgets.pick_drawer import Choice, Item, PickDrawer

if TYPE_CHECKING:
    from rich.segment import Segment

    from agent_console.backend.bulk import Bulk
    from agent_console.backend.mirror import Mirror
    from agent_console.presentation.look import Look
    from agent_console.screens.inbox import Inbox
    from server import wire

#: conversations changed at once
MOST = 500
_ORDER: tuple[wire.Priority, ...] = ("low", "normal", "high", "urgent")

Make = Callable[["wire.ConversationRow"], Change | None]


class Working:
    """What an inbox does to conversations."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._session = inbox.session
        self._drawer = PickDrawer(id="pick")
        self._refusals = ListDrawer(now=inbox.now, id="refused")
        self._bulk: tuple[Bulk, str] | None = None
        self._about: Sequence[int] = ()

    @property
    def _mirror(self) -> Mirror:
        return self._session.mirror

    def rows(self) -> list[wire.ConversationRow]:
        """What an act is about now: what is marked, else the conversation one is at; in a drawer, what it was raised
        for."""
        here = self._inbox.here
        wanted = self._about or self._inbox.marking.ids() or ([] if here is None else [here])
        return [row for each in wanted if (row := self._mirror.row(each)) is not None]

    @contextmanager
    def about(self, conversations: Sequence[int]) -> Iterator[None]:
        """What is done meanwhile is about these, wherever the cursor stands by now."""
        before, self._about = self._about, tuple(conversations)
        try:
            yield
        finally:
            self._about = before

    # ------------------------------------------------------------ acts

    def do_claim(self) -> None:
        me = self._mirror.name

        def make(row: wire.ConversationRow) -> Change | None:
            return None if row.assignee == me or row.state == "resolved" else Claim(row.id)

        self.act(make, lambda name: _("{name} is yours now").format(name=name), _("taken"))

    def do_resolve(self) -> None:
        def make(row: wire.ConversationRow) -> Change | None:
            return None if row.state == "resolved" else Resolve(row.id)

        self.act(make, lambda name: _("{name}: resolved").format(name=name), _("resolved"))

    def do_reopen(self) -> None:
        def make(row: wire.ConversationRow) -> Change | None:
            return Reopen(row.id) if row.state == "resolved" else None

        self.act(make, lambda name: _("{name}: open again").format(name=name), _("opened again"))

    def do_priority_up(self) -> None:
        self._prioritise(1)

    def do_priority_down(self) -> None:
        self._prioritise(-1)

    def _prioritise(self, step: int) -> None:
        def make(row: wire.ConversationRow) -> Change | None:
            at = max(0, min(_ORDER.index(row.priority) + step, len(_ORDER) - 1))
            return None if _ORDER[at] == row.priority else SetPriority(row.id, priority=_ORDER[at])

        rows = self.rows()
        now = make(rows[0]) if rows else None
        called = words.priority(now.priority) if isinstance(now, SetPriority) else ""
        if not self.act(make, lambda name: f"{name}: {called}", _("priority changed")):
            self._inbox.say(
                _("It cannot be more urgent.") if step > 0 else _("It cannot be less urgent."), "warn", REASON
            )

    def do_follow(self) -> None:
        rows = self.rows()
        on = not all(self._mirror.followed(row.id) for row in rows)

        def make(row: wire.ConversationRow) -> Change | None:
            return None if self._mirror.followed(row.id) == on else Follow(row.id, on=on)

        one = _("You follow {name}") if on else _("You no longer follow {name}")
        self.act(make, lambda name: one.format(name=name), _("followed") if on else _("no longer followed"))

    def act(self, make: Make, one: Callable[[str], str], many: str) -> bool:
        """Change what an act is about. `one` says it of a name, `many` is the word for what was done to several.
        False if there was nothing to change."""
        rows = self.rows()
        changes = [change for row in rows[:MOST] if (change := make(row)) is not None]
        if not changes:
            return False
        self.change(changes, one(name_of(self._mirror, changes[0].conversation)), many)
        if len(rows) > 1:
            self._inbox.marking.clear()
        return True

    def change(self, changes: list[Change], one: str, many: str) -> None:
        """Do it, show it, offer to take it back."""
        back = {each.conversation: self._back(each) for each in changes}
        if len(changes) == 1:
            self._session.do(changes[0])
            self._offer(one, lambda: self._take_back(back, set()))
            return
        bulk = self._session.do_all(changes)
        self._bulk = bulk, many
        what = ngettext("{n} conversation {done}", "{n} conversations {done}", bulk.total)
        self._offer(
            what.format(n=bulk.total, done=many),
            lambda: self._take_back(back, set(bulk.refused)),
        )
        self.progress()

    def _back(self, change: Change) -> list[Change]:
        row = self._mirror.row(change.conversation)
        return [] if row is None else opposite(change, row)

    def _take_back(self, back: dict[int, list[Change]], refused: set[int]) -> None:
        changes = [each for conversation, some in back.items() if conversation not in refused for each in some]
        if len(back) == 1:
            for change in changes:
                self._session.do(change)
        elif changes:
            self._bulk = self._session.do_all(changes), _("put back")
            self.progress()

    def _offer(self, what: str, back: Callable[[], object]) -> None:
        self._inbox.notices.offer(Undo(what, self._inbox.now() + UNDO, back))
        self._inbox.sync_bars()

    # ------------------------------------------------------------ many at once

    def progress(self) -> None:
        """How far the last act on many conversations has come; what was refused, once it is over."""
        if self._bulk is None:
            return
        bulk, done = self._bulk
        if bulk.left:
            said = _("{n} of {total} {done}…").format(n=bulk.total - bulk.left, total=bulk.total, done=done)
            self._inbox.say(said, "muted", LONG)
            return
        self._bulk = None
        self._inbox.notices.hush()
        if not bulk.refused:
            self._inbox.sync_bars()
            return
        fine = bulk.total - len(bulk.refused)
        said = ngettext("{n} was refused", "{n} were refused", len(bulk.refused)).format(n=len(bulk.refused))
        self._inbox.say(f"{fine} {done}, {said}", "warn", LONG)
        if self._inbox.place != "composer" and not self._inbox.over.open:
            self._show_refused(bulk, f"{fine} {done}, {said}")

    def _show_refused(self, bulk: Bulk, title: str) -> None:
        rows = [self._refusal(conversation, problem) for conversation, problem in bulk.refused.items()]
        can = {"enter": (_("open"), self._open)}
        open_still = [each for each, problem in bulk.refused.items() if problem.code == "checklist_open"]
        if open_still:
            can["a"] = (_("resolve those anyway"), lambda value: self._anyway(open_still))
        self._refusals.take(Listing(title, rows, can), uncalled=True)
        self._inbox.over.raise_(self._refusals)

    def _anyway(self, conversations: list[int]) -> None:
        """Resolve what was refused because something is missing there."""
        self._inbox.over.close(self._inbox.thelist)
        changes: list[Change] = [Resolve(each, anyway=True) for each in conversations]
        self.change(changes, _("{name}: resolved").format(name=name_of(self._mirror, conversations[0])), _("resolved"))

    def _refusal(self, conversation: int, problem: wire.Problem) -> Row:
        from rich.segment import Segment

        name = name_of(self._mirror, conversation)
        why = line(words.problem(problem.code, problem.params, problem.detail), 200)

        def paint(look: Look, width: int) -> list[list[Segment]]:
            return [[Segment(name, look.strong)], [Segment("  " + why, look.muted)]]

        return Row(paint, conversation)

    def _open(self, value: object) -> None:
        if isinstance(value, int):
            self._inbox.over.close(self._inbox.thelist)
            self._inbox.thelist.go_to(value)
            self._inbox.open(value)

    # ------------------------------------------------------------ tags

    def do_tags(self) -> None:
        self._inbox.need("tags")
        self._ask(
            Choice(
                _("Tags: {who}").format(who=self._who()),
                self._tags,
                self._toggle,
                _("Enter puts it on or takes it off · Esc closes"),
                stays=True,
                empty=_("There is no such tag."),
                marks=True,
            )
        )

    def _tags(self, typed: str) -> list[Item]:
        rows = self.rows()
        known = [tag.name for tag in self._inbox.directory.tags]
        known += [tag for row in rows for tag in row.tags if tag not in known]
        known = list(dict.fromkeys(known))
        counted = {tag: sum(tag in row.tags for row in rows) for tag in known}
        if not typed:
            known.sort(key=lambda tag: -counted[tag])
        found = [Item(tag, value=tag, mark=self._mark(counted[tag], len(rows)))
                 for tag in fuzzy.best(typed, known, lambda tag: tag)]  # fmt: skip
        new = typed.strip().lstrip("#").casefold()
        if new and new not in known:
            can = self._mirror.me is not None and self._mirror.me.role != "advisor"
            why = "" if can else _("only a supervisor adds tags")
            found.append(Item(_("add the tag {tag}").format(tag=new), value=("add", new), why_not=why))
        return found

    @staticmethod
    def _mark(with_it: int, of: int) -> str:
        return "✓" if with_it and with_it == of else "~" if with_it else ""

    def _toggle(self, value: object) -> None:
        if isinstance(value, tuple):
            self._inbox.background(self._add_tag(value[1], [row.id for row in self.rows()]))
            return
        rows, tag = self.rows(), str(value)
        on = not all(tag in row.tags for row in rows)
        changes: list[Change] = [
            ChangeTags(row.id, add=(tag,)) if on else ChangeTags(row.id, remove=(tag,))
            for row in rows[:MOST]
            if (tag in row.tags) != on
        ]
        if changes:
            self._inbox.acts.recorded(f":{'tag' if on else 'untag'} {tag}")
            name = name_of(self._mirror, changes[0].conversation)
            self.change(changes, f"{name}: {'+' if on else '−'}#{tag}", f"{'+' if on else '−'}#{tag}")

    async def _add_tag(self, name: str, about: Sequence[int]) -> None:
        from agent_console.backend import calls_work

        added = await self._session.api.send(calls_work.add_tag(name))
        await self._inbox.directory.load("tags")
        with self.about(about):
            self._toggle(added.name)
        self._drawer.again()

    # ------------------------------------------------------------ putting aside

    def do_snooze(self) -> None:
        self._ask(
            Choice(
                _("Put aside: {who}").format(who=self._who()),
                self._moments,
                self.put_aside,
                _("Enter puts it aside · Esc closes"),
                empty=_("Say a moment ahead: 2h, monday, tomorrow 4 pm, 30 nov"),
            )
        )

    def _moments(self, typed: str) -> list[Item]:
        now = self._inbox.now()
        found: list[Item] = []
        if typed and (at := moments.read(typed, now, zone())) is not None:
            found.append(Item(typed, when.ahead(at, now), at))
        found += [
            Item(offer.name, when.ahead(offer.at, now), offer.at)
            for offer in fuzzy.best(typed, when.offers(now), lambda offer: offer.name)
        ]
        if not typed and any(row.state == "snoozed" for row in self.rows()):
            found.append(Item(_("take it up again now"), value="wake"))
        return found

    def put_aside(self, value: object) -> None:
        """Put it aside until a moment (UTC ms); anything else takes it up again."""
        until = value if isinstance(value, int) else None

        def make(row: wire.ConversationRow) -> Change | None:
            if row.state == "resolved" or (until is None and row.state != "snoozed"):
                return None
            return Snooze(row.id, until=until)

        if until is None:
            self.act(make, lambda name: _("{name}: taken up again").format(name=name), _("taken up again"))
            return
        moment = when.ahead(until, self._inbox.now())
        one, many = _("{name}: put aside until {moment}"), _("put aside until {moment}")
        if not self.act(make, lambda name: one.format(name=name, moment=moment), many.format(moment=moment)):
            reopen = keys.first("reopen")
            self._inbox.say(_("It is resolved: {key} reopens it.").format(key=reopen), "warn", REASON)

    # ------------------------------------------------------------ giving

    def do_assign(self) -> None:
        self._inbox.directory.forget("availability")  # what they carry changes with every message
        self._inbox.need("users", "teams", "availability")
        self._ask(
            Choice(
                _("Give to somebody: {who}").format(who=self._who()),
                self._people,
                self._chosen,
                _("Enter gives it · Esc closes"),
                empty=_("Nobody is called so."),
            )
        )

    def _people(self, typed: str) -> list[Item]:
        directory = self._inbox.directory
        rows = self.rows()
        team = rows[0].team if len({row.team for row in rows}) == 1 else None
        now = self._inbox.now()
        ranked = availability.ranked(directory.colleagues, directory.standing, team)
        items = [
            Item(
                user.display_name or user.name,
                availability.beside(standing, now) if standing is not None else ", ".join(user.teams),
                ("user", user.name),
            )
            for user, standing in ranked
        ]
        items += [Item(team.name, _("team"), ("team", team.name)) for team in directory.teams]
        items.append(Item(_("nobody: back to the queue"), value=("", "")))
        return fuzzy.best(typed, items, lambda item: f"{item.text} {item.value} {item.right}")

    def _chosen(self, value: object) -> None:
        if isinstance(value, tuple) and value[1]:
            self._inbox.acts.recorded(f":assign {value[1]}")
        self.give(value)

    def give(self, value: object) -> None:
        """Give it to a person or a team: ("user" or "team", name); anything else is the queue."""
        kind, name = value if isinstance(value, tuple) else ("", "")
        user, team = (name if kind == "user" else None), (name if kind == "team" else None)

        def make(row: wire.ConversationRow) -> Change | None:
            return AssignTo(row.id, user=user, team=team) if row.state != "resolved" else None

        to = name or _("nobody")
        one = _("{name}: given to {to}")
        self.act(make, lambda who: one.format(name=who, to=to), _("given to {to}").format(to=to))

    # ------------------------------------------------------------ inside

    def _who(self) -> str:
        rows = self.rows()
        if len(rows) == 1:
            return name_of(self._mirror, rows[0].id)
        return ngettext("{n} conversation", "{n} conversations", len(rows)).format(n=len(rows))

    def _ask(self, choice: Choice) -> None:
        """Ask about the conversations that are meant now: what arrives may move the cursor before the answer."""
        meant = [row.id for row in self.rows()]

        def items(typed: str) -> Sequence[Item]:
            with self.about(meant):
                return choice.items(typed)

        def take(value: object) -> None:
            with self.about(meant):
                choice.take(value)

        self._drawer.take(replace(choice, items=items, take=take))
        self._inbox.over.raise_(self._drawer)

    def names_came(self) -> None:
        """More names are known than before."""
        self._drawer.again()
