"""From a key to the settled paint, in a real pseudo-terminal, before an inbox of a million; and what comes in, painted.

Time of a key: from its first byte written to the last byte read before a silence (which is not counted), so that a late
second frame counts. The terminal's queries are answered at once; nothing is emulated in the timed path.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from bench import hooks, mailers
from bench.figures import machine, rss_mb, spread
from bench.pages import large_server
from bench.start import IN_ROW, signed_in, starts
from bench.timing import settled, shown_and_settled, still, until
from tests.console.terminal import Terminal
from tests.real_server import RealServer

SIZES = ((120, 40), (80, 24))
#: what only an opened conversation of the filled store shows, not its row
IN_THREAD = b"favor?"
KEYS, OPENS, ARRIVALS = 200, 40, 60
DOWN, UP, PAGE_DOWN, HOME, ENTER, ESCAPE = b"\x1b[B", b"\x1b[A", b"\x1b[6~", b"\x1b[H", b"\r", b"\x1b"
#: consoles beside ours, for the second round of arrivals
CROWD = 200


def run(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    with large_server(options) as server:
        env = signed_in(server)
        about = {"conversations": options.conversations, "machine": machine()}
        ours: dict[str, dict[str, float]] = {}
        for columns, rows in SIZES:
            size = f"{columns}x{rows}"
            if (columns, rows) == SIZES[0]:
                for result in starts(env, columns, rows):
                    yield {**result, "size": size, **about}
            with _console(env, columns, rows) as terminal:
                yield {"what": "console memory at first", "size": size, "rss_mb": rss_mb(terminal.pid), **about}
                for what, took in _keys(terminal, rows):
                    ours[f"{what} {size}"] = spread(took)
                    yield {"what": what, "size": size, **spread(took), **about}
                yield {"what": "console memory", "size": size, "rss_mb": rss_mb(terminal.pid), **about}
            for crowd in (0, CROWD) if (columns, rows) == SIZES[0] else (0,):
                with _crowd(server, crowd), _console(env, columns, rows) as terminal:
                    took = _arrivals(server, terminal, f"{columns}-{crowd}-{time.time_ns()}")
                    yield {"what": "message to painted", "consoles": 1 + crowd, "size": size, **spread(took), **about}
        for result in () if options.alone else mailers.run(options):
            beside = ours.get(f"{result['what']} {result['size']}")
            if beside and result.get("p95_ms"):
                result["ours_to_theirs_p95"] = round(beside["p95_ms"] / result["p95_ms"], 2)
            yield result


def _console(env: dict[str, str], columns: int, rows: int) -> Terminal:
    terminal = Terminal([sys.executable, "-m", "agent_console"], columns, rows, env)
    until(terminal, IN_ROW)
    still(terminal, silence=0.9)
    return terminal


def _keys(terminal: Terminal, rows: int) -> Iterator[tuple[str, list[float]]]:
    """Each kind of key, many times."""
    gc.collect()
    still(terminal, HOME)
    for _ in range(5):
        settled(terminal, DOWN)
    moves = [settled(terminal, key) for _ in range(KEYS // 20) for key in [DOWN] * 10 + [UP] * 10]
    yield "move", moves
    for _ in range(rows):
        settled(terminal, DOWN)
    yield "scroll one", [settled(terminal, DOWN) for _ in range(KEYS)]
    yield "page down", [settled(terminal, PAGE_DOWN, silence=0.045) for _ in range(KEYS // 2)]
    cold, warm = [], []
    for _ in range(OPENS):
        settled(terminal, PAGE_DOWN)
        cold.append(shown_and_settled(terminal, ENTER, IN_THREAD, 0.08))
        still(terminal, ESCAPE)
        still(terminal, DOWN, 0.4)  # the cursor rests: the conversation under it is got ready
        warm.append(shown_and_settled(terminal, ENTER, IN_THREAD, 0.08))
        still(terminal, ESCAPE)
    for what, opened in (("open, got ready", warm), ("open, not held", cold)):
        yield what, [shown for shown, _ in opened]
        yield f"{what}: all that follows", [done for _, done in opened]


def _arrivals(server: RealServer, terminal: Terminal, tag: str) -> list[float]:
    """Seconds from the first byte of a customer's webhook to its words on the screen."""
    chance = random.Random(tag)
    port = int(server.url.rpartition(":")[2])
    took: list[float] = []
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def send(n: int, words: str) -> float:
            began = time.perf_counter()
            line.sendall(hooks.request("/hooks/wa", hooks.message(f"k{tag}", n * hooks.PEOPLE + n % 5, words)))
            return began

        def answered() -> None:
            head = line.recv(65536)
            assert head.startswith(b"HTTP/1.1 200"), head

        for n in range(5):  # they begin to wait, which puts them at the top of the list
            send(n, "hola")
            answered()
        still(terminal, b"3", 0.9)
        still(terminal, b".", 0.5)
        still(terminal, HOME, 0.5)
        for n in range(ARRIVALS):
            still(terminal, silence=chance.uniform(0.05, 0.35))
            word = f"ficha{n:03}"
            start = len(terminal.data)
            began = send(n + 5, word)
            took.append(until(terminal, word.encode(), start) - began)
            answered()
    return took


@contextlib.contextmanager
def _crowd(server: RealServer, count: int) -> Iterator[None]:
    """Other consoles on the same feed."""
    if not count:
        yield
        return
    port = server.url.rpartition(":")[2]
    command = [sys.executable, "-m", "bench.consoles", port, str(count)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        tokens = [server.tokens["supervisor"], server.tokens["admin"]]
        process.stdin.write("\n".join((str(len(tokens)), *tokens, "")))
        process.stdin.flush()
        assert process.stdout.readline() == "ready\n"
        try:
            yield
        finally:
            process.stdin.close()
            process.stdout.read()
