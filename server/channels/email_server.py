"""Where a mailbox's two servers are and how they are spoken to, from the channel's settings."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from typing import Literal, cast

import msgspec

from server.channels.base import BadSettings

Tls = Literal["yes", "no", "starttls"]

_HOST = re.compile(r"[A-Za-z0-9._:-]{1,253}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class MailServer(msgspec.Struct, frozen=True, kw_only=True):
    """One server of a mailbox. `tls`: yes (from the first byte), starttls (before the password), no (in clear).

    `authority`: a PEM certificate that the server's own is signed with, if no public authority did it.
    """

    host: str
    port: int
    tls: Tls
    user: str
    password: str
    authority: str = ""

    def context(self) -> ssl.SSLContext:
        """What TLS checks: the server's certificate and its name, always. Reads the machine's authorities: slow."""
        context = ssl.create_default_context()
        if self.authority:
            context.load_verify_locations(cadata=self.authority)
        return context


def mail_server(settings: Mapping[str, str], protocol: str, user: str, password: str) -> MailServer:
    """The server for `protocol` (imap or smtp), or BadSettings."""
    host, port, tls = (settings[f"{protocol}_{part}"].strip() for part in ("host", "port", "tls"))
    if not _HOST.fullmatch(host):
        raise BadSettings(f"{protocol}_host must be a host name like {protocol}.example.com")
    if not re.fullmatch(r"[0-9]{1,5}", port, re.ASCII) or not 0 < int(port) < 65536:
        raise BadSettings(f"{protocol}_port must be a number from 1 to 65535")
    if tls not in ("yes", "no", "starttls"):
        raise BadSettings(f"{protocol}_tls must be yes, starttls or no")
    if _CONTROL.search(user) or _CONTROL.search(password):
        raise BadSettings("user and password cannot have line breaks: write them as one line")
    server = MailServer(
        host=host,
        port=int(port),
        tls=cast(Tls, tls),
        user=user,
        password=password,
        authority=settings["authority"],
    )
    if server.authority:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=server.authority)
        except ssl.SSLError:
            raise BadSettings("authority must be a certificate in PEM form (-----BEGIN CERTIFICATE-----)") from None
    return server
