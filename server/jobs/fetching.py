"""The one way to fetch what a stranger's address names: over TLS, from public addresses only, within bounds.

A name is resolved here, every answer is checked, and the connection goes to one of the addresses that were checked, so
that another answer a moment later changes nothing; TLS still proves the name. Redirects are followed by hand, each hop
checked like the first. Proxies of the environment are not used: they would do the connecting.

The exception is the origin of a provider's API, which an administrator set and which may lie on this machine.

Sources: the IANA registries of special-purpose addresses (RFC 6890 and later); 168.63.129.16 is Azure's host agent
(learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16), 169.254.169.254 and fd00:ec2::254 are the
metadata services of clouds (in link-local and unique local networks).
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import re
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import NamedTuple

import httpcore
import httpx

#: seconds to resolve and connect, and between two pieces of an answer
CONNECT, READ = 10.0, 15.0
#: after this long (s) a download has to have brought so much on average (bytes/s): slots are few
GRACE, SLOWEST = 15.0, 2048
#: redirects that are followed
HOPS = 3
#: characters of the longest address taken
URL_LIMIT = 4096
#: of the addresses a name has, how many are tried
ADDRESSES = 4

#: gives all addresses of a name
Resolve = Callable[[str, int], Awaitable[list[str]]]

_REDIRECTS = (301, 302, 303, 307, 308)
_PORTS = {"https": 443, "http": 80}
_ODD_CHARACTERS = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
#: the last part of a host that some resolvers take for (a part of) a number
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")

_CLOSED_V4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
#: only this part of IPv6 is public; outside lie loopback, mapped and NAT64 forms, unique local, link-local, multicast
_OPEN_V6 = ipaddress.IPv6Network("2000::/3")
#: Teredo and other protocol assignments, documentation, 6to4
_CLOSED_V6 = tuple(ipaddress.IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))


class Blocked(Exception):
    """It may not be fetched, now or later; the text says why."""


class TooLarge(Exception):
    """More bytes than may be taken."""


class Unfetched(Exception):
    """It could not be fetched this time."""


class Answer(NamedTuple):
    """What the last hop answered. `pieces`: the body, decoded, within the bounds (raises TooLarge, Unfetched)."""

    status: int
    mime: str
    pieces: AsyncIterator[bytes]


class Target(NamedTuple):
    """Where a request goes: an address taken apart. `host` in ASCII, `path` with the query, as it goes on the line."""

    scheme: str
    host: str
    port: int
    path: bytes

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port


def is_public(address: str) -> bool:
    """Whether an IP address may be connected to."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in network for network in _CLOSED_V4)
    return ip in _OPEN_V6 and not any(ip in network for network in _CLOSED_V6)


def parse(url: str) -> Target:
    """Take an address apart. Raises Blocked for one that is not plainly an http(s) address of a host."""
    if len(url) > URL_LIMIT or _ODD_CHARACTERS.search(url):
        raise Blocked("not an address")
    try:
        parts = httpx.URL(url)
        host = parts.raw_host.decode("ascii").lower()
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise Blocked(f"not an address: {error}"[:200]) from None
    if parts.scheme not in _PORTS or not host or "%" in host:
        raise Blocked("not an address of a web server")
    if parts.userinfo:
        raise Blocked("an address with a password in it")
    port = _PORTS[parts.scheme] if parts.port is None else parts.port
    if not 0 < port < 65536:
        raise Blocked("no such port")
    return Target(parts.scheme, host, port, parts.raw_path)


def origin(url: str) -> tuple[str, str, int] | None:
    """The origin of an address; None if it has none."""
    try:
        return parse(url).origin
    except Blocked:
        return None


def _check(target: Target) -> None:
    """Raise Blocked unless a stranger may send us there, as far as the address tells."""
    if target.scheme != "https" or target.port != 443:
        raise Blocked("only https on port 443")
    try:
        literal = ipaddress.ip_address(target.host)
    except ValueError:
        if _NUMBER.fullmatch(target.host.rstrip(".").rpartition(".")[2]):
            raise Blocked("a host written as a number") from None
        return
    if not is_public(str(literal)):
        raise Blocked(f"not a public address: {literal}")


async def resolve(host: str, port: int) -> list[str]:
    """All addresses of a name, as the system knows them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for _, _, _, _, address in found))


class _Checked(httpcore.AsyncNetworkBackend):
    """Connects to public addresses only, and to none that it did not check itself."""

    def __init__(self, resolve: Resolve, dial: httpcore.AsyncNetworkBackend) -> None:
        self._resolve = resolve
        self._dial = dial

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        if is_public(host):
            addresses = [host]
        else:
            async with asyncio.timeout(timeout):
                addresses = await self._resolve(host, port)
        closed = next((address for address in addresses if not is_public(address)), None)
        if closed is not None:
            raise Blocked(f"{host} is not public: {closed}")
        last: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses[:ADDRESSES]:
            try:
                return await self._dial.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
        raise last


class Fetcher:
    """Fetches addresses. `resolve` and `dial` take the place of the system's resolver and sockets; `tls` of its
    authorities."""

    def __init__(
        self,
        resolve: Resolve = resolve,
        dial: httpcore.AsyncNetworkBackend | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._dial = dial or httpcore.AnyIOBackend()
        self._checked = _Checked(resolve, self._dial)
        self._tls = tls

    @contextlib.asynccontextmanager
    async def get(
        self, url: str, *, largest: int, headers: Mapping[str, str] | None = None, api: str = ""
    ) -> AsyncIterator[Answer]:
        """GET an address and follow where it leads. `headers` go to its own origin only; `largest`: bytes of the body
        at most. `api`: the base URL of the provider's API; what has that origin is fetched without the rules for
        strangers, unless a stranger leads there.

        Raises Blocked, TooLarge or Unfetched.
        """
        target, at_home, hops = parse(url), True, 0
        home, first = origin(api), target.origin
        while True:
            at_home = at_home and target.origin == home
            if not at_home:
                _check(target)
            sent = dict(headers or {}) if target.origin == first else {}
            async with self._hop(target, sent, at_home) as response:
                location = _header(response, b"location")
                if response.status not in _REDIRECTS or not location:
                    yield Answer(response.status, _header(response, b"content-type"), _bounded(response, largest))
                    return
            hops += 1
            if hops > HOPS:
                raise Blocked(f"more than {HOPS} redirects")
            first = first if target.origin == first else ("", "", 0)  # who came back from elsewhere is a stranger
            try:
                url = str(httpx.URL(url).join(location))
            except (httpx.InvalidURL, ValueError):
                raise Blocked("a redirect to nowhere") from None
            target = parse(url)

    @contextlib.asynccontextmanager
    async def _hop(self, target: Target, headers: dict[str, str], at_home: bool) -> AsyncIterator[httpcore.Response]:
        """One request, on a connection of its own: none that was made under other rules is used again."""
        if self._tls is None:
            self._tls = await asyncio.to_thread(httpcore.default_ssl_context)
        named = f"[{target.host}]" if ":" in target.host else target.host
        host = named if _PORTS[target.scheme] == target.port else f"{named}:{target.port}"
        sent = [("Host", host), ("Accept", "*/*"), ("Accept-Encoding", "identity"), *headers.items()]
        pool = httpcore.AsyncConnectionPool(
            ssl_context=self._tls,
            network_backend=self._dial if at_home else self._checked,
            max_connections=1,
            max_keepalive_connections=0,
        )
        try:
            async with (
                pool,
                pool.stream(
                    "GET",
                    httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path),
                    headers=sent,
                    extensions={"timeout": {"connect": CONNECT, "read": READ, "write": READ, "pool": CONNECT}},
                ) as response,
            ):
                yield response
        except (
            httpcore.NetworkError,
            httpcore.TimeoutException,
            httpcore.ProtocolError,
            httpcore.UnsupportedProtocol,
            OSError,
        ) as error:
            raise Unfetched(f"{type(error).__name__}: {error}") from error


def _header(response: httpcore.Response, name: bytes) -> str:
    """A header's text, or nothing."""
    found = next((value for key, value in response.headers if key.lower() == name), b"")
    return bytes(found).decode("latin-1")


async def _bounded(response: httpcore.Response, largest: int) -> AsyncIterator[bytes]:
    """The body: no larger than `largest` before and after decoding, and not too slow."""
    announced = _header(response, b"content-length")
    if announced.isascii() and announced.isdigit() and int(announced[:20]) > largest:
        raise TooLarge
    coding = _header(response, b"content-encoding").strip().lower()
    if coding in ("", "identity"):
        unpack = None
    elif coding in ("gzip", "x-gzip", "deflate"):
        unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    else:
        raise Blocked(f"encoded as {coding[:40]}, which was not asked for")
    clock = asyncio.get_running_loop().time
    begun, raw, size = clock(), 0, 0
    async for piece in response.aiter_stream():
        raw += len(piece)
        elapsed = clock() - begun
        if elapsed > GRACE and raw < elapsed * SLOWEST:
            raise Unfetched(f"only {raw} bytes in {elapsed:.0f} s")
        try:
            # one byte more than may be taken is enough to tell a bomb
            piece = unpack.decompress(piece, largest - size + 1) if unpack is not None else piece
        except zlib.error:
            raise Unfetched("the body is not encoded as it says") from None
        size += len(piece)
        if size > largest or raw > largest:
            raise TooLarge
        if piece:
            yield piece
    if unpack is not None and raw and not unpack.eof:
        raise Unfetched("the body ends too early")
