"""The protocol line by line: what it is about, the checklist, the stage, the outcome, and resolving with all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from agent_console import words
from agent_console.backend import calls_protocol
from agent_console.backend.overlay import Classify, Resolve, SetStage
from agent_console.i18n import _
from agent_console.plain import vocabulary, wording
from agent_console.plain.refusals import Refused
from agent_console.presentation import checklist as shown
from agent_console.safetext import line
from server import wire

if TYPE_CHECKING:
    from agent_console.plain.desk import Desk
    from agent_console.plain.keeping import Keeping

_DEPTHS: Final[dict[str, tuple[str, ...]]] = {
    "simple": ("simple",),
    "medium": ("media", "medium"),
    "complex": ("compleja", "complex"),
}
_STAGES: Final[dict[str, tuple[str, ...]]] = {
    "welcome": ("bienvenida", "welcome"),
    "diagnosis": ("diagnóstico", "diagnosis"),
    "resolution": ("resolución", "resolution"),
    "follow_up": ("seguimiento", "follow-up"),
}
_ANYWAY: Final = {"anyway": ("igual", "anyway")}


class Protocol:
    """Classifying, ticking and concluding. All of it can be taken back."""

    def __init__(self, desk: Desk, keeping: Keeping) -> None:
        self._desk, self._keeping = desk, keeping
        self._topics: list[wire.Topic] = []

    async def do_resolve(self, rest: str) -> None:
        """It is done: an outcome, its amount or reason, and `anyway` where something may be missing."""
        row = self._desk.row_here()
        if row.state == "resolved":
            raise Refused(self._keeping.resolved())
        said = rest.split()
        anyway = bool(said) and len(said[-1]) > 3 and vocabulary.pick(said[-1], _ANYWAY) is not None
        given = _outcome(said[:-1] if anyway else said)
        change = Resolve(row.id, outcome=given.outcome, amount=given.amount, reason=given.reason, anyway=anyway)
        await self._keeping.change(row, change, _("{name}: resolved.").format(name=wording.name_of(row)))

    async def do_classify(self, rest: str) -> None:
        """Topic and complexity in any order; without any, the topics are read out."""
        desk, row = self._desk, self._desk.row_here()
        self._topics = list((await desk.send(calls_protocol.topics())).items)
        if not rest.strip():
            now = [shown.topic(row.topic) if row.topic else _("no topic"), words.complexity(row.complexity)]
            desk.say(", ".join(_said(each) for each in now) + ".")
            desk.say(*(f"{at}. {_said(shown.topic(each.name))}" for at, each in enumerate(self._topics, 1)))
            return
        said = rest.split()
        depth = vocabulary.pick(said[-1], _DEPTHS) if len(said[-1]) > 2 else None
        name = " ".join(said[:-1] if depth else said)
        topic = self._topic(name) if name else None
        if topic is not None and not depth:
            depth = topic.complexity or None
        fields: dict[str, Any] = {"topic": topic.name if topic else None, "complexity": depth}
        called = (shown.topic(topic.name) if topic else "", words.complexity(depth) if depth else "")
        told = f"{wording.name_of(row)}: {_said(', '.join(filter(None, called)))}."
        await self._keeping.change(row, Classify(row.id, **fields), told)

    def _topic(self, said: str) -> wire.Topic:
        """A topic by its number in the list that was read out, its name, or the end of it."""
        if said.isdecimal() and 0 < int(said) <= len(self._topics):
            return self._topics[int(said) - 1]
        names = {str(at): (each.name, each.name.rpartition("/")[2]) for at, each in enumerate(self._topics)}
        key = vocabulary.pick(said, names)
        if key is None:
            raise Refused(_("there is no topic {name}, or more than one.").format(name=vocabulary.shown(said)))
        return self._topics[int(key)]

    async def do_checklist(self, rest: str) -> None:
        """The checklist; with an item: tick it, with a minus before it: no longer."""
        desk, row = self._desk, self._desk.row_here()
        off, wanted = rest.strip().startswith("-"), rest.strip().lstrip("+-").strip()
        found = await desk.send(calls_protocol.checklist(row.id))
        if wanted:
            names = {
                item.id: (item.id, words.check_item(item.kind, item.title), str(at))
                for at, item in enumerate(found.items, 1)
            }
            item = vocabulary.pick(wanted, names)
            if item is None:
                problem = {"what": "check_item", "id": wanted[:60]}
                raise Refused(words.problem("not_found", problem))
            found = await desk.send(calls_protocol.tick(row.id, item, not off))

            async def back() -> str:
                await desk.send(calls_protocol.tick(row.id, item, off))
                return _("Taken back: {what}").format(what=names[item][1])

            desk.undoable(names[item][1], back)
            desk.say(*(self._item(each) for each in found.items if each.id == item))
            return
        desk.say(*self._read(found))

    def _read(self, checklist: wire.Checklist) -> list[str]:
        """A checklist as sentences: the stage, how it ended, what is done and what is missing."""
        at = wire.STAGES.index(checklist.stage) + 1
        stage = words.stage(checklist.stage)
        said = [_("Stage: {stage}, {n} of {all}.").format(stage=stage, n=at, all=len(wire.STAGES))]
        if ended := shown.outcome(checklist.ending):
            said.append(_("Outcome: {what}").format(what=_said(ended)))
        if not checklist.items:
            said.append(_("Its team's protocol asks for nothing."))
        return said + [f"{number}. {self._item(item)}" for number, item in enumerate(checklist.items, 1)]

    def _item(self, item: wire.CheckItem) -> str:
        """What it asks for, and whether that is done, by whom and when."""
        state = _("done") if item.done else _("missing")
        facts = ", ".join(filter(None, (state, shown.who(item, self._desk.now()))))
        return f"{_said(shown.title(item))}: {_said(facts)}."

    async def do_stage(self, rest: str) -> None:
        """The stage, or say another one."""
        desk, row = self._desk, self._desk.row_here()
        if not rest.strip():
            desk.say(_("Stage: {stage}.").format(stage=words.stage(row.stage)))
            return
        stage = vocabulary.pick(rest.strip(), _STAGES)
        if stage is None:
            names = ", ".join(words.stage(each) for each in _STAGES)
            raise Refused(_("the stages are: {names}.").format(names=names))
        told = _("Stage: {stage}.").format(stage=words.stage(stage))
        await self._keeping.change(row, SetStage(row.id, stage=stage), told)  # type: ignore[arg-type]

    async def do_outcome(self, rest: str) -> None:
        """Note how it ends: a word, an amount, a reason; nothing takes it away."""
        desk, row = self._desk, self._desk.row_here()
        given = _outcome(rest.split())
        found = await desk.send(calls_protocol.outcome(row.id, given))
        desk.say(_said(shown.outcome(found.ending)) or _("no outcome"))


def _said(text: str) -> str:
    """What is written for eyes, to be heard."""
    return str(line(wording.spoken(text), 200))


def _outcome(said: list[str]) -> wire.SetOutcome:
    """`sale 2400.50`, `lost the rate is too high`: the word, an amount if the next one is one, and the rest why."""
    if not said:
        return wire.SetOutcome()
    word = next((code for code in ("solved", "lead", "sale", "lost") if _called(said[0], code)), said[0])
    amount = shown.cents(said[1]) if len(said) > 1 else None
    return wire.SetOutcome(outcome=word, amount=amount, reason=" ".join(said[1 if amount is None else 2 :]))


def _called(said: str, code: str) -> bool:
    return vocabulary.plain(said) in (code, vocabulary.plain(words.outcome(code)))
