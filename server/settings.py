"""How one server runs: where its data is, where it listens, whom it trusts."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import msgspec


class BadSetup(Exception):
    """The settings do not fit together. `code` is stable; `params` fill its words in the caller's language."""

    def __init__(self, code: str, why: str, **params: str) -> None:
        super().__init__(why)
        self.code = code
        self.params = params


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """One server's settings.

    `port` 0 takes any free port. `public_url` is how the outside reaches us (for the hook addresses shown to admins).
    `trusted_proxies`: addresses or networks whose `X-Forwarded-For` and `-Proto` are believed. `tls_certificate` and
    `tls_key`: PEM files; without them a listener that others can reach needs a trusted proxy or `allow_plaintext`.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = 8080
    database: str = ""
    public_url: str = ""
    trusted_proxies: tuple[str, ...] = ()
    allow_plaintext: bool = False
    tls_certificate: str = ""
    tls_key: str = ""
    session_days: int = 30

    def check(self) -> None:
        """Raise BadSetup if a server may not run like this."""
        if self.database.startswith(("postgresql:", "postgres:")):
            raise BadSetup("no_postgresql", "PostgreSQL is not available yet; leave --database out to use SQLite")
        if self.database and not self.database.startswith("sqlite:"):
            raise BadSetup("bad_database", f"{self.database!r} is no database we know", database=self.database)
        if bool(self.tls_certificate) != bool(self.tls_key):
            raise BadSetup("half_tls", "a TLS certificate needs its key, and a key its certificate")
        if not (self.tls_certificate or self.trusted_proxies or self.allow_plaintext or is_loopback(self.host)):
            raise BadSetup(
                "plaintext",
                f"{self.host} can be reached by others and passwords would travel in clear: give a TLS certificate and"
                " key, name the proxy in front (trusted proxies), or allow plaintext on purpose",
                host=self.host,
            )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host` (an address or `localhost`; other names are not looked up)."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
