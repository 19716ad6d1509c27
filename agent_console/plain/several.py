"""One command for several conversations of the list, as one would mark them on a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from agent_console.backend.acts import HOLD_MS
from agent_console.backend.api import ApiError
from agent_console.i18n import _, ngettext
from agent_console.plain import vocabulary, wording
from agent_console.plain.refusals import Refused
from agent_console.plain.same_answer import SameAnswer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from agent_console.plain.desk import Desk, Undo
    from agent_console.plain.templates import Templates

#: conversations changed at once
MOST = 100
#: what can be done to several: everything that needs no reading and can be taken back
WORDS: Final = (
    "claim", "assign", "resolve", "reopen", "snooze", "tag", "priority", "follow", "classify", "stage", "outcome",
    "flag", "note", "takeover", "remind", "template",
)  # fmt: skip
#: those that mean something else without more words
WHOLE: Final = ("assign", "takeover", "classify", "tag", "note")
_ALL: Final[dict[str, tuple[str, ...]]] = {"all": ("todas", "all")}


class Several:
    """Acts on many conversations. What is refused of one does not stop the others."""

    def __init__(self, desk: Desk, templates: Templates) -> None:
        self._desk = desk
        self._templates = templates

    async def do_each(self, rest: str) -> None:
        """NUMBERS: COMMAND, for conversations of the list: 1-3,5 or all that were read out."""
        desk = self._desk
        said, _colon, typed = rest.partition(":")
        command = vocabulary.read(typed) if typed.strip() else None
        if command is None or not said.strip():
            raise Refused(_("say which, a colon and what: 1-3,5: tag mora; or all: claim"))
        if command.word.id not in WORDS:
            raise Refused(_("{word} is for one conversation at a time.").format(word=command.word.name))
        if command.word.id in WHOLE and not command.rest.strip():
            raise Refused(_("say all of it in one line, for example: {example}").format(example="1-3: nota llamar"))
        ids = self._ids(said)
        if command.word.id == "template":
            await self._answer(ids, command.rest.strip(), typed.strip())
        else:
            done = await self._all(ids, lambda: desk.carry_out(command), typed.strip())
            self._tell(len(done), len(ids))

    async def _answer(self, ids: list[int], said: str, typed: str) -> None:
        """Answer all of them with a template, once what it says to them was heard."""
        desk, templates = self._desk, self._templates
        template = await templates.find(said)
        if template is None:
            return  # they were read out
        same = SameAnswer(desk, templates, template, await templates.fill_in(template))
        ready = await self._all(ids, same.prepare)
        if ready and not await same.confirmed():
            desk.say(_("Nothing was sent."))
            return
        done = await self._all(ready, same.send, typed)
        self._tell(len(done), len(ids))
        if done and (template.variants or template.files):
            undo, time = vocabulary.BY_ID["undo"].name, wording.seconds(HOLD_MS)
            desk.say(_("An answer leaves {time} after it is given; {undo} takes back what has not left.").format(
                time=time, undo=undo))  # fmt: skip

    def _tell(self, fine: int, all_: int) -> None:
        """How many were changed, and how many were not."""
        told = ngettext("{n} conversation changed.", "{n} conversations changed.", fine).format(n=fine)
        if refused := all_ - fine:
            told += " " + ngettext("{n} was refused.", "{n} were refused.", refused).format(n=refused)
        self._desk.say(told)

    async def _all(self, ids: list[int], act: Callable[[], Awaitable[None]], what: str = "") -> list[int]:
        """Do it to each, as if that one were open; those for which it was not refused. What of it can be taken back
        is taken back as one, called `what`."""
        desk = self._desk
        here, undos, done = desk.here, desk.undos, list[int]()
        undone: list[Undo] = []
        try:
            for id in ids:
                desk.undos = []
                try:
                    if await self._one(id, act):
                        done.append(id)
                finally:
                    undone[:0] = desk.undos
        finally:
            desk.here, desk.undos = here, undos
            if undone:
                desk.undoable(what, lambda: self._take_back(undone))
        return done

    async def _one(self, id: int, act: Callable[[], Awaitable[None]]) -> bool:
        """Do it to one; False if that was refused, which is said."""
        desk, name = self._desk, f"#{id}"
        try:
            row = await desk.session.find_row(id)
            name = wording.name_of(row)
            desk.session.know(row)
            desk.here = id
            await act()
        except (Refused, ApiError) as error:
            desk.say(f"{name}: {desk.why(error)}")
            return False
        return True

    async def _take_back(self, undos: list[Undo]) -> str:
        """Undo each of them; one that cannot be undone any more does not stop the others."""
        desk, left = self._desk, 0
        for undo in undos:
            try:
                desk.say(await undo.run())
            except (Refused, ApiError) as error:
                left += 1
                desk.say(f"{undo.what} {desk.why(error)}")
        if left:
            return ngettext("{n} stays as it is.", "{n} stay as they are.", left).format(n=left)
        return _("All of it is taken back.")

    def _ids(self, said: str) -> list[int]:
        """The conversations that are meant, as 1-3,5. Raises Refused."""
        reading = self._desk.reading
        if vocabulary.pick(said, _ALL):
            chosen = [*reading.ids]
        else:
            chosen = []
            for part in said.replace(",", " ").split():
                first, dash, last = part.partition("-")
                if dash and first.isdecimal() and last.isdecimal():
                    chosen += [
                        reading.chosen(str(at)) for at in range(int(first), min(int(last), int(first) + MOST) + 1)
                    ]
                else:
                    chosen.append(reading.chosen(part))
        chosen = [*dict.fromkeys(chosen)]
        if not chosen:
            raise Refused(_("the list is empty."))
        if len(chosen) > MOST:
            raise Refused(_("at most {n} at once.").format(n=MOST))
        return chosen
