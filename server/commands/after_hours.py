"""What a customer who writes while it is closed is told: when it opens again, once for each closed time.

It is no answer (see `automatic`): clocks go on, in business time. It is never said in public, in groups, to machines,
or while the assistant talks.
"""

from __future__ import annotations

import datetime
from typing import ClassVar

import msgspec

from server.commands import automatic
from server.commands.door import SYSTEM, Actor, Command, Need, Query
from server.desk import calendars as hours
from server.desk import hours as wording
from server.store import calendars, contacts, conversations, messages, sla
from server.store.messages import ABOUT
from server.store.store import Row, Snapshot, Tx

#: in which language somebody is told of whom none is known
LANGUAGE = "es"
#: under this key the data of a message says that somebody wrote it in a group
_IN_GROUP = "sender"
#: kinds of messages that ask for nothing
_SILENT = frozenset({"system", *ABOUT})


class ClosedNow(Query, kw_only=True):
    """Whether anybody who writes now is to be told that it is closed."""

    needs: ClassVar[Need] = "system"

    def run(self, read: Snapshot, actor: Actor) -> bool:
        rules = sla.rules(read)
        closed = {id for id, calendar in rules.calendars.items() if not hours.is_open(calendar, read.now)}
        return any(texts and id in closed for id, texts in rules.after_hours.values())


class Wrote(msgspec.Struct, kw_only=True):
    """A customer's message, by its id, and where it shows."""

    message: int
    conversation: int


class WhoWrote(Query, kw_only=True):
    """The next customers' messages after one, in the order in which they came."""

    needs: ClassVar[Need] = "system"

    after: int
    limit: int = 100

    def run(self, read: Snapshot, actor: Actor) -> list[Wrote]:
        rows = calendars.wrote_since(read, self.after, self.limit)
        return [Wrote(message=row["id"], conversation=row["conversation_id"]) for row in rows]


class TellClosed(Command, kw_only=True):
    """Tell whoever wrote this message when it opens again, if it is closed and they do not know; whether they were
    told. Refused where nothing can be sent now."""

    needs: ClassVar[Need] = "system"

    message: int

    def run(self, tx: Tx, actor: Actor) -> bool:
        message = messages.get(tx, self.message)
        if message is None or not _asks(message):
            return False
        conv = conversations.load(tx, message["conversation_id"])
        assert conv is not None
        if conv.surface != "direct" or conv.waiting_since is None or conv.state in ("bot", "resolved"):
            return False
        rules = sla.rules(tx)
        calendar_id, texts = rules.after_hours.get(conv.channel_id) or rules.after_hours.get(0) or (0, {})
        calendar = rules.calendars.get(calendar_id)
        if calendar is None or not texts or hours.is_open(calendar, tx.now):
            return False
        opening = hours.next_opening(calendar, tx.now)
        if opening is None or not calendars.told(tx, conv.id, opening):
            return False
        contact = contacts.get(tx, conv.contact_id)
        language = (contact["language"] if contact is not None else "")[:2]
        language = next(code for code in (language, LANGUAGE, *texts) if code in texts)
        zone = hours.zone_of(calendar.zone)
        opens, now = (datetime.datetime.fromtimestamp(at / 1000, zone) for at in (opening, tx.now))
        when = wording.opening(opens, now, language)
        # "8:00 a. m." has its own full stop at the end of a sentence
        text = texts[language].replace("{opening}.", when.removesuffix(".") + ".").replace("{opening}", when)
        id = automatic.say(tx, conv, text, SYSTEM)
        tx.emit("after_hours.told", conv.id, "system", message=id, opening=opening)
        return True


def _asks(message: Row) -> bool:
    """Whether a person wrote it and waits for us."""
    data = msgspec.json.decode(message["data"]) if message["data"] else {}
    machine = bool(data.get(automatic.AUTOMATIC)) or _IN_GROUP in data
    return message["direction"] == "in" and message["kind"] not in _SILENT and not machine
