"""Who calls: bearer tokens, known to the store only by their sha256."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
import time
from collections.abc import Callable

from starlette.types import Scope

from server.commands.door import SYSTEM, Actor, Door, Refusal
from server.commands.queries import WhoHasToken
from server.routes.http import header

#: a token's actor is remembered this long (seconds) without asking the store again
CACHE_SECONDS = 5.0
#: tokens remembered at most
CACHE_BOUND = 4096
#: journal kinds after which somebody may be signed in no more, or with another role
KINDS = frozenset({"session.closed", "user.updated", "user.removed"})


def new_token() -> str:
    """A bearer token: 256 random bits."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is stored of a token: its sha256 in hex. The token is random, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def bearer(scope: Scope) -> str | None:
    """The bearer token a request carries in its Authorization header, or None."""
    value = header(scope, b"authorization")
    if value is None or value[:7].lower() != b"bearer ":
        return None
    try:
        return value[7:].strip().decode("ascii")
    except UnicodeDecodeError:
        return None


def address(scope: Scope) -> str:
    """The client's address as lock-outs count it: IPv6 by its /64 network, which one customer line has."""
    client = scope.get("client")
    host = client[0] if client else ""
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        return str(host)
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ip.ipv4_mapped or ipaddress.ip_network((ip, 64), strict=False))
    return host


class Auth:
    """Turns tokens into actors, with a short memory that `forget` empties at once."""

    def __init__(self, door: Door, clock: Callable[[], float] = time.monotonic) -> None:
        self._door = door
        self._clock = clock
        self._known: dict[str, tuple[Actor, float]] = {}
        self._generation = 0
        door.on_commit(self.forget, KINDS)

    async def actor(self, scope: Scope) -> Actor:
        """Who sent this request. Raises Refusal 401 `unauthenticated`."""
        token = bearer(scope)
        if not token:
            raise Refusal(401, "unauthenticated")
        return await self.whose(token_hash(token))

    async def whose(self, hash: str) -> Actor:
        """Who holds the token with this hash. Raises Refusal 401 `unauthenticated`."""
        now = self._clock()
        known = self._known.get(hash)
        if known is not None and known[1] > now:
            return known[0]
        generation = self._generation
        actor: Actor | None = await self._door.ask(SYSTEM, WhoHasToken(token_hash=hash))
        if actor is None:
            self._known.pop(hash, None)
            raise Refusal(401, "unauthenticated")
        # What was read before a change must not be remembered after it.
        if generation == self._generation:
            if len(self._known) >= CACHE_BOUND:
                self._known.clear()
            self._known[hash] = (actor, now + CACHE_SECONDS)
        return actor

    def forget(self, seq: int = 0) -> None:
        """Some session or user changed (with the journal's `seq`): ask the store again."""
        self._generation += 1
        self._known.clear()
