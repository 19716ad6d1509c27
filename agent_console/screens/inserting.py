"""A template that was taken goes to where one writes, with its files and acts; or out at once, if it is an approved one
or says nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from agent_console.backend.overlay import Macro
from agent_console.i18n import _, zone
from agent_console.presentation import moments
from agent_console.presentation import templates as painted
from agent_console.safetext import block, line
from agent_console.screens.macro_undo import offer_undo
from agent_console.screens.notices import LONG, REASON
from server import wire

if TYPE_CHECKING:
    from agent_console.backend.templates import Templates
    from agent_console.screens.inbox import Inbox


class UnreadableMoment(ValueError):
    """A template puts aside until a moment that cannot be read, which is the error's text."""


def macro_of(entry: wire.ReplyTemplate, now: int) -> Macro:
    """What a template does besides, its moments reckoned from `now`. Raises UnreadableMoment."""
    found = []
    for act in entry.acts:
        if act.do == "snooze":
            moment = moments.read(act.value, now, zone())
            if moment is None:
                raise UnreadableMoment(act.value)
            found.append(moment)
    return Macro(entry.id, entry.name, tuple(entry.acts), tuple(found))


class Inserting:
    """Into the composer of an inbox, in place of the word that was typed for it."""

    def __init__(self, inbox: Inbox, templates: Templates) -> None:
        self._inbox, self._templates = inbox, templates

    def put(
        self,
        entry: wire.ReplyTemplate,
        macro: Macro,
        said: wire.RenderedTemplate,
        files: Sequence[wire.Attachment],
        *,
        word: str,
        send: bool,
    ) -> None:
        """Put the text where the cursor is, and what goes along with it; `send`: all of it, now."""
        composer = self._inbox.composer
        box, text = composer.prepare(), block(said.text, 100_000)
        if not box.swap(word, text):
            box.put(text)
        if not entry.variants and composer.empty:
            self._run_silent(composer.conversation, macro)
            return
        if entry.files and not files:
            self._inbox.say(_("This channel takes no files; the template's were left out."), "warn", LONG)
        letter = composer.letter
        kept = macro if macro.acts else letter.macro
        letter = msgspec.structs.replace(letter, snippet=entry.id, macro=kept, files=(*letter.files, *files))
        self._templates.used(entry.id)
        if said.missing or not send:
            composer.change(letter)
            self._show_gap()
        else:
            composer.letter = letter
            self._inbox.acts.sending.do_send()

    def _show_gap(self) -> None:
        """What nobody filled in is selected, to be written over."""
        composer = self._inbox.composer
        gap = painted.unresolved(composer.text)
        if gap is not None:
            composer.jump(gap.start(), gap.end())
            self._inbox.say(
                _("{mark} is not known: write it, or take it out.").format(mark=line(gap[0], 60)), "warn", LONG
            )

    def _run_silent(self, conversation: int | None, macro: Macro) -> None:
        """A macro that says nothing."""
        session = self._inbox.session
        if conversation is not None:
            before = session.mirror.row(conversation)
            command = session.run_macro(conversation, macro)
            self._inbox.writing.leave()
            if before is not None:
                offer_undo(self._inbox, before, macro, command)

    def send_approved(
        self, entry: wire.ApprovedTemplate, conversation: int, values: dict[str, str], seen_seq: int | None, word: str
    ) -> None:
        """Send it: it is not edited, so what was shown is what goes."""
        inbox, session = self._inbox, self._inbox.session
        template = painted.template_of(entry, values)
        inbox.composer.prepare().swap(word, "")
        command = session.reply(conversation, painted.said(entry, template), seen_seq=seen_seq, template=template)
        inbox.writing.sent()
        row = session.mirror.row(conversation)
        if row is not None:
            offer_undo(inbox, row, Macro(0, entry.name), command)
        inbox.say(_("Sent as approved: {name}").format(name=line(entry.name, 60)), "muted", REASON)
