"""Where a mailbox's two servers are and how they are spoken to, from the channel's settings."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from typing import Literal, cast, get_args

import msgspec

from server.channels import checked
from server.channels.base import BadSettings

Tls = Literal["yes", "no", "starttls"]

_HOST = re.compile(r"[A-Za-z0-9._:-]{1,253}")


class MailServer(msgspec.Struct, frozen=True, kw_only=True):
    """One server of a mailbox. `tls`: yes (from the first byte), starttls (before the password), no (in clear).

    `bearer`: the `password` is an access token, and empty until `email_access` has one. `authority`: a PEM certificate
    that the server's own is signed with, if no public authority did it.
    """

    host: str
    port: int
    tls: Tls
    user: str
    password: str
    bearer: bool = False
    authority: str = ""

    def context(self) -> ssl.SSLContext:
        """What TLS checks: the server's certificate and its name, always. Reads the machine's authorities: slow."""
        context = ssl.create_default_context()
        if self.authority:
            context.load_verify_locations(cadata=self.authority)
        return context


def mail_server(settings: Mapping[str, str], protocol: str, user: str, password: str, bearer: bool) -> MailServer:
    """The server for `protocol` (imap or smtp), or BadSettings. `bearer`: it wants access tokens."""
    host, port, tls = (settings[f"{protocol}_{part}"].strip() for part in ("host", "port", "tls"))
    if not _HOST.fullmatch(host):
        setting, example = f"{protocol}_host", f"{protocol}.example.com"
        raise BadSettings("host", f"{setting} must be a host name like {example}", setting=setting, example=example)
    checked.one_of(f"{protocol}_tls", tls, get_args(Tls))
    server = MailServer(
        host=host,
        port=checked.number(f"{protocol}_port", port, 1, 65535),
        tls=cast(Tls, tls),
        user=user,
        password="" if bearer else password,
        bearer=bearer,
        authority=settings["authority"],
    )
    if server.authority:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=server.authority)
        except ssl.SSLError:
            detail = "authority must be a certificate in PEM form (-----BEGIN CERTIFICATE-----)"
            raise BadSettings("certificate", detail, setting="authority") from None
    return server
