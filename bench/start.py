"""Start-up: `--help` from process start to exit, the server to its first answer, the console to its first rows.

CPU beside the time on the wall, because that says on a busy machine what a quiet one would take.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from bench.figures import cpu_seconds, machine, rss_mb, spread
from bench.pages import large_server
from bench.timing import until
from tests.console.terminal import Terminal
from tests.real_server import PASSWORD, RealServer, environment

ROUNDS, CONSOLES = 15, 9
#: what every row of a filled store shows
IN_ROW = b"buenos"
#: conversations behind the console that is started here; `keys` starts it behind many
FEW = 1_000


def run(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for words in (["--help"], ["conv", "--help"], ["channel", "--help"]):
            took = [_run(["-m", "agent_console", *words], environment(home)) for _ in range(ROUNDS)]
            yield {"what": f"agent-console {' '.join(words)}", **_both(took), "machine": machine()}
        with RealServer(home) as server:
            server.init()
            answered = []
            for _ in range(5):
                started = time.perf_counter()
                server.start()
                httpx.get(server.url + "/readyz").raise_for_status()
                answered.append(time.perf_counter() - started)
                assert server.process is not None
                idle = rss_mb(server.process.pid)
                server.stop()
            yield {"what": "serve to first answer", **spread(answered), "server_rss_mb": idle, "machine": machine()}
    few = argparse.Namespace(**{**vars(options), "conversations": FEW, "messages": FEW, "store": ""})
    with large_server(few) as server:
        for result in starts(signed_in(server), 120, 40):
            yield {**result, "conversations": FEW, "machine": machine()}


def signed_in(server: RealServer) -> dict[str, str]:
    """The environment of an advisor who signed in before."""
    done = server.run(
        "login", server.url, "--user", server.people["advisor"], "--password-stdin", given=f"{PASSWORD}\n"
    )
    assert done.returncode == 0, done.stderr
    return environment(server.home)


def starts(env: dict[str, str], columns: int, rows: int) -> Iterator[dict[str, Any]]:
    """The console from its start to its first rows, and, turn by turn with it, what every program with Textual pays
    before its first line."""
    ours, theirs = [], []
    for _ in range(CONSOLES):
        ours.append(_console(env, columns, rows))
        theirs.append(_run(["-c", "import textual.app"], env))
    yield {"what": "start to first rows", **_both(ours)}
    yield {"what": "of it, importing textual", **_both(theirs)}


#: seconds on the wall and of CPU
_Took = tuple[float, float]


def _both(took: list[_Took]) -> dict[str, float]:
    return {**spread([wall for wall, _ in took]), "least_cpu_ms": round(min(cpu for _, cpu in took) * 1000)}


def _console(env: dict[str, str], columns: int, rows: int) -> _Took:
    with Terminal([sys.executable, "-m", "agent_console"], columns, rows, env) as terminal:
        return until(terminal, IN_ROW) - terminal.started, cpu_seconds(terminal.pid)


def _run(command: list[str], env: dict[str, str]) -> _Took:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL, env=env)
    after, ended = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    return ended - began, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
