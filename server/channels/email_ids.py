"""Our reference in a mail: in its Message-ID and, where the mailbox has plus-addresses, in its Reply-To.

A message's reference (`client_ref`) cannot be guessed, so whoever quotes it has our mail.
"""

from __future__ import annotations

import re

_REF = re.compile(r"[0-9a-f]{1,16}\.[0-9a-f]{16}")
#: what the store appends to an id that other content had before (`server.facts.MessageFact.content`)
_APART = re.compile(r"#[0-9a-f]{16}$")

#: a mail without a Message-ID is called by its digest
DIGEST = "sha256:"
#: characters before the @ of an address (RFC 5321)
LOCAL_LIMIT = 64


def message_id(client_ref: str, address: str) -> str:
    """The Message-ID, without brackets, of our message."""
    return f"{client_ref}@{address.rpartition('@')[2].lower()}"


def ref_of(message_id: str) -> str:
    """Our reference in a Message-ID that we made; empty if we did not."""
    local = message_id.rpartition("@")[0].lower()
    return local if _REF.fullmatch(local) else ""


def ref_of_token(token: str) -> str:
    """Our reference in what stands after the plus sign of our address; empty if it is something else."""
    return token.lower() if _REF.fullmatch(token.lower()) else ""


def plus_address(client_ref: str, address: str) -> str:
    """Our address with our reference after a plus sign; the plain one if that would be too long."""
    local, _, domain = address.rpartition("@")
    tagged = f"{local}+{client_ref}"
    return f"{tagged}@{domain}" if len(tagged) <= LOCAL_LIMIT else address


def header_id(external_id: str) -> str:
    """The Message-ID of a mail that we keep as `external_id`; empty if it had none."""
    return "" if external_id.startswith(DIGEST) else _APART.sub("", external_id)
