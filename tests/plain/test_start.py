"""The start: nothing of the screen's console is loaded, and it does not take long."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from tests.real_server import RealServer, environment
from tests.test_architecture import loaded_by

#: seconds of the processor that a start takes at most; the wall clock of a shared machine tells nothing
MOST = 1.0


def test_it_loads_no_textual(tmp_path: Path) -> None:
    loaded = loaded_by("import agent_console.plain.program, agent_console.plain.desk, agent_console.plain.reading, "
                       "agent_console.plain.writing, agent_console.plain.sending, agent_console.plain.templates, "
                       "agent_console.plain.keeping, agent_console.plain.helping", tmp_path)  # fmt: skip
    assert "rich" in loaded
    assert not {"textual", "httpx", "websockets", "sqlite3", "starlette", "typer", "jinja2"} & loaded


def test_it_is_ready_soon(real_server: RealServer) -> None:
    """From the command to the list read out: processor time of the process, children counted by the system."""
    import resource

    variables = environment(
        real_server.home, AGENT_CONSOLE_SERVER=real_server.url, AGENT_CONSOLE_TOKEN=real_server.tokens["advisor"]
    )

    def once() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        ran = subprocess.run(
            [sys.executable, "-m", "agent_console", "--plain"],
            input="list\n", text=True, capture_output=True, env=variables, timeout=60, check=True,
        )  # fmt: skip
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert ran.stdout == "Mine: no conversations.\n"
        return after.ru_utime - before.ru_utime

    began = time.monotonic()
    assert min(once() for _ in range(3)) < MOST
    assert time.monotonic() - began < 60
