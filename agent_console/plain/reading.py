"""Lists and searches; opening a conversation and reading it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from agent_console import words, words_routing
from agent_console.backend import calls, calls_routing
from agent_console.backend.api import ApiError
from agent_console.backend.views import ListSpec, unanswered, unread
from agent_console.i18n import _, language, ngettext
from agent_console.plain import vocabulary, wording
from agent_console.plain.refusals import Refused
from agent_console.presentation import sla
from agent_console.presentation import why as shown
from agent_console.safetext import line

if TYPE_CHECKING:
    from agent_console.plain.desk import Desk
    from server import wire

#: conversations of a page, messages read out when a conversation is opened
PAGE, MESSAGES = 10, 10
#: pages of a search asked for before the reader is: one may hold nothing of what is sought, and yet have a next one
PATIENCE = 100
#: rows looked through for who waits
WAITING = 100
_WANTED: Final[dict[str, tuple[str, ...]]] = {
    "late": ("vencida", "late"),
    "unread": ("sin leer", "unread"),
    "back": ("atrás", "back"),
}


class Reading:
    """What one reads. `ids`: the conversations of the list read last, in the order of their numbers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.spec = ListSpec()
        self._title = ""
        self.ids: list[int] = []
        self._next: str | None = None
        self._oldest_read: int | None = None

    # ------------------------------------------------------------ lists

    async def do_list(self, rest: str) -> None:
        """The list from its beginning."""
        await self.show(self.spec, self._title)

    async def do_more(self, rest: str) -> None:
        """Its next page."""
        if self._next is None:
            raise Refused(_("the list has no more; {list} reads it again.").format(list=vocabulary.BY_ID["list"].name))
        await self._page()

    async def do_search(self, rest: str) -> None:
        """A search."""
        query = " ".join(rest.split())
        if not query:
            raise Refused(_("say what to look for, for example: canal:whatsapp espera>10m tarjeta"))
        await self.show(ListSpec(view="all", q=query), _("Search {query}").format(query=line(query, 100)))

    async def show(self, spec: ListSpec, title: str) -> None:
        """Read a list out from its beginning; `title` says what it is, if the view's name does not."""
        page = await self._fetch(spec, None)
        self.spec, self._title, self.ids, self._next = spec, title, [], None
        await self._page(page)

    async def _page(self, page: wire.Page[wire.ConversationRow] | None = None) -> None:
        """Read the next page out."""
        desk, found, tries = self._desk, [], 0
        while True:
            page = page or await self._fetch(self.spec, self._next)
            found += page.items
            self._next, page, tries = page.next, None, tries + 1
            if len(found) >= PAGE or self._next is None or tries >= PATIENCE:
                break
        begin = len(self.ids)
        self.ids += [row.id for row in found]
        name, now = desk.session.mirror.name, desk.now()
        lines = [self._heading(begin, len(found))]
        for at, row in enumerate(found, begin + 1):
            desk.session.mirror.know(row)
            shown = desk.session.mirror.row(row.id) or row
            lines.append(wording.row_line(at, shown, name, now, desk.session.outgoing.draft(row.id)))
        if self._next is not None:
            lines.append(_("There are more; {more} reads them out.").format(more=vocabulary.BY_ID["more"].name))
        desk.say(*lines)

    def _heading(self, begin: int, count: int) -> str:
        title = self._title or words.view(self.spec.view)
        if not begin and not count:
            return _("{view}: no conversations.").format(view=title)
        text = ngettext("{view}: {n} conversation.", "{view}: {n} conversations.", count)
        if begin:
            text = ngettext("{view}: {n} more conversation.", "{view}: {n} more conversations.", count)
        return text.format(view=title, n=count)

    async def _fetch(self, spec: ListSpec, after: str | None) -> wire.Page[wire.ConversationRow]:
        call = calls.conversations(spec.view, q=spec.q, after=after, limit=PAGE)
        try:
            return await self._desk.send(call)
        except ApiError as error:
            if error.code != "bad_query":
                raise
            raise Refused(self._bad_query(spec.q, error.problem)) from None

    def _bad_query(self, query: str, problem: wire.Problem) -> str:
        """What is wrong with a search, and at which word."""
        said = line(words.problem(problem.code, problem.params, problem.detail), 300)
        start, end = problem.params.get("start"), problem.params.get("end")
        if isinstance(start, int) and isinstance(end, int) and query[start:end].strip():
            return _("at {word}: {why}").format(word=vocabulary.shown(query[start:end]), why=said)
        return said

    # ------------------------------------------------------------ opening

    async def do_open(self, rest: str) -> None:
        """Open one of the list, or any by its id."""
        await self.open(self.chosen(rest.strip()))

    async def do_next(self, rest: str) -> None:
        """Open who waits after the one that is open, going round at the end; or one that is late or unread, or back."""
        desk, back = self._desk, False
        wanted = vocabulary.pick(rest, _WANTED) if rest.strip() else "waiting"
        if wanted is None:
            at = 0 if language() == "es" else 1
            raise Refused(_("say one of: {choices}").format(choices=", ".join(ways[at] for ways in _WANTED.values())))
        if wanted == "back":
            wanted, back = "waiting", True
        call = calls.conversations(self.spec.view, q=self.spec.q, limit=WAITING)
        rows = (await desk.send(call)).items
        for row in rows:
            desk.session.mirror.know(row)
        ids = [row.id for row in rows][:: -1 if back else 1]
        at = ids.index(desk.here) + 1 if desk.here in ids else 0
        for id in ids[at:] + ids[:at]:
            shown = desk.session.mirror.row(id)
            if shown is not None and id != desk.here and self._is(wanted, shown):
                await self.open(id)
                return
        said = {
            "waiting": _("Nobody else waits for an answer here."),
            "unread": _("Nothing else is unread here."),
            "late": _("Nothing else here is late, or soon will be."),
        }
        desk.say(said[wanted])

    def _is(self, wanted: str, row: wire.ConversationRow) -> bool:
        """Whether a row is one that is looked for."""
        if wanted == "unread":
            return unread(row) > 0
        if wanted == "late":
            return row.sla is not None and sla.tone_of(row.sla, self._desk.now()) in ("breach", "warn")
        return unanswered(row)

    async def do_close(self, rest: str) -> None:
        """Leave the conversation."""
        self._desk.row_here()
        self._leave()

    def _leave(self) -> None:
        self._desk.here = None
        self._desk.news.opened(None)
        self._desk.session.close()

    def chosen(self, said: str) -> int:
        """The conversation that is meant: a number of the list, the name in it, #12. Raises Refused."""
        if said.startswith("#") and said[1:].isdecimal():
            return int(said[1:])
        if said.isdecimal():
            if 0 < int(said) <= len(self.ids):
                return self.ids[int(said) - 1]
            name = vocabulary.BY_ID["list"].name
            raise Refused(
                _("the list has no number {n}; {list} reads it out, and #{n} is conversation {n}.").format(
                    n=int(said), list=name
                )
            )
        row = self._desk.session.mirror.row
        names = {
            str(id): (found.contact_name, *found.contact_name.split())
            for id in self.ids
            if (found := row(id)) is not None
        }
        chosen = vocabulary.pick(said, names)
        if chosen is None:
            raise Refused(_("say the number of a conversation in the list, or # and its own number."))
        return int(chosen)

    async def open(self, conversation: int, unseen: bool = False) -> None:
        """Open it and read it out; `unseen`: nobody hears of it, nothing counts as read. Where that fails, none is
        open: what is typed next must not go elsewhere."""
        desk = self._desk
        self._leave()
        if unseen:
            desk.session.observe(conversation)
        await desk.session.open(conversation)
        if desk.session.mirror.row(conversation) is None:
            raise Refused(_("it cannot be read now; try again."))
        desk.here = conversation
        desk.seen_seq = desk.session.mirror.seq
        self._read(MESSAGES, whole=False)

    # ------------------------------------------------------------ reading

    async def do_read(self, rest: str) -> None:
        """Read it again: the newest messages, as many as are asked for; all of long ones."""
        self._desk.row_here()
        everything = vocabulary.pick(rest, {"all": ("todo", "all")}) == "all"
        many = int(rest) if rest.strip().isdecimal() else MESSAGES
        self._read(10_000 if everything else max(1, many), whole=everything)

    def _read(self, many: int, whole: bool) -> None:
        desk = self._desk
        row, about = desk.row_here(), desk.about_here()
        name, now = desk.session.mirror.name, desk.now()
        lines = [] if about is None else wording.head(about, row, name, now)
        lines += self._who_else(row.id)
        messages = desk.session.mirror.messages(row.id)
        shown = messages[-many:]
        if len(messages) > len(shown) or self._has_older(row.id):
            lines.append(
                _("There are older messages; {older} reads them out.").format(older=vocabulary.BY_ID["older"].name)
            )
        for message in shown:
            lines += wording.message_lines(message, row, name, now, whole)
        if not messages:
            lines.append(_("No messages yet."))
        if draft := desk.session.draft_of(row.id):
            lines.append(_("Draft: {text}").format(text=line(draft, 400)))
        self._oldest_read = shown[0].id if shown else None
        desk.say(*lines)
        desk.session.seen(row.id)
        desk.news.opened(row.id)

    async def do_older(self, rest: str) -> None:
        """The messages before those read so far."""
        desk, row = self._desk, self._desk.row_here()
        older = self._older_held(row.id)
        if not older and self._has_older(row.id):
            await desk.session.load_older(row.id)
            older = self._older_held(row.id)
            desk.news.opened(row.id)
        if not older:
            raise Refused(_("there are no older messages."))
        shown = older[-MESSAGES:]
        self._oldest_read = shown[0].id
        lines: list[str] = []
        for message in shown:
            lines += wording.message_lines(message, row, desk.session.mirror.name, desk.now())
        desk.say(*lines)

    def _older_held(self, conversation: int) -> list[wire.Message]:
        messages = self._desk.session.mirror.messages(conversation)
        return [each for each in messages if self._oldest_read is not None and 0 < each.id < self._oldest_read]

    def _has_older(self, conversation: int) -> bool:
        thread = self._desk.session.mirror.thread(conversation)
        return thread is not None and thread.older is not None

    def _who_else(self, conversation: int) -> list[str]:
        """Colleagues who are at it now; first of all, that one looks on without being seen."""
        presence = self._desk.session.mirror.presence(conversation)
        looking_on = self._desk.session.mirror.observed == conversation
        unseen = [_("You look on silently: nobody sees you, nothing counts as read.")] if looking_on else []
        if presence is None:
            return unseen
        said = unseen + [_("{name} is answering now.").format(name=line(name, 40)) for name in presence.typing[:3]]
        looking = [name for name in presence.viewing[:5] if name not in presence.typing]
        return said + [_("{name} is looking at it too.").format(name=line(name, 40)) for name in looking]

    # ------------------------------------------------------------ what was before

    async def do_history(self, rest: str) -> None:
        """What was before."""
        row = self._desk.row_here()
        page = await self._desk.send(calls.history(row.id))
        past = [each for each in page.items if each.id != row.id]
        now = self._desk.now()
        self._desk.say(
            *([wording.past_line(each, now) for each in past[:30]] or [_("It is the first time they write.")])
        )

    async def do_why(self, rest: str) -> None:
        """Why it is with whom it is."""
        found = await self._desk.send(calls_routing.why(self._desk.row_here().id))
        self._desk.say(line(wording.spoken(shown.whose(found)), 200) + ".")
        for step in found.steps:
            self._desk.say(*(line(wording.spoken(each), shown.LONGEST) for each in words_routing.step(step)))
