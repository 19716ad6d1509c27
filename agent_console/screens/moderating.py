"""Public comments: hidden from others, shown again, deleted for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent_console.i18n import _
from agent_console.presentation import letters, media
from agent_console.presentation.drawers import Question
from agent_console.screens.notices import UNDO, Undo

if TYPE_CHECKING:
    from agent_console.screens.inbox import Inbox
    from server.wire import Message


class Moderating:
    """What an inbox does to comments."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def _target(self) -> Message | None:
        return self._inbox.thread.target(letters.can_be_moderated)

    def do_hide(self) -> None:
        comment, session = self._target(), self._inbox.session
        if comment is None:
            return
        here, id = comment.conversation, comment.id
        if letters.hidden(comment):
            session.moderate(here, id, "unhide")
            what, opposite = _("The comment will be shown again"), lambda: session.moderate(here, id, "hide")
        else:
            session.moderate(here, id, "hide")
            what, opposite = _("The comment will be hidden"), lambda: session.moderate(here, id, "unhide")
        self._inbox.notices.offer(Undo(what, self._inbox.now() + UNDO, opposite))
        self._inbox.sync_bars()

    def do_delete(self) -> None:
        comment, inbox = self._target(), self._inbox
        if comment is None:
            return
        question = Question(
            _("Delete this comment for good?"),
            (
                f"«{media.preview(comment.kind, comment.text)}»",
                _("It disappears for everybody and cannot be brought back. Hiding (H) can be undone."),
            ),
            (("d", _("delete it")), ("h", _("hide it instead")), ("escape", _("leave it"))),
        )

        def then(answer: str) -> None:
            if answer == "d":
                inbox.session.moderate(comment.conversation, comment.id, "delete")
                inbox.say(_("The comment is being deleted…"), "muted")
            elif answer == "h" and not letters.hidden(comment):
                self.do_hide()

        inbox.ask(question, then)
