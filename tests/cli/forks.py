"""Runs `agent-console` often and cheaply: each command in a fork of a process that has the heavy imports behind it.

A command run this way differs from one typed in nothing but its start: it has its own process, environment, stdin,
stdout and stderr, and imports the modules of `agent_console.cli` itself. Starting Python for each of some hundred
commands would take minutes.

`python -m tests.cli.forks` is that process: it reads one JSON object a line (`words`, `variables`, `given`) and answers
one (`code`, `out`, `err`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Any


class Forks:
    """Use as a context manager; `run` is like `subprocess.run` of the command."""

    def __enter__(self) -> Forks:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.forks"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *error: object) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(60)

    def run(self, words: tuple[str, ...], variables: dict[str, str], given: str) -> subprocess.CompletedProcess[str]:
        """One command with exactly these environment variables, and `given` on its stdin."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps({"words": words, "variables": variables, "given": given}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return subprocess.CompletedProcess(words, answer["code"], answer["out"], answer["err"])


def main() -> None:
    """Fork for each line of stdin."""
    import httpx  # noqa: F401
    import typer  # noqa: F401

    import agent_console.backend.api
    import agent_console.backend.calls
    import agent_console.safetext  # noqa: F401

    requests = os.fdopen(os.dup(0), encoding="utf-8")
    for line in requests:
        request = json.loads(line)
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            given.write(request["given"].encode())
            given.seek(0)
            child = os.fork()
            if not child:
                _become(request, given, out, err)
            _, status = os.waitpid(child, 0)
            said = [_whole(file) for file in (out, err)]
        answer = {"code": os.waitstatus_to_exitcode(status), "out": said[0], "err": said[1]}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _whole(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


def _become(request: dict[str, Any], *files: IO[bytes]) -> None:
    """Be the command, and end with its exit code."""
    code: Any = 70
    try:
        for number, file in enumerate(files):
            os.dup2(file.fileno(), number)
        sys.stdin = os.fdopen(0, encoding="utf-8")
        sys.stdout = os.fdopen(1, "w", encoding="utf-8")
        sys.stderr = os.fdopen(2, "w", encoding="utf-8")
        os.environ.clear()
        os.environ.update(request["variables"])
        os.chdir(Path(__file__).resolve().parent.parent.parent)
        sys.argv = ["agent-console", *request["words"]]
        from agent_console.__main__ import main as command

        command()
    except SystemExit as end:
        code = end.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 70)


if __name__ == "__main__":
    main()
