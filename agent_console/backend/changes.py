"""What a step of the mirror changed, so that the console repaints that and nothing else."""

from __future__ import annotations

import msgspec

from agent_console.backend.overlay import Change
from server import wire


class Alert(msgspec.Struct, frozen=True):
    """Something the advisor may want to hear of, once. As the event said it; `at` in UTC ms."""

    kind: str
    conversation: int | None
    at: int
    seq: int
    actor: str = ""
    data: dict[str, object] = {}


class Trouble(msgspec.Struct, frozen=True):
    """Something the advisor did and the server refused, or that can't be kept safe.

    `problem` is the server's (code and params; `too_old` and `unsafe` are our own). `change` was taken back on the
    screen. `stopped`: it and what was done after it in this conversation wait for the advisor to say `go_on` or
    `give_up`; otherwise it is over.
    """

    problem: wire.Problem
    conversation: int | None = None
    change: Change | None = None
    stopped: bool = False


class Changes(msgspec.Struct):
    """Ids and flags of what looks different now.

    `rows`: conversations whose line changed · `order`: rows of the shown list came, went or moved · `threads`:
    conversations whose messages, header or customer changed · `presence`: conversations with other people at them ·
    `reload`: the server has reset us, load the lists again · `about`: conversations whose customer data is out of
    date, fetch them again · `link`: the connection's state changed · `waiting`: what waits to be sent changed ·
    `troubles`: what was refused · `channels`: something about a channel changed ·
    `anew`: conversations whose messages are other ones now, fetch them again · `names`: kinds of names that changed
    (users, teams, tags, views, templates).
    """

    rows: set[int] = set()
    order: bool = False
    threads: set[int] = set()
    counts: bool = False
    presence: set[int] = set()
    about: set[int] = set()
    alerts: list[Alert] = []
    reload: bool = False
    link: bool = False
    waiting: bool = False
    troubles: list[Trouble] = []
    channels: bool = False
    anew: set[int] = set()
    names: set[str] = set()

    def __bool__(self) -> bool:
        return bool(
            self.rows
            or self.order
            or self.threads
            or self.counts
            or self.presence
            or self.about
            or self.alerts
            or self.reload
            or self.link
            or self.waiting
            or self.troubles
            or self.channels
            or self.anew
            or self.names
        )

    def merge(self, other: Changes) -> None:
        """Take `other` in, so that several steps are painted at once."""
        self.rows |= other.rows
        self.order |= other.order
        self.threads |= other.threads
        self.counts |= other.counts
        self.presence |= other.presence
        self.about |= other.about
        self.alerts += other.alerts
        self.reload |= other.reload
        self.link |= other.link
        self.waiting |= other.waiting
        self.troubles += other.troubles
        self.channels |= other.channels
        self.anew |= other.anew
        self.names |= other.names


class Line(msgspec.Struct, frozen=True):
    """One line of the list, ready to paint. `stamp` is new whenever anything in it is: cache painted lines by it.

    `row` has optimistic changes in it; `pending` says that one of them waits for the server. `gone`: it left this
    view and stays only because it is under the cursor or open. `fresh`: it arrived since `seen_fresh`. `mentioned`: a
    note there has called the reader since they opened it last.
    """

    row: wire.ConversationRow
    stamp: int
    unread: int = 0
    gone: bool = False
    fresh: bool = False
    pending: bool = False
    viewing: tuple[str, ...] = ()
    typing: tuple[str, ...] = ()
    customer_typing: bool = False
    mentioned: bool = False

    @property
    def id(self) -> int:
        """The conversation's id."""
        return self.row.id
