"""What goes over a feed's socket: encoded shapes, websocket framing, close codes."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from server import wire
from server.commands.door import Actor
from server.desk import discretion

#: the client's frames: how large, how many (a second, and at once), how soon the first one must come (seconds)
LARGEST_FRAME = 4096
FRAMES_PER_SECOND = 20.0
FRAMES_AT_ONCE = 40.0
HELLO_SECONDS = 10.0

#: why the server closes a feed; the client connects again after every one of them but SIGNED_OUT
SIGNED_OUT = 4001  #: the session ended or the user was switched off
BAD_FRAME = 4002  #: no hello in time, or a frame that is no ClientFrame
TOO_MANY_FRAMES = 4003
TOO_SLOW = 4008  #: the client did not take a frame for 30 s
TOO_LARGE = 1009

_encode = msgspec.json.Encoder().encode
decode_client = msgspec.json.Decoder(wire.ClientFrame).decode


@dataclass(frozen=True, slots=True)
class Sealed:
    """An event that is not for everybody: as its audience gets it, and as everybody else does."""

    full: bytes
    bare: bytes
    audience: discretion.Audience

    def __len__(self) -> int:
        return len(self.full) + len(self.bare)


Payload = bytes | Sealed


def encode_event(event: wire.FeedEvent) -> Payload:
    audience = discretion.audience(event.kind, event.actor, event.data)
    if audience is None:
        return _encode(event)
    return Sealed(_encode(event), _encode(discretion.withheld(event)), audience)


def opened(payload: Payload, actor: Actor) -> bytes:
    """An event as this reader gets it."""
    if isinstance(payload, bytes):
        return payload
    return payload.full if payload.audience.has(actor.name, actor.role) else payload.bare


def encode_frame(frame: wire.ServerFrame) -> bytes:
    return _encode(frame)


def framed(payloads: Iterable[bytes]) -> bytes:
    """Each payload as an unmasked, final text frame (RFC 6455, 5.2), one after the other."""
    pieces: list[bytes] = []
    for payload in payloads:
        size = len(payload)
        if size < 126:
            pieces.append(struct.pack("!BB", 0x81, size))
        elif size < 65536:
            pieces.append(struct.pack("!BBH", 0x81, 126, size))
        else:
            pieces.append(struct.pack("!BBQ", 0x81, 127, size))
        pieces.append(payload)
    return b"".join(pieces)
