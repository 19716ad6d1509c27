"""Handing on line by line: to whom, why, what they have to know; what is handed on to me, and my answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from agent_console import words
from agent_console.backend import calls_transfers as calls
from agent_console.backend.api import ApiError
from agent_console.i18n import _
from agent_console.plain import vocabulary, wording
from agent_console.plain.keeping import Keeping
from agent_console.plain.refusals import Refused
from agent_console.presentation import transfers
from agent_console.safetext import line
from server import wire

if TYPE_CHECKING:
    from agent_console.plain.desk import Desk

_NO: Final[dict[str, tuple[str, ...]]] = {"no": ("no",)}
_YES: Final[dict[str, tuple[str, ...]]] = {"yes": ("sí", "yes")}
#: what is read out
MOST = 50


class Handing:
    """Transfers and questions to colleagues."""

    def __init__(self, desk: Desk, keeping: Keeping) -> None:
        self._desk = desk
        self._keeping = keeping

    async def do_transfer(self, rest: str) -> None:
        """Hand it on: NAME: REASON; what is proposed can be written anew. `no` takes an offer back."""
        desk, row = self._desk, self._desk.row_here()
        if vocabulary.pick(rest.strip(), _NO):
            await desk.send(calls.withdraw(row.id))
            desk.say(_("{name}: the offer is taken back.").format(name=wording.name_of(row)))
            return
        if row.state == "resolved":
            raise Refused(self._keeping.resolved())
        me = desk.session.mirror.me
        if me is not None and me.role == "advisor" and row.assignee not in (None, me.name):
            raise Refused(words.problem("already_assigned", {"by": row.assignee}))
        who, _colon, reason = rest.partition(":")
        user, team, shown = await self._keeping.whom(who.strip())
        if not shown:
            raise Refused(_("say to whom."))
        reason = reason.strip() or (await desk.ask(_("Why?"))).strip()
        to = f"user:{user}" if user is not None else f"team:{team}"
        new = await self._written(row, wire.NewTransfer(to=to, reason=reason))
        made = await self._offer(row, new)
        said = _("{name}: offered to {who}").format(name=wording.name_of(row), who=transfers.receiver(made))

        async def withdraw() -> str:
            await desk.send(calls.withdraw(row.id))
            return _("Taken back: {what}").format(what=said)

        desk.undoable(said, withdraw)
        desk.say(said)

    async def _written(self, row: wire.ConversationRow, new: wire.NewTransfer) -> wire.NewTransfer:
        """With the summary and the promises that are proposed; a person can write other ones."""
        desk = self._desk
        proposed = await desk.send(calls.proposal(row.id))
        new = replace(new, summary=proposed.summary, promised=proposed.promised)
        if not desk.lines.live:
            return new
        desk.say(*desk.writing.text_lines(_("Summary"), new.summary))
        summary = (await desk.ask(_("Empty: as it is. Or write another one in a line:"))).strip()
        desk.say(_("Promised: {what}").format(what=line(new.promised, 500) or _("nothing")))
        promised = (await desk.ask(_("Empty: as it is. Or write what is promised:"))).strip()
        tell = vocabulary.pick((await desk.ask(_("Is the customer told? Empty: no"))).strip(), _YES) is not None
        return replace(new, summary=summary or new.summary, promised=promised or new.promised, tell_customer=tell)

    async def _offer(self, row: wire.ConversationRow, new: wire.NewTransfer) -> wire.Transfer:
        """Offer it; to somebody who is not there only once that is confirmed."""
        desk = self._desk
        try:
            return await desk.send(calls.transfer(row.id, new))
        except ApiError as error:
            if error.code not in ("user_absent", "team_absent") or not desk.lines.live:
                raise
            desk.say(desk.why(error))
            sure = await desk.ask(_("Hand it on all the same? Yes or no"))
            if vocabulary.pick(sure.strip(), _YES) is None:
                raise Refused(_("nothing was done.")) from None
            return await desk.send(calls.transfer(row.id, replace(new, even_if_absent=True)))

    async def do_offers(self, rest: str) -> None:
        """Read what waits for my answer; with yes that of the open conversation is taken, or the only one there is."""
        desk = self._desk
        if rest.strip():
            if not vocabulary.pick(rest.strip(), _YES):
                raise Refused(_("say yes, or {decline} and why.").format(decline=vocabulary.BY_ID["decline"].name))
            offered = await self._waiting("transfer")
            ended = await desk.send(calls.accept(offered.conversation))
            desk.say(_("{name} is yours now.").format(name=_who(offered)) + f" (#{offered.conversation})")
            if ended.told not in ("", "sent"):
                desk.say(_("the customer was not told: {why}").format(why=words.problem(ended.told)))
            return
        waiting = (await desk.send(calls.transfers(waiting=True, limit=MOST))).items
        if not waiting:
            desk.say(_("Nothing waits for your answer."))
        for each in reversed(waiting):
            desk.say(f"#{each.conversation} {transfers.title(each, False)}", *self._read(each))

    async def _waiting(self, kind: str) -> wire.Transfer:
        """What waits for my answer in the open conversation; else the only one there is. Raises Refused."""
        desk = self._desk
        items = (await desk.send(calls.transfers(waiting=True, limit=MOST))).items
        found = [each for each in items if each.kind == kind]
        here = [each for each in found if each.conversation == desk.here]
        if not found:
            raise Refused(_("Nothing waits for your answer."))
        if not here and len(found) > 1:
            numbers = ", ".join(f"#{each.conversation}" for each in found)
            raise Refused(_("several wait; open the one you mean: {numbers}").format(numbers=numbers))
        return (here or found)[0]

    def _read(self, each: wire.Transfer) -> list[str]:
        """A card as lines."""
        text_lines = self._desk.writing.text_lines
        if each.kind == "consult":
            return text_lines(_("Question"), each.reason)
        told = [f"{_('Reason')}: {line(each.reason, 500)}", *text_lines(_("Summary"), each.summary)]
        if each.promised:
            told.append(f"{_('Promised')}: {line(each.promised, 500)}")
        return [*told, f"{_('Mood')}: {words.mood(each.mood)}"]

    async def do_decline(self, rest: str) -> None:
        """Give back what is offered, with a reason."""
        desk, offered = self._desk, await self._waiting("transfer")
        reason = rest.strip() or (await desk.ask(_("Why?"))).strip()
        await desk.send(calls.decline(offered.conversation, reason))
        desk.say(_("{name}: declined").format(name=_who(offered)))

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
        """Answer what a colleague asks, in the open conversation or the only question there is."""
        desk, asked = self._desk, await self._waiting("consult")
        answer = rest.strip() or (await desk.ask(_("Your answer:"))).strip()
        ended = await desk.send(calls.answer_consult(asked.conversation, answer))
        desk.say(_("Answered: {who} gets a note").format(who=line(ended.sender_name, 60)))


def _who(transfer: wire.Transfer) -> str:
    """Whose conversation it is."""
    return line(transfer.contact_name, 80) or _("No name")
