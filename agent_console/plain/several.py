"""One command for several conversations of the list, as one would mark them on a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from agent_console.backend.api import ApiError
from agent_console.i18n import _, ngettext
from agent_console.plain import vocabulary, wording
from agent_console.plain.refusals import Refused

if TYPE_CHECKING:
    from agent_console.plain.desk import Desk, Undo

#: conversations changed at once
MOST = 100
#: what can be done to several: everything that needs no reading and can be taken back
WORDS: Final = (
    "claim", "assign", "resolve", "reopen", "snooze", "tag", "priority", "follow", "classify", "stage", "outcome",
    "flag", "note", "takeover",
)  # fmt: skip
_ALL: Final[dict[str, tuple[str, ...]]] = {"all": ("todas", "all")}


class Several:
    """Acts on many conversations. What is refused of one does not stop the others."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def do_each(self, rest: str) -> None:
        """NUMBERS: COMMAND, for conversations of the list: 1-3,5 or all that were read out."""
        desk = self._desk
        said, _colon, typed = rest.partition(":")
        command = vocabulary.read(typed) if typed.strip() else None
        if command is None or not said.strip():
            raise Refused(_("say which, a colon and what: 1-3,5: tag mora; or all: claim"))
        if command.word.id not in WORDS:
            raise Refused(_("{word} is for one conversation at a time.").format(word=command.word.name))
        if command.word.id in ("assign", "takeover", "classify", "tag", "note") and not command.rest.strip():
            raise Refused(_("say all of it in one line, for example: {example}").format(example="1-3: nota llamar"))
        ids = self._ids(said)
        here, undos, refused = desk.here, desk.undos, 0
        desk.undos = []
        try:
            for id in ids:
                refused += not await self._one(id, command)
        finally:
            done, desk.here, desk.undos = desk.undos, here, undos
            if done:
                desk.undoable(typed.strip(), lambda: self._take_back([*done]))
        fine = len(ids) - refused
        told = ngettext("{n} conversation changed.", "{n} conversations changed.", fine).format(n=fine)
        if refused:
            told += " " + ngettext("{n} was refused.", "{n} were refused.", refused).format(n=refused)
        desk.say(told)

    async def _one(self, id: int, command: vocabulary.Command) -> bool:
        """Do it to one; False if that was refused, which is said."""
        desk, name = self._desk, f"#{id}"
        try:
            row = await desk.session.find_row(id)
            name = wording.name_of(row)
            desk.session.know(row)
            desk.here = id
            await desk.carry_out(command)
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
