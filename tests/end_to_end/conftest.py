"""A demo as a person starts it: in a process of its own, with a home and a temporary folder of its own."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.real_server import environment

#: seconds that anything here may take on a machine that does a lot besides
PATIENCE = 120.0


def wait_until(true: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """Wait until `true()` is; its answer. Fails with `what` never came."""
    deadline = time.monotonic() + seconds
    while True:
        if found := true():
            return found
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.05)


class Demo:
    """One `agent-console demo`, with what it says. `home` is its user's, `temporary` where it may leave nothing."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.temporary = home / "tmp"
        self.temporary.mkdir(parents=True, exist_ok=True)
        self.process: subprocess.Popen[str] | None = None
        self._children: list[psutil.Process] = []

    @property
    def env(self) -> dict[str, str]:
        return environment(self.home, TMPDIR=str(self.temporary), AGENT_CONSOLE_LANG="en")

    def command(self, *options: str) -> list[str]:
        return [sys.executable, "-m", "agent_console", "demo", *options]

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        return subprocess.run(
            self.command(*options), capture_output=True, text=True, env=self.env, timeout=PATIENCE * 2, check=False
        )

    def start(self, *options: str) -> subprocess.Popen[str]:
        """Start it, and go on."""
        self.process = subprocess.Popen(
            self.command(*options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.env
        )
        return self.process

    def children(self, pid: int) -> list[psutil.Process]:
        """The programs that this demo runs on; remembered, to see that they end."""
        with contextlib.suppress(psutil.NoSuchProcess):
            self._children = psutil.Process(pid).children(recursive=True) or self._children
        return self._children

    def left(self) -> list[str]:
        """What is still there of it: programs, temporary folders."""
        alive = [" ".join(child.cmdline()) for child in self._children if _runs(child)]
        return alive + sorted(path.name for path in self.temporary.iterdir())

    def papers(self, data: Path) -> dict[str, Any]:
        """What a running demo has written into its data folder, once it is up."""

        def written() -> dict[str, Any] | None:
            try:
                found: dict[str, Any] = json.loads((data / "demo.json").read_text())
            except (OSError, ValueError):
                return None
            return found if found.get("world") else None

        found: dict[str, Any] = wait_until(written, "the demo is up")
        return found

    def ledger(self, data: Path) -> dict[str, Any]:
        """What the customers of a running demo know, once the first of them has written."""
        url = self.papers(data)["world"] + "/_world/ledger"

        def written() -> dict[str, Any] | None:
            found: dict[str, Any] = httpx.get(url, timeout=PATIENCE).json()
            return found if any(offer["taken"] for offer in found["offers"]) else None

        found: dict[str, Any] = wait_until(written, "a customer writes")
        return found

    def wait_until_gone(self) -> None:
        """Wait until nothing is left of it."""
        deadline = time.monotonic() + PATIENCE
        while left := self.left():
            assert time.monotonic() < deadline, f"still there: {left}"
            time.sleep(0.05)


def _runs(child: psutil.Process) -> bool:
    try:
        return child.is_running() and child.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """A demo, not started yet; ended if it still runs."""
    found = Demo(tmp_path)
    yield found
    if found.process is not None and found.process.poll() is None:
        found.process.kill()
        found.process.communicate()
