"""The frames on a visitor's socket (`WS /chat/{name}/socket`): JSON objects in text frames, told apart by `type`.

    visitor                                    server
    hello {visitor, since, epoch, name}  →     ← welcome {visitor, epoch, seq, now, title, color, language,
                                                          messages, earlier, reset}
    message {ref, text, name}            →     ← ack {ref, id, at, order}            after the commit, never before
                                               ← messages {seq, messages}            something new, or a newer state
    received {ids}                       →
    read {ids}                           →
    typing {on}                          →     ← typing {on}
    earlier {before}                     →     ← history {messages, earlier}
    ping                                 →     ← pong
                                               ← error {code, ref, retry_ms}

*Who.* `visitor` in `hello` is the token that makes a browser the same visitor again: 32 random bytes in base64url
without padding (43 characters). Send null to be given one in `welcome`, or make one. The server keeps only its SHA-256.
The socket must be opened from an allowed origin, and `hello` must come within 10 seconds.

*Once and in order.* The visitor's client gives each message a `ref` (1 to 64 of `A-Z a-z 0-9 _ -`, random) and sends it
again after a lost line until an `ack` with this ref comes: the store keeps one message per ref, the second `ack` names
the same id. A message object is
`{id, order, from: "visitor"|"agent", text, at, ref?, author?, status?, edited?, revoked?}`. `id` says which message it
is, `order` is its place in the conversation (ascending); `order` and `at` are absent in news of a message that has its
place already (one you do not hold is further up). Apply a message by `id`: applying it twice changes nothing.

*Catching up.* `seq` is the journal's newest entry that a frame contains. Keep the greatest and the `epoch`, and put
both into the next `hello`: `messages` are then the ones that are new or changed since. If `reset` is true the server
could not go on from there, and `messages` are the newest ones instead; then `earlier` tells whether there are older
ones. Ask for them with the smallest `order` you hold.

*Receipts.* `received` once the client holds an agent's message whose `status` is `sent`, `read` once the person saw it.

*Limits.* A frame of 64 KiB (10,000 characters fit if they are escaped no more than JSON asks for); one message a second
with bursts of ten per visitor; new visitors and connections per address. Over a limit: `error` with code `rate_limited`
and `retry_ms`; the message was not stored, send it again then. Other codes: `unavailable` (with `retry_ms`), and for
what is not to be sent again `too_long`, `empty`, `invalid`.

*Ends.* Close codes: 1012 the server restarts (come back), 4400 not our protocol, 4404 the chat is gone, 4408 no `hello`
or silent for 90 s, 4413 frame too large, 4429 too fast, 4500 our fault (come back), 4503 too slow to read (come back).
Before the socket opens: 403 origin not allowed, 404 no such chat, 429 too many connections.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

#: bytes; 10,000 characters fit whatever they are: 4 bytes each in UTF-8, 6 for a control character
FRAME_LIMIT = 64 * 1024
NAME_LIMIT = 80
#: ids in one receipt frame
IDS_LIMIT = 200

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
REF = re.compile(r"[A-Za-z0-9_-]{1,64}")

BAD_PROTOCOL = 4400
GONE = 4404
SILENT = 4408
TOO_LARGE = 4413
TOO_FAST = 4429
OUR_FAULT = 4500
TOO_SLOW = 4503


class Frame(msgspec.Struct, kw_only=True, tag_field="type"):
    """Base of every frame."""


# ---------------------------------------------------------------- from the visitor


class Hello(Frame, kw_only=True, tag="hello"):
    """First frame. `since` and `epoch`: from where to go on, 0 and empty for the newest messages."""

    visitor: str | None = None
    since: int = 0
    epoch: str = ""
    name: str = ""


class Write(Frame, kw_only=True, tag="message"):
    """A message of the visitor, who may give a name with it."""

    ref: str
    text: str
    name: str = ""


class Received(Frame, kw_only=True, tag="received"):
    ids: list[int]


class Read(Frame, kw_only=True, tag="read"):
    ids: list[int]


class VisitorTyping(Frame, kw_only=True, tag="typing"):
    on: bool


class Earlier(Frame, kw_only=True, tag="earlier"):
    """Ask for messages before the place `before`."""

    before: int


class Ping(Frame, kw_only=True, tag="ping"):
    pass


FromVisitor = Hello | Write | Received | Read | VisitorTyping | Earlier | Ping

# ---------------------------------------------------------------- to the visitor


class Said(msgspec.Struct, kw_only=True, omit_defaults=True, rename={"sender": "from"}):
    """A message as visitors see it. Nothing else of a message ever leaves the server towards a visitor.

    `at` in UTC ms: when the visitor's message was stored, or the agent's was sent. `status` of an agent's message:
    sent, delivered or read. `ref`: the visitor's own. `order` and `at` are absent in news of one that has its place.
    """

    id: int
    sender: Literal["visitor", "agent"]
    text: str
    at: int | UnsetType = UNSET
    order: int | None = None
    ref: str | UnsetType = UNSET
    author: str = ""
    status: str = ""
    edited: bool = False
    revoked: bool = False


class Welcome(Frame, kw_only=True, tag="welcome"):
    visitor: str
    epoch: str
    seq: int
    now: int
    title: str
    color: str
    language: str
    messages: list[Said]
    earlier: bool
    reset: bool


class Messages(Frame, kw_only=True, tag="messages"):
    seq: int
    messages: list[Said]


class History(Frame, kw_only=True, tag="history"):
    messages: list[Said]
    earlier: bool


class Ack(Frame, kw_only=True, tag="ack"):
    ref: str
    id: int
    at: int
    order: int | None


class AgentTyping(Frame, kw_only=True, tag="typing"):
    on: bool


class Pong(Frame, kw_only=True, tag="pong"):
    pass


class Error(Frame, kw_only=True, tag="error", omit_defaults=True):
    """`retry_ms`: send it again after so long; absent: do not send it again."""

    code: str
    ref: str | None = None
    retry_ms: int | None = None


ToVisitor = Welcome | Messages | History | Ack | AgentTyping | Pong | Error

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[FromVisitor] = msgspec.json.Decoder(FromVisitor)


def encode(frame: ToVisitor) -> str:
    """A frame as it goes out."""
    return _encoder.encode(frame).decode()


def decode(data: str | bytes) -> FromVisitor:
    """A visitor's frame, or msgspec.MsgspecError (ValueError) if it is none of ours."""
    return _decoder.decode(data)
