"""Start-up: `--help` from process start to exit, and the server from process start to its first answer."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from bench.figures import machine, rss_mb, spread
from tests.real_server import RealServer, environment

ROUNDS = 15


def run(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for words in (["--help"], ["conv", "--help"], ["channel", "--help"]):
            took = []
            for _ in range(ROUNDS):
                started = time.perf_counter()
                subprocess.run(
                    [sys.executable, "-m", "agent_console", *words],
                    check=True,
                    stdout=subprocess.DEVNULL,
                    env=environment(home),
                )
                took.append(time.perf_counter() - started)
            yield {"what": f"agent-console {' '.join(words)}", **spread(took), "machine": machine()}
        with RealServer(home) as server:
            server.init()
            took = []
            for _ in range(5):
                started = time.perf_counter()
                server.start()
                httpx.get(server.url + "/readyz").raise_for_status()
                took.append(time.perf_counter() - started)
                assert server.process is not None
                idle = rss_mb(server.process.pid)
                server.stop()
            yield {"what": "serve to first answer", **spread(took), "server_rss_mb": idle, "machine": machine()}
