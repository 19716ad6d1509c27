"""Looking after others' work line by line: alerts, answers that wait for a review, the wallboard, whispers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from agent_console import words
from agent_console.backend import calls_reminders, calls_reviews, calls_service
from agent_console.backend.views import ListSpec
from agent_console.i18n import _, moment, ngettext
from agent_console.plain import vocabulary, wording
from agent_console.plain.refusals import Refused, numbered
from agent_console.presentation import alerts, board
from agent_console.presentation.board import Target
from agent_console.safetext import block, line
from server import wire

if TYPE_CHECKING:
    from agent_console.plain.desk import Desk

#: who has a wallboard, whispers and takes over
_SUPERVISORS: Final = ("supervisor", "admin")
_NO: Final[dict[str, tuple[str, ...]]] = {"no": ("no", "stop", "dejar")}


class Overseeing:
    """What somebody has to look at, and what supervisors do. Lists are numbered; the verbs take their numbers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._alerts: list[wire.Alert] = []
        self._reviews: list[wire.Review] = []
        #: what the wallboard's numbers stand for, as it was read out
        self._board: list[tuple[str, Target]] = []

    # ------------------------------------------------------------ alerts

    async def do_alerts(self, rest: str) -> None:
        """Read what somebody has to look at."""
        desk = self._desk
        self._alerts = (await desk.send(calls_service.alerts())).items
        if not self._alerts:
            desk.say(_("Nothing that somebody has to look at."))
        for number, each in enumerate(self._alerts, 1):
            whose = ", ".join(line(part, 40) for part in (each.user, each.team) if part)
            where = f" #{each.conversation}" if each.conversation is not None else ""
            since = moment(each.raised_at, desk.now())
            desk.say(
                f"{number}. {wording.spoken(alerts.said(each))}, {', '.join(filter(None, (since, whose)))}.{where}"
            )

    async def do_ack(self, rest: str) -> None:
        """Look after an alert: it goes to nobody else."""
        alert = self._alerts[numbered(rest, len(self._alerts), "alerts")]
        await self._desk.send(calls_service.acknowledge(alert.id))
        self._desk.say(_("You look after it: {what}").format(what=wording.spoken(alerts.said(alert))))

    # ------------------------------------------------------------ reviews

    async def do_reviews(self, rest: str) -> None:
        """Read the answers that wait for one's review; one of them whole, with what was said before it."""
        desk = self._desk
        if rest.strip():
            self._whole(await desk.send(calls_reviews.review(self._review(rest).message.id)))
            return
        self._reviews = (await desk.send(calls_reviews.reviews())).items
        if not self._reviews:
            desk.say(_("Nothing waits for your review."))
        for number, each in enumerate(self._reviews, 1):
            message, late = each.message, _("waits too long") if each.late_at is not None else ""
            who = _("{author} to {customer}").format(
                author=line(message.author_name or message.author, 60), customer=wording.name_of(each.conversation)
            )
            until = moment(each.due_at, desk.now())
            facts = ", ".join(filter(None, (words.review_why(each.why), until, late)))
            desk.say(f"{number}. {who} ({facts}): {wording.in_short(message.kind, message.text, 300)}")

    def _whole(self, review: wire.Review) -> None:
        desk = self._desk
        for message in (*review.context, review.message):
            theirs = message.direction == "in"
            who = wording.name_of(review.conversation) if theirs else line(message.author_name or message.author, 60)
            text = str(block(message.text)).strip() or wording.in_short(message.kind, message.text, 300)
            first, *more = text.splitlines() or [""]
            desk.say(f"{who}: {first}", *(f"  {each}" for each in more))
        desk.say(_("Why it waits: {why}.").format(why=words.review_why(review.why)))

    async def do_approve(self, rest: str) -> None:
        """Send an answer as it is."""
        await self._decide(rest, "send")

    async def do_correct(self, rest: str) -> None:
        """Send an answer with another text: NUMBER: TEXT."""
        await self._decide(rest, "edit")

    async def do_return(self, rest: str) -> None:
        """Give an answer back to its author: NUMBER: REMARK."""
        await self._decide(rest, "return")

    async def _decide(self, rest: str, how: Literal["send", "edit", "return"]) -> None:
        desk = self._desk
        number, _colon, said = rest.partition(":")
        review = self._review(number)
        said = said.strip()
        if how != "send" and not said:
            said = (await desk.ask(_("The text") if how == "edit" else _("What should change?"))).strip()
        body = wire.DecideReview(
            decision=how, text=said if how == "edit" else "", remark=said if how == "return" else ""
        )
        await desk.send(calls_reviews.decide(review.message.id, body))
        told = {"return": _("Given back to {author}."), "edit": _("Changed and sent."), "send": _("Sent as it was.")}
        desk.say(told[how].format(author=line(review.message.author_name or review.message.author, 40)))

    def _review(self, said: str) -> wire.Review:
        return self._reviews[numbered(said, len(self._reviews), "reviews")]

    # ------------------------------------------------------------ supervisors

    async def do_board(self, rest: str) -> None:
        """Read the wallboard: all of it, then its parts by number; with a number, the open conversations behind it."""
        self._supervisors()
        desk = self._desk
        if rest.strip():
            title, target = self._board[numbered(rest, len(self._board), "board")]
            await desk.reading.show(ListSpec(view="all", q=board.query(target)), title)
            return
        found = await desk.send(calls_service.wallboard())
        desk.say(_("All: {figures}.").format(figures=_figures(found.now, found.today, found.at)))
        parts = (("team", found.teams), ("channel", found.channels), ("campaign", found.campaigns))
        said = [
            (_title(kind, each), Target(kind, each.name), _figures(each.now, each.today, found.at))
            for kind, some in parts
            for each in some
        ]
        said += [
            (line(each.display_name or each.name, 60), Target("advisor", each.name), _advisor(each, found.at))
            for each in found.advisors
        ]
        self._board = [(title, target) for title, target, _facts in said]
        desk.say(*(f"{at}. {title}: {facts}." for at, (title, _target, facts) in enumerate(said, 1)))

    async def do_observe(self, rest: str) -> None:
        """Look on silently at a conversation, of the list or by its own number; or be seen again."""
        self._supervisors()
        desk = self._desk
        if vocabulary.pick(rest, _NO):
            desk.session.observe(None)
            desk.say(_("You are seen here again."))
            return
        conversation = desk.reading.chosen(rest.strip()) if rest.strip() else desk.row_here().id
        await desk.send(calls_reminders.observe(conversation))
        await desk.reading.open(conversation, unseen=True)

    async def do_whisper(self, rest: str) -> None:
        """A note that only the conversation's advisor and supervisors read."""
        self._supervisors()
        desk, row = self._desk, self._desk.row_here()
        text = rest.strip() or (await desk.ask(_("What do you want to say to its advisor?"))).strip()
        await desk.send(calls_reminders.whisper(row.id, text))
        desk.say(_("Whispered; other advisors do not see it."))

    async def do_takeover(self, rest: str) -> None:
        """Take it from whoever has it, with the reason."""
        self._supervisors()
        desk, row = self._desk, self._desk.row_here()
        reason = rest.strip() or (await desk.ask(_("Why?"))).strip()
        desk.session.know(await desk.send(calls_reminders.take_over(row.id, reason)))
        desk.say(_("{name} is yours now.").format(name=wording.name_of(row)))

    def _supervisors(self) -> None:
        me = self._desk.session.mirror.me
        if me is not None and me.role not in _SUPERVISORS:
            raise Refused(_("that is for supervisors."))


def _title(kind: str, part: wire.BoardLine) -> str:
    """What a part of the wallboard is called; what kind it is where its name does not say so."""
    name = line(part.title or part.name, 60)
    if kind == "channel":
        return _("channel {name}").format(name=name)
    if kind == "campaign":
        return _("campaign {name}").format(name=name) if name else _("without a campaign")
    return name or _("without a team")


def _advisor(advisor: wire.BoardAdvisor, at: int) -> str:
    """How an advisor stands: there or not, what they carry, what they look at."""
    load = _("load {load} of {capacity}").format(load=f"{advisor.load / 100:g}", capacity=f"{advisor.capacity / 100:g}")
    facts = [words.availability(advisor.state), load]
    if advisor.viewing is not None:
        at_it = _("answers {name}") if advisor.typing else _("looks at {name}")
        facts.append(f"{at_it.format(name=line(advisor.viewing_name, 60))} #{advisor.viewing}")
    return ", ".join([*facts, _figures(advisor.now, advisor.today, at)])


def _figures(now: wire.Open, today: wire.Figures, at: int) -> str:
    """How it stands, in words."""
    said = []
    if now.waiting:
        said.append(ngettext("{n} waits", "{n} wait", now.waiting).format(n=now.waiting))
    if now.oldest is not None:
        said.append(_("the first for {time}").format(time=wording.span(at - now.oldest)))
    if now.open:
        said.append(ngettext("{n} is open", "{n} are open", now.open).format(n=now.open))
    if now.breached:
        said.append(ngettext("{n} is late", "{n} are late", now.breached).format(n=now.breached))
    if today.answered:
        text = ngettext("{n} answered today", "{n} answered today", today.answered)
        said.append(text.format(n=today.answered))
    if ended := today.met + today.missed:
        said.append(_("{n} % in time").format(n=today.met * 100 // ended))
    return ", ".join(said) or _("nothing")
