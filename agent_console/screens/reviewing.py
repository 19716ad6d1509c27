"""Reviews in the inbox: the queue of who decides, and what its author is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent_console import words
from agent_console.backend import calls_reviews
from agent_console.backend.api import ApiError, Unreachable
from agent_console.i18n import _
from agent_console.keys import first
from agent_console.safetext import line
from agent_console.screens.notices import LONG
from agent_console.screens.service import ServicePart
from agent_console.screens.standing import name_of
from agent_console.widgets.review_drawer import Decision, ReviewDrawer
from server import wire

if TYPE_CHECKING:
    from agent_console.backend.changes import Alert, Changes
    from agent_console.screens.inbox import Inbox


class Reviewing(ServicePart):
    """The answers that wait for a reviewer, for both sides."""

    def __init__(self, inbox: Inbox) -> None:
        super().__init__(inbox)
        self._drawer = ReviewDrawer(self._decided, inbox.now, id="reviews")

    def do_reviews(self) -> None:
        self._drawer.begin()
        self._inbox.over.raise_(self._drawer)
        self._inbox.first(self._load())

    async def _load(self) -> None:
        self._drawer.take((await self._session.api.send(calls_reviews.reviews())).items)

    # ------------------------------------------------------------ deciding

    def _decided(self, review: wire.Review, decision: Decision, text: str) -> None:
        if decision == "open":
            self._inbox.over.close(self._inbox.thelist)
            self._inbox.open_elsewhere(review.conversation, review.message.id)
            return
        self._inbox.background(self._decide(review, decision, text))

    async def _decide(self, review: wire.Review, decision: Decision, text: str) -> None:
        body = wire.DecideReview(decision="return" if decision == "return" else "edit" if text else "send")
        if decision == "return":
            body.remark = text
        elif text:
            body.text = text
        try:
            await self._session.api.send(calls_reviews.decide(review.message.id, body))
        except ApiError as error:
            self._drawer.complain(line(words.problem(error.code, error.problem.params, error.problem.detail), 200))
            if error.code == "review_over":
                self._drawer.finished()
                await self._load()
            return
        except Unreachable:
            self._drawer.complain(_("The server does not answer. What you typed stays here: try again."))
            return
        said = {"return": _("Given back to {author}."), "edit": _("Changed and sent."), "send": _("Sent as it was.")}
        author = line(review.message.author_name or review.message.author, 40)
        self._inbox.say(said[body.decision].format(author=author), "good")
        self._drawer.finished()
        await self._load()

    # ------------------------------------------------------------ what is told

    def changed(self, changes: Changes) -> None:
        """Somebody asked for a review, or decided."""
        told = [alert for alert in changes.alerts if alert.kind.startswith("review.")]
        if not told:
            return
        if self._drawer.display:
            self._inbox.background(self._load())
        me = self._session.mirror.me
        for alert in told:
            if me is not None and alert.actor != f"user:{me.name}":
                self._tell(alert, me)

    def _tell(self, alert: Alert, me: wire.User) -> None:
        who = line(alert.actor.removeprefix("user:"), 40)
        name = name_of(self._session.mirror, alert.conversation)
        if alert.kind == "review.requested":
            asked = alert.data.get("reviewers")
            reviews = me.role != "advisor" or (isinstance(asked, list) and me.name in asked)
            if reviews and not self._drawer.display:
                name = line(str(alert.data.get("contact_name", "")), 30) or name
                said = _("◔ {who}: an answer to {name} waits for review · {key}")
                self._inbox.say(said.format(who=who, name=name, key=first("reviews")), "accent")
            return
        if alert.data.get("author") != me.name:
            return
        if alert.kind == "review.returned":
            remark = line(str(alert.data.get("remark", "")), 200)
            said = _("◔ {who} gave your answer to {name} back: {remark}").format(who=who, name=name, remark=remark)
            self._inbox.say(said, "warn", LONG)
            self._give_back(alert)
        elif alert.kind == "review.edited":
            self._inbox.say(_("◔ {who} changed your answer to {name} and sent it").format(who=who, name=name), "accent")
        elif alert.kind == "review.sent":
            self._inbox.say(_("◔ Your answer to {name} was reviewed and sent").format(name=name), "good")

    def _give_back(self, alert: Alert) -> None:
        """The words are a draft again where they were written; a writer in the middle of others is not disturbed."""
        mirror, composer, id = self._session.mirror, self._inbox.composer, alert.conversation
        if id is None or (composer.conversation == id and not composer.empty):
            return
        message = next((each for each in mirror.messages(id) if each.id == alert.data.get("message")), None)
        if message is None or self._session.draft_of(id).strip():
            return  # what the server keeps as the draft has them
        self._session.draft(id, message.text)
        if composer.conversation == id:
            composer.load(message.text)
