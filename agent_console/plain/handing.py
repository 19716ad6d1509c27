"""Handing on line by line: to whom, why, what they have to know; what is handed on to me, and my answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from agent_console import words
from agent_console.backend import calls_transfers as calls
from agent_console.i18n import _
from agent_console.plain import vocabulary, wording
from agent_console.plain.desk import Refused
from agent_console.plain.keeping import Keeping
from agent_console.presentation import transfers
from agent_console.safetext import block, line
from server import wire

if TYPE_CHECKING:
    from agent_console.plain.desk import Desk

_YES: Final[dict[str, tuple[str, ...]]] = {"yes": ("sí", "yes")}
#: what is read out
MOST = 50


class Handing:
    """Transfers and questions to colleagues."""

    def __init__(self, desk: Desk, keeping: Keeping) -> None:
        self._desk = desk
        self._keeping = keeping

    async def do_transfer(self, rest: str) -> None:
        """Hand it on: NAME: REASON; the summary is proposed, and can be written anew."""
        desk, row = self._desk, self._desk.row_here()
        if row.state == "resolved":
            raise Refused(self._keeping.resolved())
        who, _colon, reason = rest.partition(":")
        user, team, shown = await self._keeping.whom(who.strip())
        if not shown:
            raise Refused(_("say to whom."))
        reason = reason.strip() or (await desk.ask(_("Why?"))).strip()
        proposed = await desk.send(calls.proposal(row.id))
        summary = proposed.summary
        if desk.lines.live:
            desk.say(_("Summary:"), *block(summary).splitlines())
            written = (await desk.ask(_("Empty: as it is. Or write another one in a line:"))).strip()
            summary = written or summary
        to = f"user:{user}" if user is not None else f"team:{team}"
        new = wire.NewTransfer(to=to, reason=reason, summary=summary, promised=proposed.promised)
        made = await desk.send(calls.transfer(row.id, new))
        said = _("{name}: offered to {who}").format(name=wording.name_of(row), who=transfers.receiver(made))

        async def withdraw() -> str:
            await desk.send(calls.withdraw(row.id))
            return _("Taken back: {what}").format(what=said)

        desk.undoable(said, withdraw)
        desk.say(said)

    async def do_offers(self, rest: str) -> None:
        """Read what waits for my answer; with yes the one of the open conversation is taken."""
        desk = self._desk
        if rest.strip():
            if not vocabulary.pick(rest.strip(), _YES):
                raise Refused(_("say yes, or {decline} and why.").format(decline=vocabulary.BY_ID["decline"].name))
            row = desk.row_here()
            ended = await desk.send(calls.accept(row.id))
            desk.say(_("{name} is yours now.").format(name=wording.name_of(row)))
            if ended.told not in ("", "sent"):
                desk.say(_("the customer was not told: {why}").format(why=words.problem(ended.told)))
            return
        waiting = (await desk.send(calls.transfers(waiting=True, limit=MOST))).items
        if not waiting:
            desk.say(_("Nothing waits for your answer."))
        for each in reversed(waiting):
            desk.say(f"#{each.conversation} {transfers.title(each, False)}", *self._read(each))

    @staticmethod
    def _read(each: wire.Transfer) -> list[str]:
        """A card as lines."""
        if each.kind == "consult":
            return list(block(each.reason).splitlines())
        told = [f"{_('Reason')}: {line(each.reason, 500)}", *block(each.summary).splitlines()]
        if each.promised:
            told.append(f"{_('Promised')}: {line(each.promised, 500)}")
        return [*told, f"{_('Mood')}: {words.mood(each.mood)}"]

    async def do_decline(self, rest: str) -> None:
        """Give back what is offered, with a reason."""
        desk, row = self._desk, self._desk.row_here()
        reason = rest.strip() or (await desk.ask(_("Why?"))).strip()
        await desk.send(calls.decline(row.id, reason))
        desk.say(_("{name}: declined").format(name=wording.name_of(row)))

    async def do_consult(self, rest: str) -> None:
        """Ask a colleague: NAME: QUESTION."""
        desk, row = self._desk, self._desk.row_here()
        who, _colon, question = rest.partition(":")
        user, _team, shown = await self._keeping.whom(who.strip())
        if user is None:
            raise Refused(_("say to whom."))
        question = question.strip() or (await desk.ask(_("What do you want to know?"))).strip()
        await desk.send(calls.consult(row.id, user, question))
        desk.say(_("{who} is asked about {name}").format(who=shown, name=wording.name_of(row)))

    async def do_answer(self, rest: str) -> None:
        """Answer what a colleague asks in the open conversation."""
        desk, row = self._desk, self._desk.row_here()
        answer = rest.strip() or (await desk.ask(_("Your answer:"))).strip()
        ended = await desk.send(calls.answer_consult(row.id, answer))
        desk.say(_("Answered: {who} gets a note").format(who=line(ended.sender_name, 60)))
