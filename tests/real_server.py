"""A server as an operator starts one: `agent-console init` and `serve` in a process of its own, on a free port."""

from __future__ import annotations

import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import ClassVar

import httpx
import msgspec

from server.wire import API, NewUser, Role, Session, SignIn

READY = re.compile(r"listening on (http://\S+)")
#: Seconds a start may take; a loaded machine needs some.
PATIENCE = 60.0
PASSWORD = "a long enough passphrase"


def environment(home: Path, **more: str) -> dict[str, str]:
    """This process's environment, without the settings of the user who runs the tests; state goes under `home`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AGENT_CONSOLE_", "XDG_"))}
    if kept.pop(
        "PYTHONDONTWRITEBYTECODE", ""
    ):  # an installed program has its byte code, so these have it too, elsewhere
        kept.setdefault("PYTHONPYCACHEPREFIX", str(Path(tempfile.gettempdir()) / "agent-console-bytecode"))
    places = {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
    fixed = {
        "AGENT_CONSOLE_LANG": "en",
        "HOME": str(home),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "PYTHONUNBUFFERED": "1",
    }
    return {**kept, **places, **fixed, **more}


class RealServer:
    """A data folder under `home` and the server that runs on it. `people` maps a role to who signs in with it."""

    people: ClassVar[dict[Role, str]] = {"admin": "root", "supervisor": "sofia", "advisor": "ana"}

    def __init__(self, home: Path, *options: str) -> None:
        self.home = home
        self.data = home / "server"
        self.options = options
        self.log = home / "server.log"
        self.url = ""
        self.tokens: dict[Role, str] = {}
        self.process: subprocess.Popen[str] | None = None
        #: what Python runs as the server; a test that must change what no setting changes puts a module of its own here
        self.program: tuple[str, ...] = ("-m", "agent_console")

    def init(self) -> RealServer:
        """Make the data folder with its first admin."""
        done = self.run("init", "--data", str(self.data), "--admin", self.people["admin"], "--password-stdin")
        assert done.returncode == 0, done.stderr
        return self

    def run(self, *command: str, given: str = PASSWORD + "\n") -> subprocess.CompletedProcess[str]:
        """One `agent-console` command in this home."""
        return subprocess.run(
            [sys.executable, "-m", "agent_console", *command],
            input=given,
            text=True,
            capture_output=True,
            timeout=PATIENCE,
            env=environment(self.home),
            check=False,
        )

    def start(self) -> RealServer:
        """Start it and wait until it says where it listens: any free port at first, the same one from then on."""
        port = self.url.rpartition(":")[2] or "0"
        command = [sys.executable, *self.program, "serve", "--data", str(self.data), "--port", port]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [*command, *self.options],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment(self.home),
            )
        self.url = self._await_ready(self.process)
        return self

    def _await_ready(self, process: subprocess.Popen[str]) -> str:
        lines: queue.SimpleQueue[str] = queue.SimpleQueue()

        def drain() -> None:
            assert process.stdout is not None
            with process.stdout as stdout:
                for line in stdout:
                    lines.put(line)
            lines.put("")  # the end

        threading.Thread(target=drain, daemon=True).start()
        while line := lines.get(timeout=PATIENCE):
            if ready := READY.search(line):
                return ready[1]
        raise AssertionError(f"the server did not start:\n{self.log.read_text()[-4000:]}")

    def sign_in_all(self) -> RealServer:
        """Make a supervisor and an advisor and sign everybody in."""
        self.tokens["admin"] = self.sign_in(self.people["admin"])
        with self.client("admin") as admin:
            for role, name in self.people.items():
                if role != "admin":
                    made = admin.post("/users", content=_json(NewUser(name=name, password=PASSWORD, role=role)))
                    assert made.is_success, made.text
                    self.tokens[role] = self.sign_in(name)
        return self

    def sign_in(self, user: str, password: str = PASSWORD) -> str:
        """A fresh token for this user."""
        answer = httpx.post(
            self.url + API + "/sessions", content=_json(SignIn(user=user, password=password)), timeout=PATIENCE
        )
        assert answer.is_success, answer.text
        return msgspec.json.decode(answer.content, type=Session).token

    def client(self, role: Role | None = None) -> httpx.Client:
        """An HTTP client of the API, signed in as that role if one is named."""
        headers = {"Content-Type": "application/json"}
        if role is not None:
            headers["Authorization"] = f"Bearer {self.tokens[role]}"
        return httpx.Client(base_url=self.url + API, headers=headers, timeout=PATIENCE)

    def stop(self) -> int:
        """Ask it to end (SIGTERM) and wait; its exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(PATIENCE)

    def __enter__(self) -> RealServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()


def _json(body: msgspec.Struct) -> bytes:
    return msgspec.json.encode(body)
