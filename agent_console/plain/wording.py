"""Conversations and messages as sentences: no signs, no columns, nothing that only an eye understands. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from agent_console import words
from agent_console.backend import attributes
from agent_console.backend.views import unread
from agent_console.i18n import _, day, moment, ngettext
from agent_console.presentation import customer, letters, media, sla, when
from agent_console.safetext import block, line
from server.wire import Attachment, Conversation, ConversationRow, Identity, Message, PastConversation, Sla

#: lines and characters of a message that are read out before the reader asks for all of it
LONG_LINES = 12
LONG = 1_500
#: what stands before each further line of a text, so that no line of a customer's can pass for one of ours
INDENT = "  "


def span(ms: int) -> str:
    """A length of time in whole words: 2 minutes, 1 hour 5 minutes, 3 days."""
    minutes = max(0, ms) // 60_000
    if minutes < 1:
        return _("less than a minute")
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = []
    if days:
        parts.append(ngettext("{n} day", "{n} days", days).format(n=days))
    if hours:
        parts.append(ngettext("{n} hour", "{n} hours", hours).format(n=hours))
    if minutes and not days:
        parts.append(ngettext("{n} minute", "{n} minutes", minutes).format(n=minutes))
    return " ".join(parts)


def seconds(ms: int) -> str:
    """A short wait: 4 seconds."""
    n = max(1, -(-ms // 1000))
    return ngettext("{n} second", "{n} seconds", n).format(n=n)


def promise(clock_now: Sla | None, now: int) -> str:
    """What was promised the customer: due in 2 minutes, overdue by 3 minutes. Empty when no clock runs."""
    if clock_now is None:
        return ""
    if clock_now.paused_at is not None:
        return _("the clock stands still")
    if now > clock_now.due_at:
        return _("overdue for {time}").format(time=span(now - clock_now.due_at))
    left = sla.left(clock_now, now)
    if left < clock_now.due_at - now:
        return _("{time} of business time left").format(time=span(left))
    return _("due in {time}").format(time=span(left))


def name_of(row: ConversationRow) -> str:
    """The customer's name; a number in its groups where that is all that is known."""
    name: str = line(row.contact_name, 80)
    number = name.removeprefix("+")
    return (customer.phone(number) if len(number) > 7 and number.isdecimal() else name) or _("No name")


def row_line(number: int, row: ConversationRow, me: str, now: int, draft: str = "") -> str:
    """A conversation in a list: "3. María Ramos, WhatsApp, due in 2 minutes, 2 unread: no me deja entrar"."""
    said = _whats_up(row, me, now)
    if draft:
        return f"{number}. {said}. " + _("Draft: {text}").format(text=line(draft, 160))
    text = preview(row)
    return f"{number}. {said}: {text}" if text else f"{number}. {said}."


def _whats_up(row: ConversationRow, me: str, now: int) -> str:
    parts = [name_of(row), words.channel(row.channel_kind)]
    if row.surface == "comment":
        parts.append(_("public comment"))
    if row.priority in ("high", "urgent"):
        parts.append(_("priority {level}").format(level=words.priority(row.priority)))
    parts.append(promise(row.sla, now))
    if count := unread(row):
        parts.append(_("{n} unread").format(n=count))
    if row.failed:
        parts.append(_("an answer was not sent"))
    if row.flagged_at is not None:
        parts.append(_("asks for help"))
    if row.remind_at is not None and row.remind_at <= now and row.state != "resolved":
        parts.append(_("what was promised is due"))
    if row.state == "snoozed" and row.snoozed_until:
        parts.append(_("put aside until {time}").format(time=when.ahead(row.snoozed_until, now)))
    elif row.state in ("bot", "waiting", "resolved"):
        parts.append(words.state(row.state))
    if row.state != "resolved" and row.assignee != me:
        parts.append(_("with {name}").format(name=line(row.assignee, 40)) if row.assignee else _("nobody has it"))
    if row.tags:
        parts.append(ngettext("tag {names}", "tags {names}", len(row.tags)).format(names=_names(row.tags)))
    return ", ".join(part for part in parts if part)


def in_short(kind: str, text: str, room: int) -> str:
    """A message in one line: its words; of other kinds what came, and the words that came with it."""
    said: str = line(text, room)
    if media.has_words(kind):
        return said
    return ", ".join(part for part in (media.kind_of(kind).word, said) if part)


def preview(row: ConversationRow) -> str:
    """The last word said in a conversation, and by whom if not by the customer."""
    text = in_short(row.preview_kind, row.preview, 200)
    if row.preview_direction == "in" or not text:
        return text
    if row.preview_direction == "note":
        return _("note: {text}").format(text=text)
    return _("we said: {text}").format(text=text)


def head(about: Conversation, row: ConversationRow, me: str, now: int) -> list[str]:
    """What an opened conversation begins with."""
    said = [_("Conversation {id}: {what}.").format(id=row.id, what=_whats_up(row, me, now))]
    if row.subject:
        title = _("Public comments under") if row.surface == "comment" else _("Subject")
        said.append(f"{title}: {line(row.subject, 200)}")
    left = None if row.window_until is None else row.window_until - now
    if left is not None and left <= 0:
        said.append(_("The time to answer freely is over; only an approved template can be sent."))
    elif left is not None and left < 3_600_000:
        said.append(_("It can be answered freely for {time} more.").format(time=span(left)))
    if row.campaign:
        said.append(_("Came from: {campaign}").format(campaign=line(row.campaign, 120)))
    if about.suggestions:
        names = _names([each.name for each in about.suggestions[:3]])
        said.append(_("Likely the same person: {names}").format(names=names))
    return said


def _names(names: Sequence[str]) -> str:
    return ", ".join(line(name, 60) for name in names)


# ---------------------------------------------------------------- messages


def message_lines(message: Message, row: ConversationRow, me: str, now: int, whole: bool = False) -> list[str]:
    """One message: time, who, what became of it, then its words; further lines are set in."""
    who = ", ".join(part for part in (moment(message.at, now), _who(message, row, me), *_remarks(message, now)) if part)
    text = block(message.text).strip()
    said = [part for part in (*described(message), *text.split("\n")) if part.strip()]
    if subject := letters.subject(message):
        said.insert(0, _("Subject: {subject}").format(subject=line(subject, 200)))
    left = 0
    if not whole:
        said, left = _shorten(said)
    lines = [f"{who}: {said[0] if said else _('nothing')}"]
    lines += [INDENT + part for part in said[1:]]
    if left:
        lines.append(INDENT + _("and {n} characters more; «read all» reads everything").format(n=left))
    if letters.folded(message):
        lines += _folded(message, whole)
    if message.direction == "out" and message.status == "failed":
        lines.append(INDENT + words.reason(message.failure, row.channel_kind))
    return lines


def described(message: Message) -> list[str]:
    """What is not text in a message, without the signs."""
    found = media.describe(message.kind, message.data, message.attachments)
    return [spoken(each.partition(" ")[2]) for each in found]


def file_line(number: int, file: Attachment, message: Message, now: int) -> str:
    """A file in a list of them."""
    said = spoken(media.describe(message.kind, {}, [file])[0].partition(" ")[2])
    return f"{number}. {said}, {moment(message.at, now)}"


def _who(message: Message, row: ConversationRow, me: str) -> str:
    if message.direction == "in":
        return letters.sender(message) or name_of(row)
    rule = words.actor(message.via) if message.via.startswith("rule:") else ""
    said = line(message.author_name or message.author or rule, 40) or _("System")
    name = _("you") if message.author == me else said
    return _("note by {name}").format(name=name) if message.direction == "note" else name


def _remarks(message: Message, now: int) -> list[str]:
    said = [text for text, _style in letters.remarks(message, False)]
    if message.direction == "out":
        held = (message.send_at or 0) - now
        review = letters.review_of(message)
        if review.get("state") in ("pending", "returned") and message.status in ("queued", "cancelled"):
            remark = line(str(review.get("remark", "")), 300)
            said.append(": ".join(filter(None, (words.review_state(str(review["state"])), remark))))
        elif message.status == "queued" and held > 60_000:
            said.append(_("leaves {moment}").format(moment=when.ahead(message.send_at or now, now)))
        elif message.status == "queued" and held > 0:
            said.append(_("leaves in {time}").format(time=seconds(held)))
        else:
            said.append(words.status(message.status))
        if letters.private(message):
            said.append(_("in private"))
    if message.edited_at is not None:
        said.append(_("edited"))
    if message.revoked_at is not None:
        said.append(_("deleted by its sender"))
    if message.reply_to is not None:
        said.append(_("in answer to an earlier message"))
    said += [_("reaction {emoji}").format(emoji=line(each, 12)) for each in list(message.reactions.values())[:4]]
    return said


def _shorten(said: list[str]) -> tuple[list[str], int]:
    """The beginning of a long text, and how many characters are left out."""
    kept: list[str] = []
    room = LONG
    for part in said[:LONG_LINES]:
        if room <= 0:
            break
        kept.append(part[:room])
        room -= len(part)
    return kept, sum(map(len, said)) - sum(map(len, kept))


def _folded(message: Message, whole: bool) -> list[str]:
    held = [part for part in block(letters.folded(message)).split("\n") if part.strip()]
    if whole:
        return [INDENT + _("quoted: {text}").format(text=part) for part in held]
    said = ngettext("{n} quoted line", "{n} quoted lines", len(held))
    return [INDENT + said.format(n=len(held))]


# ---------------------------------------------------------------- the customer


def customer_lines(about: Conversation, now: int, me: str) -> list[str]:
    """Who the customer is."""
    contact = about.contact
    said = [_("Customer {id}: {name}").format(id=contact.id, name=line(contact.name, 120) or _("No name"))]
    if contact.region:
        said.append(_("Region: {region}").format(region=line(contact.region, 80)))
    if contact.language:
        language = customer.language_of(contact.language) or line(contact.language, 20)
        said.append(_("Language: {language}").format(language=language))
    addresses = [each for each in contact.identities if each.kind not in ("bsuid", "parent_bsuid", "visitor")]
    said += dict.fromkeys(f"{line(each.channel, 40)}: {_address(each)}" for each in addresses)
    for label, value in list(contact.attributes.items())[:30]:
        if isinstance(value, str | int | float | bool) and value != "":
            called = _("Profile") if label == attributes.PROFILE else line(str(label), 40)
            said.append(f"{called}: {line(attributes.text(value), 200)}")
    if contact.merges:
        said.append(_("Merged: {names}").format(names=_names([each.name for each in contact.merges[:10]])))
    if about.reminders:
        from agent_console.presentation import reminders  # few customers are waiting for something

        said += [_("Pending: {what}").format(what=reminders.sentence(each, now, me)) for each in about.reminders]
    return said


def _address(identity: Identity) -> str:
    """An address as it is read out: a number in its groups."""
    value: str = line(identity.value, 80)
    return customer.phone(value) if identity.kind == "phone" and value.isdigit() else value


def spoken(text: str) -> str:
    """What is written for eyes, to be heard: no signs that divide."""
    return text.replace(" · ", ", ").replace(" › ", ", ").replace(" → ", ", ")


def past_line(past: PastConversation, now: int) -> str:
    """An earlier conversation: when, where, how it ended, and its last words."""
    ended = words.outcome(past.outcome) if past.outcome else words.state(past.state)
    parts = [
        day(past.created_at, now),
        words.channel(past.channel_kind),
        line(ended, 40),
        line(past.assignee or "", 40),
    ]
    return f"#{past.id}, " + ", ".join(part for part in parts if part) + f": {line(past.preview, 200)}"
