"""Handing a conversation on with its context, asking a colleague, and answering both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent_console import words
from agent_console.backend import calls_transfers as calls
from agent_console.backend import offers
from agent_console.backend.api import ApiError, Unreachable
from agent_console.backend.calls import conversations
from agent_console.backend.offers import Offers
from agent_console.backend.unsent import TransferDraft
from agent_console.i18n import _
from agent_console.keys import first
from agent_console.presentation import transfers
from agent_console.safetext import line
from agent_console.screens.notices import LONG, REASON, UNDO, Undo
from agent_console.screens.service import ServicePart
from agent_console.screens.standing import name_of
from agent_console.widgets.card_drawer import Answer, CardDrawer
from agent_console.widgets.transfer_drawer import Kind, TransferDrawer
from server import wire

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent_console.backend.changes import Alert, Changes
    from agent_console.screens.inbox import Inbox
    from agent_console.screens.notices import Tone

#: refusals after which the sender may say that it is to go even so
_ABSENT = ("user_absent", "team_absent")
#: conversations that one query names; it may have 500 characters
AT_ONCE = 30


class Handing(ServicePart):
    """What waits for the reader's answer, and what they are about to hand on: a draft for each conversation, kept
    on disk with every key until it is handed on or resolved."""

    def __init__(self, inbox: Inbox) -> None:
        super().__init__(inbox)
        self.offers = Offers()
        self._drawer = TransferDrawer(self._keep, self._send, self._leave, id="transfer")
        self._card = CardDrawer(self._decided, inbox.now, id="card")
        self._people: Sequence[wire.Availability] = ()
        self._about = 0
        self._opened: int | None = None
        self._undos: dict[int, Undo] = {}
        self.begin(self._load)

    @property
    def _me(self) -> wire.User | None:
        return self._session.mirror.me

    # ------------------------------------------------------------ what comes in

    def changed(self, changes: Changes) -> None:
        """Offers came or ended; another conversation is open, whose card is read first."""
        self.begin(self._load, changes)
        self._tidy(changes.rows)
        for event in changes.alerts:
            if event.kind in offers.KINDS and self._me is not None:
                self._heard(event, self._me)
            elif event.kind == "conversation.assigned" and self._me is not None:
                self._given(event, self._me)
        opened = self._inbox.opened
        if opened != self._opened:
            self._opened = opened
            waiting = self.offers.of(opened) if opened is not None else None
            if waiting is not None and not self._inbox.over.open and self._inbox.place != "composer":
                self._show(waiting, uncalled=True)

    async def _load(self) -> None:
        page = await self._session.api.send(calls.transfers(waiting=True, limit=200))
        known = {each.id for each in self.offers.all()}
        self.offers.load(page.items, page.as_of)
        fresh = [each for each in self.offers.all() if each.id not in known]
        if fresh:
            self._inbox.say(self._told(fresh[0]), "accent", LONG)
        self._sync()
        await self._tidy_up()

    async def _tidy_up(self) -> None:
        """Forget what was begun for conversations that were resolved, or went, while this console did not look."""
        begun = self._session.outgoing.transfers()
        try:
            rows = await self._rows(begun)
        except (ApiError, Unreachable):
            return  # the next time
        for about in begun:
            if about not in rows or rows[about].state == "resolved":
                self._session.keep_transfer(about, None)

    async def _rows(self, ids: Sequence[int]) -> dict[int, wire.ConversationRow]:
        """Those of the conversations that there are, as they stand. Raises ApiError, Unreachable."""
        found: dict[int, wire.ConversationRow] = {}
        for start in range(0, len(ids), AT_ONCE):
            query, after = "id:" + ",".join(map(str, ids[start : start + AT_ONCE])), None
            while True:
                page = await self._session.api.send(conversations(q=query, after=after, limit=AT_ONCE))
                found |= {row.id: row for row in page.items}
                if (after := page.next) is None:
                    break
        return found

    def _tidy(self, rows: set[int]) -> None:
        """Forget what was begun for conversations that are resolved now, and will not be taken back."""
        for about in rows.intersection(self._session.outgoing.transfers()):
            line = self._session.mirror.line(about)
            if line is not None and line.row.state == "resolved" and not line.pending:
                self._session.keep_transfer(about, None)

    def _heard(self, event: Alert, me: wire.User) -> None:
        transfer = offers.read(event.data)
        if transfer is None:
            return
        new = self.offers.take(transfer, me, event.seq)
        if transfer.state != "pending":
            self._over(transfer)
        if event.actor != f"user:{me.name}":
            said = self._news(event.kind, transfer, me, new)
            if said is not None:
                self._inbox.say(*said, LONG)
        self._sync()

    def _news(self, kind: str, transfer: wire.Transfer, me: wire.User, new: bool) -> tuple[str, Tone] | None:
        """What an event of others is worth saying."""
        name = line(transfer.contact_name, 40) or _("No name")
        if new:
            return self._told(transfer), "accent"
        if transfer.sender != me.name:
            return None
        called = {transfer.responsible: transfer.responsible_name, transfer.to_user: transfer.to_name}
        answered = transfer.answered_by or transfer.responsible
        who = line(called.get(answered) or answered, 40)
        match kind:
            case "conversation.transfer_accepted":
                return _("✓ {who} has taken {name}").format(who=who, name=name), "good"
            case "conversation.transfer_declined":
                why = line(transfer.decline_reason, 80)
                return _("✗ {who} declines {name}: {why}").format(who=who, name=name, why=why), "warn"
            case "conversation.transfer_returned":
                return _("✗ {who} did not answer; {name} stays with you").format(who=who, name=name), "warn"
        return None

    def _given(self, event: Alert, me: wire.User) -> None:
        """Somebody else gave a conversation to this person, or took one from them."""
        if event.conversation is None or event.actor == f"user:{me.name}" or not event.actor.startswith("user:"):
            return
        who, name = words.actor(event.actor), name_of(self._session.mirror, event.conversation)
        reason = line(str(event.data.get("reason") or ""), 80)
        tone: Tone = "accent"
        if event.data.get("how") in ("hand", "taken_over") and event.data.get("was") == me.name:
            said = _("{who} takes {name} from you").format(who=who, name=name)
            tone = "warn"
        elif event.data.get("how") == "hand" and event.data.get("user") == me.name:
            said = _("{who} gives you {name}").format(who=who, name=name)
        else:
            return
        self._inbox.say(f"{said}: {reason}" if reason else said, tone, LONG)

    @staticmethod
    def _told(transfer: wire.Transfer) -> str:
        """That something waits for an answer, and the key."""
        return f"⇢ {transfers.title(transfer, False)}: {line(transfer.reason, 60)} · {first('answer_transfer')}"

    def _over(self, transfer: wire.Transfer) -> None:
        undo = self._undos.pop(transfer.id, None)
        if undo is not None:
            self._inbox.notices.drop(undo)
        shown = self._card.transfer
        if self._card.display and shown is not None and shown.id == transfer.id:
            self._inbox.over.close(self._inbox.thelist)

    def _sync(self) -> None:
        self._inbox.edges.offers = len(self.offers)
        self._inbox.sync_bars()

    # ------------------------------------------------------------ handing on

    def do_transfer(self) -> None:
        inbox, mirror = self._inbox, self._session.mirror
        here = inbox.here
        row = mirror.row(here) if here is not None else None
        if row is None:
            return
        if row.transfer is not None:
            inbox.first(self._show_offered(row))
            return
        self._about = row.id
        self._drawer.take(name_of(mirror, row.id), self._candidates, self._session.outgoing.transfer(row.id))
        inbox.over.raise_(self._drawer)
        inbox.first(self._find_people())
        inbox.background(self._propose(row.id))

    def _candidates(self, kind: Kind) -> list[transfers.Candidate]:
        mirror = self._session.mirror
        row = mirror.row(self._about)
        but = [mirror.name, row.assignee if row is not None and kind == "transfer" else None]
        return transfers.candidates(self._people, self._inbox.directory.teams, but, consult=kind == "consult")

    async def _find_people(self) -> None:
        """Who can be chosen."""
        self._people = (await self._session.api.send(calls.people())).items
        await self._inbox.directory.load("teams")
        self._drawer.again()

    async def _propose(self, about: int) -> None:
        """What is proposed."""
        try:
            proposed = await self._session.api.send(calls.proposal(about))
        except (ApiError, Unreachable):
            proposed = wire.Proposal(summary="")  # it is written by hand
        if self._about == about and self._drawer.display:
            self._drawer.propose(proposed.summary, proposed.promised)

    def _leave(self) -> None:
        self._inbox.over.close(self._inbox.thelist)
        if self._session.outgoing.transfer(self._about) is not None:
            said = _("Kept as a draft: {key} goes on with it.").format(key=first("transfer"))
            self._inbox.say(said, "muted", REASON)

    def _keep(self, written: TransferDraft) -> None:
        self._session.keep_transfer(self._about, written)

    def _send(self, written: TransferDraft) -> None:
        self._inbox.background(self._sent(self._about, written))

    async def _sent(self, about: int, written: TransferDraft) -> None:
        """Send it; the drawer stays until the server has said yes."""
        if written.kind == "consult":
            call = calls.consult(about, written.to.removeprefix("user:"), written.summary)
        else:
            new = wire.NewTransfer(
                to=written.to,
                reason=written.reason,
                summary=written.summary,
                promised=written.promised,
                tell_customer=written.tell,
                even_if_absent=written.absent,
            )
            call = calls.transfer(about, new)
        try:
            made = await self._session.api.send(call)
        except ApiError as error:
            self._complain(words.problem(error.code, error.problem.params, error.problem.detail), error.code)
            return
        except Unreachable:
            self._complain(_("The server does not answer; nothing was sent."))
            return
        self._session.keep_transfer(about, None)
        if self._drawer.display and self._about == about:
            self._inbox.over.close(self._inbox.thelist)
        self._done(made, written)

    def _complain(self, said: str, code: str = "") -> None:
        if self._drawer.display:
            self._drawer.complain(line(said, 300), absent=code in _ABSENT)
        else:
            self._inbox.say(line(said, 200), "warn", LONG)

    def _done(self, made: wire.Transfer, written: TransferDraft) -> None:
        name, who = line(made.contact_name, 40) or _("No name"), transfers.receiver(made)
        if made.kind == "consult":
            self._inbox.say(_("{who} is asked about {name}").format(who=who, name=name), "good")
            return
        now = self._inbox.now()
        what = _("{name}: offered to {who}").format(name=name, who=who)
        until = max(made.expires_at or 0, now + UNDO)
        undo = Undo(what, until, lambda: self._withdraw(made, written), shown=now + UNDO)
        self._undos[made.id] = undo
        self._inbox.notices.offer(undo)
        self._inbox.sync_bars()

    def _withdraw(self, made: wire.Transfer, written: TransferDraft) -> None:
        """Take it back; what was written is a draft again."""

        async def withdraw() -> None:
            await self._session.api.send(calls.withdraw(made.conversation))
            self._session.keep_transfer(made.conversation, written)
            said = _("{name}: taken back, it stays with you").format(name=line(made.contact_name, 40))
            self._inbox.say(said, "good")

        self._undos.pop(made.id, None)
        self._inbox.background(withdraw())

    async def _show_offered(self, row: wire.ConversationRow) -> None:
        """What was offered to somebody already."""
        page = await self._session.api.send(calls.transfers(conversation=row.id, limit=20))
        made = next((each for each in page.items if each.id == row.transfer), None)
        if made is not None and not self._inbox.over.open:
            self._show(made)

    # ------------------------------------------------------------ answering

    def do_answer_transfer(self) -> None:
        here = self._inbox.here
        waiting = self.offers.of(here) if here is not None else None
        if waiting is not None:
            self._show(waiting)
            return
        waiting = next(iter(self.offers.all()), None)
        if waiting is not None:
            self._inbox.first(self._go(waiting))

    async def _go(self, waiting: wire.Transfer) -> None:
        """Open the conversation that something waits in; its card rises with it."""
        row = await self._session.find_row(waiting.conversation)
        self._opened = row.id
        self._inbox.open_elsewhere(row)
        self._show(waiting)

    def _show(self, transfer: wire.Transfer, uncalled: bool = False) -> None:
        me = self._me
        if me is None:
            return
        mine = not offers.is_for(transfer, me)
        row = self._session.mirror.row(transfer.conversation)
        may = offers.may_decline(transfer, me)
        self._card.take(transfer, row, mine=mine, may_decline=may, uncalled=uncalled)
        self._inbox.over.raise_(self._card)

    def _decided(self, transfer: wire.Transfer, answer: Answer, text: str) -> None:
        if answer == "later":
            self._inbox.over.close(self._inbox.thelist)
            return
        self._inbox.background(self._answer(transfer, answer, text))

    async def _answer(self, transfer: wire.Transfer, answer: Answer, text: str) -> None:
        id = transfer.conversation
        call = {
            "accept": lambda: calls.accept(id),
            "decline": lambda: calls.decline(id, text),
            "answer": lambda: calls.answer_consult(id, text),
            "withdraw": lambda: calls.withdraw(id),
        }[answer]()
        try:
            ended = await self._session.api.send(call)
        except ApiError as error:
            said = words.problem(error.code, error.problem.params, error.problem.detail)
            if error.code not in ("transfer_over", "transfer_taken", "no_transfer", "no_consult"):
                self._card.complain(line(said, 300))
                return
            self.offers.ended(transfer.id)
            self._shut(said, "warn")
            return
        except Unreachable:
            self._card.complain(_("The server does not answer; nothing was sent."))
            return
        self.offers.ended(transfer.id)
        name = line(transfer.contact_name, 40) or _("No name")
        said = {
            "accept": _("{name} is yours now").format(name=name),
            "decline": _("{name}: declined").format(name=name),
            "answer": _("Answered: {who} gets a note").format(who=line(transfer.sender_name, 40)),
            "withdraw": _("{name}: taken back, it stays with you").format(name=name),
        }[answer]
        if ended.told not in ("", "sent"):
            why = words.problem(ended.told)
            self._shut(f"{said} · {_('the customer was not told: {why}').format(why=why)}", "warn")
        else:
            self._shut(said, "good")

    def _shut(self, said: str, tone: Tone) -> None:
        if self._card.display:
            self._inbox.over.close(self._inbox.thelist)
        self._inbox.say(line(said, 200), tone, LONG if tone == "warn" else 5_000)
        self._sync()
