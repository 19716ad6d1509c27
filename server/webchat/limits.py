"""How much one visitor and one address may do. Token buckets in memory, monotonic time in seconds passed in."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict

import msgspec


class Rate(msgspec.Struct, frozen=True):
    """`per_second` on average, `burst` at once."""

    per_second: float
    burst: int


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The chat's limits. An address is an IPv4 address or an IPv6 /64; in mobile networks many visitors share one."""

    messages: Rate = Rate(1.0, 10)  # per visitor
    frames: Rate = Rate(20.0, 100)  # per socket, everything counted
    connections: Rate = Rate(5.0, 150)  # per address
    newcomers: Rate = Rate(1.0, 120)  # per address: visitors who write for the first time
    sockets_per_address: int = 500
    sockets_per_visitor: int = 20
    sockets: int = 10_000
    hello_seconds: float = 10.0
    silence_seconds: float = 90.0
    queue: int = 256  # frames waiting for one slow reader


class Buckets:
    """A token bucket per key. Keys whose bucket is full again are forgotten, the oldest first if there are too many."""

    def __init__(self, rate: Rate, keep: int = 50_000) -> None:
        self.rate = rate
        self._keep = keep
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()  # key -> (tokens, at)

    def take(self, key: str, now: float) -> float:
        """Take one token. 0.0 if there was one, else the seconds until there is one again."""
        rate = self.rate
        tokens, at = self._levels.pop(key, (float(rate.burst), now))
        tokens = min(float(rate.burst), tokens + (now - at) * rate.per_second)
        wait = 0.0
        if tokens >= 1.0:
            tokens -= 1.0
        else:
            wait = (1.0 - tokens) / rate.per_second
        self._levels[key] = (tokens, now)
        self._forget(now)
        return wait

    def __len__(self) -> int:
        return len(self._levels)

    def _forget(self, now: float) -> None:
        full_after = self.rate.burst / self.rate.per_second
        while self._levels:
            key, (_, at) = next(iter(self._levels.items()))
            if now - at < full_after and len(self._levels) <= self._keep:
                return
            del self._levels[key]


def address_key(host: str) -> str:
    """What counts as one address: IPv4 as it is, IPv6 by its /64 (what one subscriber gets)."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return host
