"""Passwords: argon2id, off the event loop, two at a time, and as slow for a user who does not exist."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from server.commands.door import Refusal

T = TypeVar("T")

#: hashes computed at the same time, and how many may wait before we say "later"
AT_ONCE = 2
WAITING = 64
#: characters a new password needs at least, and bytes it may have at most (longer ones only cost time)
SHORTEST = 8
LONGEST = 1024

#: 32 MiB, 3 passes, one lane: above OWASP's minimum for argon2id (19 MiB, 2 passes), some 50 ms
HASHER = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1)

#: the hash of a random text nobody knows, made with HASHER's own parameters so that it takes the same time
NOBODY = "$argon2id$v=19$m=32768,t=3,p=1$a7vLgh1yGW/KjNMuYo+gQA$uGFEG6eVozqj+fGANgXTT6bF0ElnIgO1Js8LqT1ufuo"


def hash_password(password: str) -> str:
    """The argon2id hash to store (takes some 50 ms). Raises Refusal `weak_password` if it is too short or too long."""
    if len(password) < SHORTEST or len(password.encode()) > LONGEST:
        raise Refusal(422, "weak_password", minimum=SHORTEST, maximum=LONGEST)
    return HASHER.hash(password)


def verify(stored: str, password: str) -> bool:
    """Whether `password` fits the stored hash. An empty `stored` (no such user) takes as long and is always False."""
    try:
        HASHER.verify(stored or NOBODY, password)
        return bool(stored)
    except (VerificationError, InvalidHashError):
        return False


class Passwords:
    """Hashes and verifies in threads, `AT_ONCE` at a time: each takes 32 MiB and a core."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """See `hash_password`."""
        return await self._run(lambda: hash_password(password))

    async def verify(self, stored: str, password: str) -> bool:
        """See `verify`."""
        if len(password.encode()) > LONGEST:
            return False
        return await self._run(lambda: verify(stored, password))

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= WAITING:
            raise Refusal(429, "rate_limited", retry_after=5)
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1
