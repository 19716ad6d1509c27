"""Addresses as they travel: the domain in ASCII (IDNA 2008, RFC 5891), what stands before the @ as it is.

Letters outside ASCII before the @ go only where servers offer SMTPUTF8 (RFC 6531).
"""

from __future__ import annotations

import unicodedata

import idna


def travelling(address: str) -> str:
    """The address as SMTP and headers take it. Raises ValueError for a domain that cannot be one."""
    local, _, domain = unicodedata.normalize("NFC", address).rpartition("@")
    return f"{local}@{domain if domain.isascii() else idna.encode(domain, uts46=True).decode()}"
