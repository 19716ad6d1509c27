"""A console whose terminal goes away ends, whether or not the signal reaches it."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.real_server import environment


@pytest.mark.pty
@pytest.mark.parametrize("ignored", [False, True])
def test_a_dead_terminal_ends_the_console(tmp_path: Path, ignored: bool) -> None:
    ours, theirs = pty.openpty()
    console = subprocess.Popen(
        [sys.executable, "-m", "agent_console", "--server", "http://127.0.0.1:9"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=ROOT,
        start_new_session=True,
        env=environment(tmp_path, TERM="xterm-256color"),
        preexec_fn=(lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)) if ignored else None,
    )
    os.close(theirs)
    seen = b""
    while b"\x1b[?1049h" not in seen:  # the console has taken the screen
        seen += os.read(ours, 65536)
    os.close(ours)
    try:
        assert console.wait(30) is not None
    finally:
        console.kill()
