"""X-Twilio-Signature: base64 of HMAC-SHA1, keyed with the auth token, over the address called and the sorted form.

Source: twilio.com/docs/usage/security. The address is the one entered at Twilio, byte for byte, with its query and
without its fragment. Whether it carries the port depends on the kind of call (twilio-python #392 and #402), which is
why Twilio's own validators try both; so do we. A proxy that ends TLS without being trusted here makes https look like
http.
"""

from __future__ import annotations

import base64
import hmac
from urllib.parse import parse_qsl, urlsplit

#: fields of a form at most; Twilio sends some thirty
FIELDS = 1000

_PORTS = {"https": 443, "http": 80}


def signature(token: str, url: str, fields: list[tuple[str, str]]) -> str:
    """The signature of a call of `url` with these form fields. Of a field given twice, each value counts once."""
    signed = url + "".join(name + value for name, value in sorted(set(fields)))
    digest = hmac.digest(token.encode(), signed.encode("utf-8", "surrogateescape"), "sha1")
    return base64.b64encode(digest).decode()


def form(body: bytes) -> list[tuple[str, str]]:
    """The fields of a form, byte-exact (bytes that are no UTF-8 as surrogates). Raises ValueError for too many."""
    return parse_qsl(
        body.decode("utf-8", "surrogateescape"),
        keep_blank_values=True,
        errors="surrogateescape",
        max_num_fields=FIELDS,
    )


def spellings(url: str) -> list[str]:
    """An address as Twilio may have signed it: as it is, with and without port; if it is http, the same as https."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return [url]
    if host is None or parts.scheme not in _PORTS:
        return [url]
    written = parts.netloc.rpartition("@")[2]
    bare = written[: written.rfind(":")] if port is not None else written
    found = [url]
    for scheme in dict.fromkeys((parts.scheme, "https")):
        ported = f"{bare}:{port or _PORTS[parts.scheme]}" if scheme == parts.scheme else f"{bare}:443"
        found += [parts._replace(scheme=scheme, netloc=place).geturl() for place in (bare, ported)]
    return list(dict.fromkeys(found))


def is_signed(token: str, url: str, body: bytes, given: str) -> bool:
    """Whether Twilio signed this call of `url`."""
    try:
        fields = form(body)
    except ValueError:
        return False
    claimed = given.encode("utf-8", "replace")
    matches = [hmac.compare_digest(signature(token, one, fields).encode(), claimed) for one in spellings(url)]
    return any(matches)
