"""What mails and public comments have besides their words: subject, copies, quoted lines, who may read them.

      Re: línea de crédito
      para usted, Luis Batres · cc contador@elsol.example
9:31  Buenos días, adjunto el balance.
      ··· 14 líneas citadas · f
"""

from __future__ import annotations

from rich.segment import Segment

from agent_console.backend import mail
from agent_console.i18n import _, ngettext
from agent_console.presentation.look import Look
from agent_console.safetext import SafeText, block, cells, cut, line, wrap
from server.wire import Message

Segments = list[Segment]

#: people named in a line of copies; folded lines shown at most
NAMED = 6
FOLDED = 400


def can_be_moderated(message: Message) -> bool:
    """Whether a public message of theirs is there to be hidden or deleted."""
    return message.direction == "in" and message.external_id is not None and message.revoked_at is None


def sender(message: Message) -> SafeText:
    """Who wrote it, when it was not the conversation's customer."""
    given = message.data.get("sender")
    if isinstance(given, str):
        return line(given, 40)
    found = mail.boxes(given)
    if found:
        return line(found[0].name or found[0].address, 40)
    name = given.get("name") if isinstance(given, dict) else ""
    return line(name if isinstance(name, str) else "", 40)


def subject(message: Message) -> str:
    """The subject a message came or went with."""
    said = mail.options(message).get("subject") or message.data.get("subject")
    return said if isinstance(said, str) else ""


def automatic(message: Message) -> bool:
    """Whether a machine wrote it."""
    return bool(message.data.get("automatic"))


def hidden(message: Message) -> bool:
    """Whether it is a public message that others cannot see any more."""
    return message.data.get("hidden") is True


def private(message: Message) -> bool:
    """Whether it is a private answer to a public message."""
    return bool(mail.options(message).get("private"))


def is_scheduled(message: Message, now: int) -> bool:
    """Whether a reply waits for a time of its own, not only for the moment in which it can be taken back."""
    return message.status == "queued" and "scheduled" in message.data and (message.send_at or 0) > now


def waits_for_review(message: Message) -> bool:
    """Whether a reply of ours waits for a reviewer: until then it can be taken back."""
    return message.status == "queued" and review_of(message).get("state") == "pending"


def withdrawable(message: Message, now: int) -> bool:
    """Whether a reply waits for its time or for a reviewer."""
    return is_scheduled(message, now) or waits_for_review(message)


def review_of(message: Message) -> dict[str, object]:
    """How the review of a reply stands; empty if nobody asked for one."""
    found = message.data.get("review")
    return found if isinstance(found, dict) else {}


def folded(message: Message) -> str:
    """The quoted text and signature that came along."""
    text = message.data.get("folded")
    return text if isinstance(text, str) and text.strip() else ""


def above(message: Message, new_subject: bool, look: Look, room: int) -> list[Segments]:
    """The lines over a message's words: its subject where it is another one, and who else got it."""
    out: list[Segments] = []
    if new_subject and (said := line(subject(message), 300)):
        out += [[Segment(part, look.strong)] for part in wrap(said, room)[:2]]
    copies = _copies(message)
    if copies:
        out.append([Segment(cut(copies, room), look.faint)])
    return out


def _copies(message: Message) -> str:
    data = message.data
    if message.direction == "out":
        chosen = mail.options(message)
        parts = [(_("cc"), mail.boxes(chosen.get("cc"))), (_("bcc"), mail.boxes(chosen.get("bcc")))]
    else:
        to, cc = mail.boxes(data.get("to")), mail.boxes(data.get("cc"))
        parts = [(_("to"), to if len(to) > 1 or cc else []), (_("cc"), cc)]
    return " · ".join(f"{label} {_named(found)}" for label, found in parts if found)


def _named(found: list[mail.Box]) -> str:
    said = [line(box.name or box.address, 60) for box in found[:NAMED]]
    more = len(found) - len(said)
    return ", ".join(said) + (f" +{more}" if more else "")


def below(message: Message, unfolded: bool, look: Look, room: int) -> list[Segments]:
    """The folded lines under a message's words, or how many there are."""
    text = folded(message)
    if not text:
        return []
    held = block(text).strip("\n").split("\n")
    count = sum(1 for each in held if each.strip())
    if not unfolded:
        said = ngettext("··· {n} quoted line · f", "··· {n} quoted lines · f", count).format(n=count)
        return [[Segment(cut(said, room), look.muted)]]
    out: list[Segments] = [[Segment(cut("··· " + _("quoted · f folds it"), room), look.muted)]]
    for each in held[:FOLDED]:
        out += [[Segment("┆ ", look.faint), Segment(part, look.faint)] for part in wrap(each, max(4, room - 2))]
    if len(held) > FOLDED:
        out.append([Segment("┆ …", look.faint)])
    return out


def remarks(message: Message, public: bool) -> list[tuple[str, str]]:
    """Words behind a message and their style: a machine wrote it, who may read it."""
    said: list[tuple[str, str]] = []
    if automatic(message):
        said.append((_("automatic"), "faint"))
    if public and message.direction == "out":
        said.append((_("in private"), "note") if private(message) else (_("public"), "faint"))
    if hidden(message):
        said.append((_("hidden from others"), "warn"))
    return said


def post_lines(subject_of_post: str, look: Look, room: int) -> list[Segments]:
    """The first line of a public conversation: what the comments are under."""
    title = _("Public comments under") + ": "
    said = line(subject_of_post, 300) or _("a post")
    if cells(title) + cells(said) > room:
        return [[Segment(cut(title + said, room), look.note)]]
    return [[Segment(title, look.note), Segment(said, look.muted)]]
