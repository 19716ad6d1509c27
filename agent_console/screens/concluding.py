"""How conversations end: the outcome, and what is asked when something is missing that the team's protocol wants before
a conversation is resolved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from agent_console import keys, words
from agent_console.backend import calls_protocol
from agent_console.backend.overlay import Resolve, RunMacro
from agent_console.i18n import _
from agent_console.presentation import fuzzy
from agent_console.presentation.checklist import cents
from agent_console.presentation.drawers import Question
from agent_console.safetext import line
from agent_console.screens.notices import REASON
from agent_console.screens.service import ServicePart
from agent_console.screens.standing import name_of
from agent_console.widgets.fields_drawer import Field, FieldsDrawer
from agent_console.widgets.pick_drawer import Choice, Item, PickDrawer
from server import wire

if TYPE_CHECKING:
    from agent_console.backend.changes import Changes, Trouble
    from agent_console.screens.inbox import Inbox

#: how conversations end where a team says nothing else
_USUAL = (
    wire.OutcomeKind(name="solved"),
    wire.OutcomeKind(name="lead"),
    wire.OutcomeKind(name="sale", asks="amount"),
    wire.OutcomeKind(name="lost", asks="reason"),
)

Then = Callable[[wire.SetOutcome], None]


class Outcomes:
    """Asks for an outcome, and for the amount or reason that goes with it. `id`: of its drawers."""

    def __init__(self, inbox: Inbox, id: str) -> None:
        self._inbox = inbox
        self._pick = PickDrawer(id=f"{id}-word")
        self._form = FieldsDrawer(id=f"{id}-more")

    def ask(
        self, then: Then, known: Sequence[wire.OutcomeKind], title: str = "", anyway: Callable[[], None] | None = None
    ) -> None:
        """How it ends: a word, and what that asks for. `anyway`: what to do without one, where that is offered."""
        kinds = known or _USUAL

        def items(typed: str) -> list[Item]:
            found = [
                Item(words.outcome(kind.name), words.outcome_asks(kind.asks) if kind.asks else "", kind)
                for kind in kinds
            ]
            if anyway is not None:
                found.append(Item(_("resolve it without one"), value="anyway"))
            else:
                found.append(Item(_("none"), value=wire.OutcomeKind(name="")))
            return fuzzy.best(typed, found, lambda item: item.text)

        def take(value: object) -> None:
            if value == "anyway" and anyway is not None:
                anyway()
            elif isinstance(value, wire.OutcomeKind):
                self._fill(value, then)

        self._pick.take(
            Choice(
                title or _("How does it end?"),
                items,
                take,
                _("Enter takes it · Esc closes"),
                empty=_("Nothing is called so."),
            )
        )
        self._inbox.over.raise_(self._pick)

    def _fill(self, kind: wire.OutcomeKind, then: Then) -> None:
        """What the outcome asks for besides; an amount of money, or why."""
        if not kind.asks:
            then(wire.SetOutcome(outcome=kind.name))
            return
        amount = kind.asks == "amount"

        def check(values: Mapping[str, str]) -> str:
            if amount:
                return "" if cents(values["amount"]) is not None else _("An amount like 2400 or 2400.50.")
            return "" if values["reason"].strip() else _("Say why, in a few words.")

        def filled(values: Mapping[str, str]) -> None:
            given: dict[str, Any] = {"reason": values["reason"].strip()}
            if amount:
                given |= {"amount": cents(values["amount"]), "currency": values["currency"].strip()}
            then(wire.SetOutcome(outcome=kind.name, **given))

        fields = [Field("amount", _("Amount")), Field("currency", _("Currency"))] if amount else []
        fields.append(Field("reason", _("Note") if amount else _("Reason")))
        self._form.ask(words.outcome(kind.name), fields, check, filled)
        self._inbox.over.raise_(self._form)


class Concluding(ServicePart):
    """What resolving may bring: something is missing, which is asked once."""

    def __init__(self, inbox: Inbox) -> None:
        super().__init__(inbox)
        self._outcomes = Outcomes(inbox, "ending")
        self._waiting: list[Trouble] = []

    def changed(self, changes: Changes) -> None:
        """What has to be asked is asked once nobody writes."""
        if self._waiting and self._free:
            self._ask(self._waiting.pop(0))

    @property
    def _free(self) -> bool:
        """Whether the keys are nobody's who writes or answers something else."""
        return self._inbox.place != "composer" and not self._inbox.over.open

    def trouble(self, trouble: Trouble) -> bool:
        """A refusal: whether it is asked about here."""
        asked = isinstance(trouble.change, Resolve | RunMacro) and trouble.conversation is not None
        if trouble.problem.code not in ("checklist_open", "outcome_needs") or not asked:
            return False
        self._inbox.notices.withdraw()
        self._waiting.append(trouble)
        if self._free:
            self._ask(self._waiting.pop(0))
        else:
            name = name_of(self._session.mirror, trouble.conversation)
            self._inbox.say(_("{name}: something is missing before it is resolved (Esc)").format(name=name), "warn")
        return True

    def _ask(self, trouble: Trouble) -> None:
        missing = [item for item in trouble.problem.params.get("missing", ()) if isinstance(item, dict)]
        kinds = {item.get("kind") for item in missing}
        name = name_of(self._session.mirror, trouble.conversation)
        if isinstance(trouble.change, Resolve) and (kinds == {"outcome"} or not missing):
            self._inbox.background(self._ask_ending(trouble))
            return
        said = [f"· {line(words.check_item(str(item.get('kind')), str(item.get('title'))), 100)}" for item in missing]
        choices = [("a", _("resolve it anyway"))]
        if isinstance(trouble.change, Resolve):
            choices.append(("p", _("see the checklist")))
        choices.append(("escape", _("leave it open")))
        question = Question(_("{name}: something is missing").format(name=name), said, choices)

        def then(answer: str) -> None:
            if answer == "a":
                self._anyway(trouble)
            elif answer == "p" and trouble.conversation is not None:
                self._give_up(trouble)
                self._inbox.thelist.go_to(trouble.conversation)
                self._inbox.open(trouble.conversation)
                self._inbox.acts.perform("checklist")
            else:
                self._give_up(trouble)

        self._inbox.ask(question, then)

    async def _ask_ending(self, trouble: Trouble) -> None:
        """Only the outcome is missing: it is taken on the spot."""
        conversation = trouble.conversation
        assert conversation is not None
        found = await self._session.api.send(calls_protocol.checklist(conversation))
        if not self._free:  # one went on meanwhile
            self._waiting.append(trouble)
            return
        name = name_of(self._session.mirror, conversation)

        def then(given: wire.SetOutcome) -> None:
            ended = Resolve(
                conversation,
                outcome=given.outcome,
                amount=given.amount,
                currency=given.currency,
                reason=given.reason,
            )
            self._give_up(trouble, quiet=True)
            self._resolve(ended, name)

        title = _("{name}: how does it end?").format(name=name)
        self._outcomes.ask(then, found.outcomes, title, lambda: self._anyway(trouble))

    def _anyway(self, trouble: Trouble) -> None:
        conversation, change = trouble.conversation, trouble.change
        assert conversation is not None
        if trouble.stopped:
            self._session.go_on(conversation, anyway=True)
        elif isinstance(change, Resolve):
            self._resolve(msgspec.structs.replace(change, anyway=True), name_of(self._session.mirror, conversation))
        elif isinstance(change, RunMacro):
            self._session.do(msgspec.structs.replace(change, anyway=True))

    def _resolve(self, change: Resolve, name: str) -> None:
        self._inbox.acts.working.change([change], _("{name}: resolved").format(name=name), _("resolved"))

    def _give_up(self, trouble: Trouble, quiet: bool = False) -> None:
        """It stays open; words that went along are in the draft again."""
        if trouble.stopped:
            self._inbox.acts.sending.trouble(trouble)
        elif not quiet:
            key = keys.first("checklist")
            self._inbox.say(_("It stays open; {key} shows what is missing.").format(key=key), "muted", REASON)
