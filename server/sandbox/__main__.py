"""`python -m server.sandbox`: stand-ins for all providers and the demo's simulated customers, until SIGTERM or ctrl+c.

Prints one line of JSON once it listens: `url` (its own address), and the settings of a channel of each kind that
belongs to it. The customers write when they are told where: `--server`, or `POST /_world/begin` (see `world_http`); the
server's channels are called as their kinds are.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys

import msgspec

from server.sandbox.graph_server import serving
from server.sandbox.world import Place, World
from server.sandbox.world_http import make_app


class Announcement(msgspec.Struct, kw_only=True):
    """The line that is printed. `channels`: by kind, the settings for `agent-console channel add`."""

    url: str
    channels: dict[str, dict[str, str]]


async def run(world: World, host: str, port: int, place: Place | None) -> None:
    """Serve and live until the program is asked to end."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # not on Windows
            loop.add_signal_handler(name, ended.set)
    async with world.living(), serving(make_app(world), host, port) as url:
        if place is not None:
            world.begin(place)
        told = Announcement(url=url, channels=world.providers.channels(f"{url}/v26.0"))
        sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
        sys.stdout.flush()
        await ended.wait()


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m server.sandbox", description="Simulated customers. Nobody is real."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: any free one; printed at the start")
    parser.add_argument("--seed", type=int, default=0, help="the same number makes the same customers")
    parser.add_argument("--customers", type=int, default=24)
    parser.add_argument("--pace", type=float, default=1.0, help="above 1 slower, below 1 quicker")
    parser.add_argument("--no-faults", action="store_true", help="nothing goes wrong on the way")
    parser.add_argument("--server", default="", help="URL of the server they write to")
    given = parser.parse_args()
    place = Place(server=given.server) if given.server else None
    world = World(given.seed, given.customers, pace=given.pace, faults=not given.no_faults)
    try:
        asyncio.run(run(world, given.host, given.port, place))
    except OSError as error:
        parser.exit(1, f"cannot listen on {given.host}:{given.port}: {error.strerror}\n")


if __name__ == "__main__":
    main()
