"""What goes around an answer, line by line: when it leaves, who gets copies, its subject; comments hidden, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from agent_console import i18n, words
from agent_console.backend import answering
from agent_console.i18n import _, moment
from agent_console.plain import vocabulary, wording
from agent_console.plain.refusals import Refused, numbered
from agent_console.presentation import letters, moments, when
from agent_console.safetext import line
from server import wire

if TYPE_CHECKING:
    from agent_console.backend.overlay import Letter
    from agent_console.plain.desk import Desk

#: how far ahead an answer may leave, ms (as the server says)
LONGEST = 60 * 86_400_000
#: messages read out to choose from
READ_OUT = 9
_NO: Final[dict[str, tuple[str, ...]]] = {"no": ("no", "nunca", "never")}


class Addressing:
    """The outside of answers, and public comments."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    # ------------------------------------------------------------ when it leaves

    async def do_later(self, rest: str) -> None:
        """Send an answer at a moment: WHEN: TEXT, or WHEN for the draft. Alone: hear what waits; `no` takes the newest
        of it back, `no 2` the one before."""
        desk, row = self._desk, self._desk.row_here()
        first, _space, number = rest.strip().partition(" ")
        if not first or vocabulary.pick(first, _NO):
            await self._waiting(row.id, number.strip() or "1", take_back=bool(first))
            return
        when, text = self._divided(rest)
        at = moments.read(when, desk.now(), i18n.zone())
        if at is None or at <= desk.now() or at > desk.now() + LONGEST:
            raise Refused(_("say when, within 60 days, a colon and the text: mañana 8:00: buenos días"))
        if row.window_until is not None and row.window_until <= at:
            raise Refused(_("the time to answer freely will be over by then."))
        draft, letter = desk.session.draft_of(row.id), desk.sending.letter(row.id)
        await desk.sending.send(row.id, text or draft, letter, draft if text else "", at)

    async def _waiting(self, conversation: int, number: str, take_back: bool) -> None:
        """What is to leave later, or waits for a reviewer: heard, the newest first; or one of it taken back."""
        desk, now = self._desk, self._desk.now()
        held = [
            each for each in reversed(desk.session.mirror.messages(conversation)) if letters.withdrawable(each, now)
        ]
        if not held:
            raise Refused(_("No message here waits for its time."))
        if take_back:
            message = held[numbered(number, len(held), "later")]
            desk.say(await desk.sending.take_back(message))
            return
        for at, each in enumerate(held, 1):
            waits = letters.waits_for_review(each)
            moment = words.review_state("pending") if waits else when.ahead(each.send_at or 0, now)
            desk.say(f"{at}. {moment}: {wording.in_short(each.kind, each.text, 300)}")

    def _divided(self, rest: str) -> tuple[str, str]:
        """The moment and the text; the colon of 8:00 divides nothing."""
        head, found, tail = rest.partition(": ")
        while found and moments.read(head, self._desk.now(), i18n.zone()) is None and ": " in tail:
            more, found, tail = tail.partition(": ")
            head = f"{head}: {more}"
        return head.strip().removesuffix(":"), tail.strip()

    # ------------------------------------------------------------ to which message

    async def do_about(self, rest: str) -> None:
        """Say to which message of theirs the answer is, where the channel can tell; alone, hear them; or to none."""
        desk, row = self._desk, self._desk.row_here()
        can, letter = self._capabilities(), desk.sending.letter(row.id)
        messages = reversed(desk.session.mirror.messages(row.id))
        theirs = [each for each in messages if each.direction == "in" and answering.can_be_answered(each, can)]
        if not theirs:
            raise Refused(_("here an answer does not say to which message it is."))
        if not rest.strip():
            now = desk.now()
            desk.say(
                *(f"{at}. {moment(each.at, now)}: {wording.in_short(each.kind, each.text, 200)}"
                  for at, each in enumerate(theirs[:READ_OUT], 1))
            )  # fmt: skip
            return
        if vocabulary.pick(rest.strip(), _NO):
            desk.sending.keep(row.id, msgspec.structs.replace(letter, reply_to=None))
            desk.say(_("The answer is to no message in particular."))
            return
        chosen = theirs[numbered(rest, len(theirs), "about")]
        desk.sending.keep(row.id, msgspec.structs.replace(letter, reply_to=chosen.id))
        desk.say(_("The answer is to: «{text}»").format(text=wording.in_short(chosen.kind, chosen.text, 200)))

    # ------------------------------------------------------------ mails

    async def do_copies(self, rest: str) -> None:
        """Say who gets a copy of the answer, or nobody; without words, hear it."""
        desk, row = self._desk, self._desk.row_here()
        can, letter = self._capabilities(), desk.sending.letter(row.id)
        if not can.copies:
            raise Refused(_("nobody gets copies on this channel."))
        if rest.strip():
            nobody = vocabulary.pick(rest, {"no": ("nadie", "nobody", "no")}) is not None
            addresses = () if nobody else tuple(rest.replace(",", " ").replace(";", " ").split())
            wrong = [each for each in addresses if "@" not in each[1:-1]]
            if wrong:
                raise Refused(_("{address} is no address.").format(address=vocabulary.shown(wrong[0])))
            letter = msgspec.structs.replace(letter, cc=addresses)
            desk.sending.keep(row.id, letter)
        copies = self._filled(row, letter).cc
        said = _("Copies to {addresses}.").format(addresses=line(", ".join(copies), 400))
        desk.say(said if copies else _("Nobody gets a copy."))

    async def do_subject(self, rest: str) -> None:
        """Say the answer's subject; without words, hear it."""
        desk, row = self._desk, self._desk.row_here()
        letter = desk.sending.letter(row.id)
        if not self._capabilities().subject:
            raise Refused(_("messages have no subject on this channel."))
        if rest.strip():
            letter = msgspec.structs.replace(letter, subject=" ".join(rest.split()))
            desk.sending.keep(row.id, letter)
        subject = self._filled(row, letter).subject or row.subject
        desk.say(_("Subject: {text}").format(text=line(subject, 300)))

    def _filled(self, row: wire.ConversationRow, letter: Letter) -> answering.Answer:
        session = self._desk.session
        own = session.channels.own(row.channel)
        return answering.fill_in(letter, self._capabilities(), session.mirror.messages(row.id), own)

    def _capabilities(self) -> wire.Capabilities:
        about = self._desk.about_here()
        return about.capabilities if about is not None else wire.Capabilities()

    # ------------------------------------------------------------ public comments

    async def do_hide(self, rest: str) -> None:
        """Hide the newest comment from others, or with `no` show it again; with a number one before it."""
        number, said = _which(rest)
        desk, comment = self._desk, self._comment(number)
        again = vocabulary.pick(said, {"no": ("no", "mostrar", "show")}) is not None
        if again != letters.hidden(comment):
            raise Refused(_("it is shown.") if again else _("it is hidden already."))
        here, id = comment.conversation, comment.id
        desk.session.moderate(here, id, "unhide" if again else "hide")
        shown = wording.in_short(comment.kind, comment.text, 200)
        said = (_("Shown again: «{text}»") if again else _("Hidden: «{text}»")).format(text=shown)
        arrived = await desk.settle(here)

        async def run() -> str:
            desk.session.moderate(here, id, "hide" if again else "unhide")
            return desk.later(await desk.settle(here), _("Taken back: {what}").format(what=said))

        desk.undoable(said, run)
        desk.say(desk.later(arrived, said))

    async def do_delete(self, rest: str) -> None:
        """Delete the newest comment for good, once that is confirmed; with a number one before it."""
        number, said = _which(rest)
        desk, comment = self._desk, self._comment(number)
        shown = wording.in_short(comment.kind, comment.text, 200)
        yes = {"yes": ("sí", "yes")}
        if not said:
            desk.say(f"«{shown}»", _("It disappears for everybody and cannot be brought back."))
            said = await desk.ask(_("Delete it for good? Yes or no"))
        if vocabulary.pick(said, yes) is None:
            raise Refused(_("nothing was deleted."))
        desk.session.moderate(comment.conversation, comment.id, "delete")
        desk.say(desk.later(await desk.settle(comment.conversation), _("Deleted: «{text}»").format(text=shown)))

    def _comment(self, number: int) -> wire.Message:
        """A public message of theirs; 1 is the newest. Raises Refused."""
        row = self._desk.row_here()
        if not self._capabilities().moderation:
            raise Refused(_("here is no public comment that could be hidden or deleted."))
        messages = reversed(self._desk.session.mirror.messages(row.id))
        comments = [each for each in messages if letters.can_be_moderated(each)]
        if 0 < number <= len(comments):
            return comments[number - 1]
        raise Refused(_("here is no public comment that could be hidden or deleted."))


def _which(rest: str) -> tuple[int, str]:
    """The number that a command begins with (1 if none), and what follows it."""
    first, _space, more = rest.strip().partition(" ")
    return (int(first), more.strip()) if first.isdecimal() else (1, rest.strip())
