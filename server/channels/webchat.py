"""The web site's chat as a channel: its settings, who may embed it, what it can do.

There is no provider: the store and the visitor's socket (`server.webchat`) are the two ends. So a message is *sent*
once it is in the store for the visitor to fetch, *delivered* when their browser says it has it, *read* when they
saw it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from server.channels import checked
from server.channels.base import QUOTED, Adapter, BadSettings, Option, Outgoing, Refused, Sent
from server.facts import Fact, Failure
from server.wire import Capabilities, Check

if TYPE_CHECKING:
    import httpx

#: characters in one message, either way
TEXT_LIMIT = 10_000
TITLE_LIMIT = 60
LANGUAGES = ("es", "en", "auto")

_COLOR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_HOST = re.compile(r"(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
_PORTS = {"http": 80, "https": 443}


class WebChat(Adapter):
    """One chat widget, embedded in the pages of `origins`."""

    kind: ClassVar[str] = "webchat"
    repeatable: ClassVar[bool] = True
    options: ClassVar[tuple[Option, ...]] = (
        Option(
            name="origins",
            help="sites that may embed the chat, separated by commas: https://www.example.org, https://*.example.org"
            " (any sub-domain) or * (every site: for demonstrations only)",
        ),
        Option(name="title", help=f"heading of the chat, up to {TITLE_LIMIT} characters", required=False),
        Option(name="color", help="colour of the chat, like #0b6e69", required=False, default="#0b6e69"),
        Option(
            name="language",
            help="language of the chat: es, en, or auto (the page's, else the browser's)",
            required=False,
            default="auto",
        ),
    )
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_limit=TEXT_LIMIT,
        caption_limit=0,
        window_ms=None,
        receipts=["sent", "delivered", "read"],
        typing=True,
    )

    def __init__(self, settings: Mapping[str, str]) -> None:
        super().__init__(settings)
        self.origins = tuple(_origin(part) for part in self.settings["origins"].split(",") if part.strip())
        if not self.origins:
            raise self.lacks(self.option("origins"))
        self.title = self.settings["title"].strip()
        if len(self.title) > TITLE_LIMIT:
            detail = f"title is {len(self.title)} characters long; at most {TITLE_LIMIT} fit"
            raise BadSettings("too_long", detail, setting="title", length=len(self.title), limit=TITLE_LIMIT)
        self.color = self.settings["color"].strip()
        if not _COLOR.fullmatch(self.color):
            shown = self.color[:QUOTED]
            raise BadSettings("color", f"color {shown!r} is not like #0b6e69", setting="color", value=shown)
        self.language = self.settings["language"].strip().lower()
        checked.one_of("language", self.language, LANGUAGES)

    def allows(self, origin: str | None, host: str) -> bool:
        """Whether a page of this origin may talk to us. `host`: the name (and port) under which it reached us.

        Our own pages (the demo) always may. A caller without an origin is no browser: only `*` lets it in.
        """
        if "*" in self.origins:
            return True
        if not origin:
            return False
        try:
            wanted = _origin(origin)
        except BadSettings:
            return False
        scheme, _, name = wanted.partition("://")
        if host and name == _without_port(scheme, host.lower()):
            return True
        for allowed in self.origins:
            if wanted == allowed:
                return True
            allowed_scheme, _, allowed_name = allowed.partition("://")
            if allowed_name.startswith("*.") and scheme == allowed_scheme and name.endswith(allowed_name[1:]):
                return True
        return False

    def parse(self, body: bytes, received_at: int) -> list[Fact]:
        """Nothing: visitors write on their socket, nobody calls our hook."""
        return []

    async def send(self, message: Outgoing, http: httpx.AsyncClient) -> Sent:
        """The message is in the store, where visitors get it from: it is sent. Raises Refused for what is no text."""
        if message.kind != "text":
            raise Refused(Failure(reason="unsupported", detail=f"web chat cannot carry {message.kind}"))
        if len(message.text) > TEXT_LIMIT:
            raise Refused(Failure(reason="too_long", detail=f"{len(message.text)} of {TEXT_LIMIT} characters"))
        return Sent(external_id=f"wc-{message.client_ref}")

    async def check(self, http: httpx.AsyncClient) -> Sequence[Check]:
        if "*" in self.origins:
            return [Check(name="origins", ok=True, why="every_site")]
        plain = [o for o in self.origins if o.startswith("http://") and not _is_local(o)]
        if plain:
            return [Check(name="origins", ok=False, detail=plain[0], why="unencrypted")]
        return [Check(name="origins", ok=True, detail=", ".join(self.origins))]


def _origin(text: str) -> str:
    """An origin as browsers write it (scheme, host, port if it is not the usual one), or BadSettings."""
    text = text.strip()
    if text == "*":
        return text
    try:
        parts = urlsplit(text.lower())
        port = parts.port
    except ValueError:
        raise _no_origin(text) from None
    usual = _PORTS.get(parts.scheme)
    host = parts.netloc.rpartition(":")[0] if port is not None else parts.netloc
    if usual is None or not _HOST.fullmatch(host) or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise _no_origin(text)
    return f"{parts.scheme}://{host}" + ("" if port in (None, usual) else f":{port}")


def _no_origin(text: str) -> BadSettings:
    shown = text[:QUOTED]
    return BadSettings("origin", f"{shown!r} is not an origin like https://www.example.org", value=shown)


def _without_port(scheme: str, host: str) -> str:
    """A Host header without the port that its scheme implies."""
    return host.removesuffix(f":{_PORTS.get(scheme, 0)}")


def _is_local(origin: str) -> bool:
    host = urlsplit(origin).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.") or host.endswith(".localhost")
