"""Calls signed the Standard Webhooks way, both directions: the generic channel and outgoing event webhooks.

A call carries `webhook-id`, `webhook-timestamp` (Unix seconds) and `webhook-signature`: `v1,` and the base64 of the
HMAC-SHA256 of `ID.TIMESTAMP.BODY`, several of them separated by spaces while one key replaces another. A secret is
`whsec_` and the base64 of 24 to 64 random bytes. Source: github.com/standard-webhooks/standard-webhooks, spec 1.0.0.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import secrets as randomness
from collections.abc import Mapping, Sequence

from server.channels.base import BadSettings

PREFIX = "whsec_"
#: how far a call's time may be from ours (s): an older one is a replay
TOLERANCE = 300
#: secrets that hold at once: the new one, and the one it replaces
SECRETS = 2
#: bytes of a secret
_LEAST, _MOST = 24, 64

_ID = re.compile(r"[\x21-\x7e]{1,256}", re.ASCII)
_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)


class Rejected(Exception):
    """The call is not signed as it should be. `missing`: it is not signed at all."""

    def __init__(self, why: str, *, missing: bool = False) -> None:
        super().__init__(why)
        self.missing = missing


def new_secret() -> str:
    """A fresh secret."""
    return PREFIX + base64.b64encode(randomness.token_bytes(32)).decode()


def keys_of(secrets: str) -> tuple[bytes, ...]:
    """The keys in one or two secrets, separated by a space. Raises BadSettings."""
    given = secrets.split()
    if not 1 <= len(given) <= SECRETS:
        detail = "secret: give one, or two with a space between: the new one and the one it replaces"
        raise BadSettings("secrets", detail)
    return tuple(map(_key, given))


def _key(secret: str) -> bytes:
    if not secret.startswith(PREFIX):
        command = f"echo {PREFIX}$(openssl rand -base64 32)"
        detail = f"a secret begins with {PREFIX}; make one with: {command}"
        raise BadSettings("secret_prefix", detail, prefix=PREFIX, command=command)
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        detail = f"secret: what follows {PREFIX} is not base64"
        raise BadSettings("secret_base64", detail, prefix=PREFIX) from None
    if not _LEAST <= len(key) <= _MOST:
        detail = f"a secret has {_LEAST} to {_MOST} bytes, this one {len(key)}"
        raise BadSettings("secret_length", detail, least=_LEAST, most=_MOST, length=len(key))
    return key


def signature(key: bytes, id: str, seconds: int, body: bytes) -> str:
    """The signature by one key."""
    signed = f"{id}.{seconds}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def headers(keys: Sequence[bytes], id: str, now: int, body: bytes) -> dict[str, str]:
    """The headers of a call made at `now` (UTC ms), signed by every key."""
    seconds = now // 1000
    return {
        "Content-Type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(signature(key, id, seconds, body) for key in keys),
    }


def verify(keys: Sequence[bytes], given: Mapping[str, str], body: bytes, now: int) -> str:
    """The call's id, if one of the keys signed it and its time is within the tolerance of `now` (UTC ms).

    `given`: its headers, names in lower case. Raises Rejected.
    """
    id, seconds = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    signatures = given.get("webhook-signature", "")
    if not (id and seconds and signatures):
        raise Rejected("webhook-id, webhook-timestamp or webhook-signature is missing", missing=True)
    if not _ID.fullmatch(id):
        raise Rejected("webhook-id is not 1 to 256 visible ASCII characters")
    if not _SECONDS.fullmatch(seconds) or abs(int(seconds) - now // 1000) > TOLERANCE:
        raise Rejected(f"webhook-timestamp is more than {TOLERANCE} s from now")
    wanted = [signature(key, id, int(seconds), body).encode() for key in keys]
    found = False
    for one in signatures.split(" ")[:10]:
        for each in wanted:
            found |= hmac.compare_digest(one.encode("utf-8", "replace"), each)
    if not found:
        raise Rejected("no signature fits a secret of this channel")
    return id
