"""Fetching mails from an IMAP folder, so that none is lost and the mailbox stays as it was.

The place is "UIDVALIDITY:UID" of the newest mail taken ("UIDVALIDITY:UID:since" if only mails from then on count, UTC
seconds). Never by \\Seen, which other programs set, nor by date, which does not say when a mail came into the folder.
The folder is opened read-only. When UIDVALIDITY changes, all is read again; what is here already is known by its id.

imap-tools blocks, so it runs in a thread of its own; `close` cuts the connection under it.
"""

from __future__ import annotations

import contextlib
import functools
import imaplib
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from imap_tools.errors import ImapToolsError
from imap_tools.mailbox import BaseMailBox

from server.channels.base import Pulled, SendError, Source, TryAgain
from server.channels.email_access import Access
from server.channels.email_facts import cut_document
from server.channels.email_imap_line import (
    connect,
    examine,
    failures,
    hang_up,
    has_read_ahead,
    in_thread,
    number,
    said,
)
from server.channels.email_reasons import failure
from server.channels.email_server import MailServer

#: seconds to wait for news; less than the half minute that a pull may take
WAIT_SECONDS = 25.0
#: mails, and bytes of mails, fetched at once
BATCH, BATCH_BYTES = 50, 20 * 1024 * 1024
#: a larger mail is not kept whole, only its beginning
MAIL_BYTES, BEGINNING_BYTES = 30 * 1024 * 1024, 1024 * 1024
#: how often a mail that the server will not hand out is asked for, before it is recorded as unreadable
STUBBORN = 5
#: so many UIDs are searched at once, lest the answer for a large folder be large every time
WINDOW = 10_000

_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")


class Place(NamedTuple):
    """How far a folder was read; `since` in UTC seconds, 0 if all its mails count."""

    validity: int = 0
    uid: int = 0
    since: int = 0

    @classmethod
    def parse(cls, cursor: str) -> Place:
        numbers = [int(number) for number in re.findall(r"\d+", cursor)[:3]]
        return cls(*numbers)

    def __str__(self) -> str:
        return f"{self.validity}:{self.uid}" + (f":{self.since}" if self.since else "")


class Waiting(NamedTuple):
    """A mail in the folder: its UID, its size in bytes, when it came in (UTC seconds, 0 if the server does not say)."""

    uid: int
    size: int
    at: int


class _No(TryAgain):
    """The server answered, and its answer was no."""


class Mailbox(Source):
    """The mails of one folder. `start`: all, or new (those that come in from the first look on)."""

    def __init__(self, access: Access, folder: str = "INBOX", start: str = "all") -> None:
        self._access = access
        self._folder = folder
        self._start = start
        self._box: BaseMailBox | None = None
        self._closed = threading.Event()
        self._stubborn: Counter[int] = Counter()

    async def pull(self, cursor: str) -> Sequence[Pulled]:
        return await self._access.use(
            lambda server: in_thread(functools.partial(self._pull, server, Place.parse(cursor)))
        )

    async def close(self) -> None:
        self._closed.set()
        box = self._box
        if box is not None:
            # the thread that reads notices; closing what it reads from would have to wait for it
            with contextlib.suppress(OSError):
                socket.socket.shutdown(box.client.sock, socket.SHUT_RDWR)
            await in_thread(functools.partial(hang_up, box))

    # ---------------------------------------------------------------- in the thread

    def _pull(self, server: MailServer, place: Place) -> Sequence[Pulled]:
        # a connection of earlier may have died since, or its folder changed under it: a new one tells if it is more
        tries = 1 if self._box is None else 2
        while True:
            tries -= 1
            try:
                return self._look(server, place)
            except _No:
                raise
            except BaseException as error:
                self._drop()
                if not (isinstance(error, SendError) and tries) or self._closed.is_set():
                    raise

    def _look(self, server: MailServer, place: Place) -> Sequence[Pulled]:
        """New mails, after a while of waiting if there are none."""
        for waited in (False, True):
            box = self._connected(server)
            validity, following, exists = examine(box, self._folder)
            if self._start == "new" and place == Place():
                return [Pulled(body=b"", cursor=str(self._end(box, validity, following, exists)))]
            # UIDs that went back without a new UIDVALIDITY: a server that knows none, or a restored folder
            if validity != place.validity or 0 < following <= place.uid:
                place = Place(validity, 0, place.since)
            found = self._batch(box, place, following) if exists else []
            if found or waited:
                return found
            self._wait(box, exists)
        return []

    def _connected(self, server: MailServer) -> BaseMailBox:
        if self._closed.is_set():
            raise TryAgain(failure("provider_down", words="closed"))
        if self._box is None:
            self._box = connect(server)
            if self._closed.is_set():  # while it was made: whoever closed had nothing to cut yet
                self._drop()
                return self._connected(server)
        return self._box

    def _end(self, box: BaseMailBox, validity: int, following: int, exists: int) -> Place:
        """The place behind all mails that are there now."""
        newest = max(self._search(box, max(1, following - WINDOW), 0), default=0) if exists else 0
        last = self._describe(box, [newest]).get(newest) if newest else None
        return Place(validity, max(newest, following - 1), last.at + 1 if last is not None else 1)

    def _drop(self) -> None:
        if self._box is not None:
            hang_up(self._box)
            self._box = None

    def _search(self, box: BaseMailBox, first: int, following: int) -> list[int]:
        """UIDs from `first` on, in order: the next ones, if `following` (UIDNEXT) says that there may be many."""
        if following > first + WINDOW:
            found = self._uids(box, f"{first}:{first + WINDOW - 1}")
            if found:
                return found
        # "n:*" always has one mail at least, the last one, even if its UID is smaller
        return [uid for uid in self._uids(box, f"{first}:*") if uid >= first]

    def _uids(self, box: BaseMailBox, uids: str) -> list[int]:
        with failures():
            return sorted({int(uid) for uid in box.uids(f"UID {uids}", charset=None)})

    def _batch(self, box: BaseMailBox, place: Place, following: int) -> list[Pulled]:
        """The next mails after `place`, as many as fit."""
        uids = self._search(box, place.uid + 1, following)[:BATCH]
        if not uids:
            return []
        waiting = self._describe(box, uids)
        taken: list[Waiting] = []
        for one in (waiting.get(uid, Waiting(uid, 0, 0)) for uid in uids):
            if taken and sum(min(mail.size, MAIL_BYTES) for mail in (*taken, one)) > BATCH_BYTES:
                break
            taken.append(one)
        # read again because UIDVALIDITY changed: what was there before the first look still does not count
        wanted = [one for one in taken if not (place.since and one.at and one.at < place.since)]
        bodies = self._fetch(box, wanted)
        return [
            Pulled(body=bodies.get(one.uid, b""), cursor=str(Place(place.validity, one.uid, place.since)))
            for one in taken
        ]

    def _describe(self, box: BaseMailBox, uids: list[int]) -> dict[int, Waiting]:
        found: dict[int, Waiting] = {}
        for line in self._command(box, uids, "(UID RFC822.SIZE INTERNALDATE)"):
            text = line[0] if isinstance(line, tuple) else line
            uid, size = _UID.search(text), _SIZE.search(text)
            if uid is not None:
                found[int(uid[1])] = Waiting(int(uid[1]), int(size[1]) if size else 0, _seconds(text))
        return found

    def _fetch(self, box: BaseMailBox, mails: list[Waiting]) -> dict[int, bytes]:
        """UID → the mail, or the document for the beginning of one that is too large. One that is gone is left out."""
        whole = [mail for mail in mails if mail.size <= MAIL_BYTES]
        found: dict[int, bytes] = {}
        with contextlib.suppress(_No):  # one of them may be broken
            found = self._bodies(box, [mail.uid for mail in whole], "BODY.PEEK[]")
        for mail in mails:
            if mail.size > MAIL_BYTES:
                beginning = self._bodies(box, [mail.uid], f"BODY.PEEK[]<0.{BEGINNING_BYTES}>")
                found |= {uid: cut_document(body, mail.size) for uid, body in beginning.items()}
            elif not found.get(mail.uid):  # gone, broken, or left out by a server that answers for some only
                found |= self._alone(box, mail)
        return found

    def _alone(self, box: BaseMailBox, mail: Waiting) -> dict[int, bytes]:
        """One mail. If the server will not hand it out, its headers, so that it is not lost from sight."""
        try:
            return self._bodies(box, [mail.uid], "BODY.PEEK[]")
        except _No:
            self._stubborn[mail.uid] += 1
            if self._stubborn[mail.uid] < STUBBORN:
                raise
        headers: dict[int, bytes] = {}
        with contextlib.suppress(_No):
            headers = self._bodies(box, [mail.uid], "BODY.PEEK[HEADER]")
        return {mail.uid: cut_document(headers.get(mail.uid, b""), mail.size)}

    def _bodies(self, box: BaseMailBox, uids: list[int], what: str) -> dict[int, bytes]:
        """What the server sends as literals, by UID, which it names before or after them."""
        found: dict[int, bytes] = {}
        answer = self._command(box, uids, f"(UID {what})") if uids else []
        for line, after in zip(answer, [*answer[1:], b""], strict=False):
            if isinstance(line, tuple):
                uid = _UID.search(line[0]) or _UID.search(after if isinstance(after, bytes) else b"")
                if uid is not None:
                    found[int(uid[1])] = line[1]
        return found

    def _command(self, box: BaseMailBox, uids: list[int], what: str) -> list[bytes | tuple[bytes, bytes]]:
        with failures():
            status, answer = box.client.uid("FETCH", ",".join(map(str, uids)), what)
        if status != "OK":
            raise _No(failure("provider_down", words=f"FETCH: {said((status, answer))}"))
        return [line for line in answer if line is not None]

    def _wait(self, box: BaseMailBox, exists: int) -> None:
        """Until there is news, or long enough. A connection that ends meanwhile is no fault: servers end idle ones."""
        if "IDLE" not in box.client.capabilities:
            self._closed.wait(WAIT_SECONDS)
            return
        try:
            box.client.noop()  # brings what happened since the folder was opened, which `start` would stumble over
            if number(box, "EXISTS") in (0, exists):
                with box.idle as idle:
                    if not has_read_ahead(box):
                        idle.poll(WAIT_SECONDS)
        except (OSError, imaplib.IMAP4.error, ImapToolsError):
            self._drop()


def _seconds(text: bytes) -> int:
    """INTERNALDATE as UTC seconds; 0 if it is not told."""
    found = imaplib.Internaldate2tuple(text)
    return int(time.mktime(found)) if found is not None else 0
