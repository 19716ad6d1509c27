"""Signing in to a mail server with an access token: XOAUTH2 (Google's and Microsoft's) and OAUTHBEARER (RFC 7628)."""

from __future__ import annotations

from collections.abc import Collection

from server.channels.email_server import MailServer

#: the one that both large providers have comes first
MECHANISMS = ("XOAUTH2", "OAUTHBEARER")


class Bearer:
    """One attempt: `mechanism`, what to say `first`, and what to answer to the challenge that an error is."""

    def __init__(self, server: MailServer, offered: Collection[str]) -> None:
        names = {name.upper() for name in offered}
        self.mechanism = next((name for name in MECHANISMS if name in names), MECHANISMS[0])
        #: the server's error, as it wrote it
        self.error = b""
        self._said = False
        token = f"auth=Bearer {server.password}\1\1"
        if self.mechanism == "XOAUTH2":
            first = f"user={server.user}\1{token}"
        else:
            user = server.user.replace("=", "=3D").replace(",", "=2C")
            first = f"n,a={user},\1host={server.host}\1port={server.port}\1{token}"
        self.first = first.encode()

    def answer(self, challenge: bytes) -> bytes:
        """What to say now. The server asks once for the token; if it asks again, that is an error to acknowledge."""
        if not self._said:
            self._said = True
            return self.first
        self.error = challenge
        return b"" if self.mechanism == "XOAUTH2" else b"\1"
