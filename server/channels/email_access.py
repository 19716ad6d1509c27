"""What opens a mailbox's servers now: the password, or an access token that is renewed when a server refuses it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

from server.channels.base import Refused
from server.channels.email_server import MailServer

T = TypeVar("T")


class Access:
    """One server of a mailbox. `token`: where access tokens come from, if it wants these; called with the one that it
    has just refused, or with none."""

    def __init__(self, server: MailServer, token: Callable[[str], Awaitable[str]] | None = None) -> None:
        self.server = server
        self._token = token

    async def use(self, work: Callable[[MailServer], Awaitable[T]]) -> T:
        """Do something with the server. A token that it refuses is renewed, once. Raises what `work` raises, and what
        getting a token does."""
        if self._token is None:
            return await work(self.server)
        token = await self._token("")
        try:
            return await work(self._with(token))
        except Refused as error:
            if error.failure.reason != "token":
                raise
        return await work(self._with(await self._token(token)))

    def _with(self, token: str) -> MailServer:
        return msgspec.structs.replace(self.server, password=token)
