"""The demo's office: a server, the simulated customers and the people who answer them, started and ended together."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec

from agent_console import (
    demo_assignment,
    demo_automation,
    demo_protocol,
    demo_review,
    demo_routing,
    demo_sla,
    demo_templates,
)
from agent_console.backend import calls, calls_work
from agent_console.backend.api import Api, ApiError, Unreachable
from agent_console.cli.errors import Failure
from agent_console.demo_child import CLEAR
from agent_console.demo_program import Closed, Program
from agent_console.i18n import _
from server import wire

#: who works here: (sign-in name, shown name, role)
PEOPLE: tuple[tuple[str, str, wire.Role], ...] = (
    ("ana", "Ana Morales", "advisor"),
    ("luis", "Luis Batres", "advisor"),
    ("rosa", "Rosa Alvarenga", "advisor"),
    ("sofia", "Sofía Cáceres", "supervisor"),
)
ADMIN = "admin"
#: where the invented cooperative is
ZONE = "America/El_Salvador"
TEAMS = {"Servicio al cliente": ["ana", "luis", "rosa", "sofia"], "Créditos": ["luis", "sofia"]}
#: the web chat's channel; each one is called as its kind is, also in its address
WEB = "webchat"
_URL = re.compile(r"https?://\S+")


class Papers(msgspec.Struct, kw_only=True):
    """What a demo keeps in its data folder to go on another day: who its customers are, and how one signs in.

    `url`, `world`: where the server and the customers' controls listen while it runs.
    """

    seed: int
    password: str
    customers: int = 24
    url: str = ""
    world: str = ""


class _Announcement(msgspec.Struct, kw_only=True):
    """What the simulated customers' program says of itself: the settings of a channel of each kind."""

    url: str
    channels: dict[str, dict[str, str]]


class Office:
    """Everything the demo runs on. Use as a context manager: what was started ends, and what is temporary goes.

    `data` None: a temporary folder that is removed. After `open`: `url`, the tokens by sign-in name, `world` (the
    address of the customers' controls), `started_at` (UTC ms by this machine's clock) and `since` (journal's seq).
    `sign_in`: whom to sign in. `past`: a new store begins with customers who have written before. `trouble`: a channel
    whose provider refuses what is sent.
    """

    def __init__(
        self,
        data: Path | None,
        *,
        port: int = 0,
        seed: int | None = None,
        customers: int | None = None,
        lang: str = "es",
        pace: float = 1.0,
        sign_in: Sequence[str] = ("ana",),
        past: bool = False,
        trouble: str = "",
    ) -> None:
        self.work = Path(tempfile.mkdtemp(prefix="agent-console-demo-"))
        self.data = data if data is not None else self.work / "data"
        self.kept = data is not None
        self.port = port
        self.lang = lang
        self.pace = pace
        self.url = self.world = ""
        self.tokens: dict[str, str] = {}
        self.users: dict[str, wire.User] = {}
        self._sign_in = sign_in
        self._past, self._has_past = past, False
        self._trouble = trouble
        self.started_at = self.since = 0
        self._programs: list[Program] = []
        self._starting, self._closed = threading.Lock(), False
        self._seed, self._customers = seed, customers
        self.papers = Papers(seed=0, password="")

    def __enter__(self) -> Office:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # ---------------------------------------------------------------- opening

    def open(self) -> None:
        """Start everything but the customers. Raises Failure."""
        fresh = self._take_papers()
        sandbox = self._start(
            "sandbox",
            "server.sandbox",
            *("--seed", str(self.papers.seed), "--customers", str(self.papers.customers), "--pace", str(self.pace)),
        )
        # Asked for when it is needed: the programs get ready side by side.
        announced = functools.cache(lambda: msgspec.json.decode(sandbox.first_line(), type=_Announcement))
        if fresh and self._past:
            self._write_past(announced)
        elif fresh:
            self._init()
        self._has_past = fresh and self._past
        server = self._start("server", "agent_console", "serve", "--data", str(self.data), "--port", str(self.port))
        found = _URL.search(server.first_line())
        if found is None:
            raise Failure(server.last_words())
        self.url = found[0]
        self.world = announced().url
        self.ask_world("POST", "connect", {"server": self.url})
        asyncio.run(self._furnish(announced().channels))
        self.papers.url, self.papers.world = self.url, self.world
        self._keep_papers()

    def let_customers_write(self) -> None:
        """From now on they do."""
        self.started_at = time.time_ns() // 1_000_000
        self.ask_world("POST", "begin", {"server": self.url, "past": self._has_past, "trouble": self._trouble})

    def start_crew(self, crew: Path) -> None:
        """Start the scripted colleagues of the person at the console; `crew` says who and how."""
        self._start("colleagues", "agent_console.demo_advisor", str(crew))

    def _take_papers(self) -> bool:
        """Read or write what the demo keeps; True if there is no store yet. Raises Failure."""
        file = self.data / "demo.json"
        store = (self.data / "agent-console.db").exists()
        if self.data.exists() and not self.data.is_dir():
            raise Failure(_("{folder} is a file. Name a folder.").format(folder=self.data))
        if store and not file.exists():
            raise Failure(
                _(
                    "{folder} is not a demo's: simulated customers would mix with real ones. Name another folder."
                ).format(folder=self.data)
            )
        try:
            if store:
                self.papers = msgspec.json.decode(file.read_bytes(), type=Papers)
                self.papers.url = self.papers.world = ""  # of the last time, had it been killed
                if self._customers is not None:
                    self.papers.customers = self._customers
                return False
            self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        except (OSError, msgspec.MsgspecError) as error:
            why = (error.strerror if isinstance(error, OSError) else "") or str(error)
            raise Failure(_("{folder} cannot be used: {why}").format(folder=self.data, why=why)) from None
        seed = secrets.randbelow(10**6) if self._seed is None else self._seed
        self.papers = Papers(seed=seed, password=_password(), customers=self._customers or 24)
        return True

    def _keep_papers(self) -> None:
        file = self.data / "demo.json"
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(msgspec.json.encode(self.papers))

    def _init(self) -> None:
        """Make the store as an operator does. Raises Failure."""
        given = ("--data", str(self.data), "--admin", ADMIN, "--team", next(iter(TEAMS)), "--zone", ZONE)
        self._make_store("agent_console", "init", *given, "--password-stdin", said=lambda: f"{self.papers.password}\n")

    def _write_past(self, announced: Callable[[], _Announcement]) -> None:
        """Make a store in which a lot has happened already. Raises Failure."""
        numbers = ("--seed", str(self.papers.seed), "--customers", str(self.papers.customers))
        self._make_store(
            "server.sandbox.world_past", "--data", str(self.data), *numbers, said=lambda: self._staff(announced())
        )

    def _staff(self, announced: _Announcement) -> str:
        """Who works here and over which channels. The server's own address is not known yet."""
        team, own = next(iter(TEAMS)), self._settings(announced.channels, "http://127.0.0.1")
        staff = {
            "admin": ADMIN,
            "password": self.papers.password,
            "language": self.lang,
            "teams": list(TEAMS),
            "users": self._new_users(),
            "channels": [wire.NewChannel(kind=kind, name=kind, settings=own[kind], team=team) for kind in own],
        }
        return msgspec.json.encode(staff).decode()

    def _make_store(self, *command: str, said: Callable[[], str]) -> None:
        """Run a program that makes the store. It gets ready while what it is told is found out."""
        # Written before the store is made: a demo that is interrupted here can be taken up again.
        self._keep_papers()
        with subprocess.Popen(
            [sys.executable, "-m", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=self._environment(),
        ) as program:
            try:
                errors = program.communicate(said())[1]
            except BaseException:
                program.kill()
                raise
        if program.returncode != 0:
            told = errors.strip().splitlines()
            why = told[-1].removeprefix("agent-console: ") if told else _("nobody knows why")
            raise Failure(_("The demo could not be set up: {why}").format(why=why))

    def _environment(self) -> dict[str, str]:
        """What our programs get: nothing of the person's own settings, and their own place for state."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("AGENT_CONSOLE_")}
        return {**kept, **self.places(), "AGENT_CONSOLE_LANG": self.lang, "PYTHONUNBUFFERED": "1"}

    def places(self) -> dict[str, str]:
        """Variables that keep sign-ins, drafts and the like of this demo apart from the person's own."""
        home = self.data / "console" if self.kept else self.work / "console"
        places = {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("CONFIG", "STATE", "CACHE")}
        return {**places, "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}

    def _start(self, name: str, *command: str) -> Program:
        with self._starting:
            if self._closed:
                raise Closed
            program = Program(name, list(command), self._environment(), self.work)
            self._programs.append(program)
        return program

    # ---------------------------------------------------------------- people and channels

    async def _furnish(self, announced: dict[str, dict[str, str]]) -> None:
        """Teams, people and channels, as far as they are missing; sign in who shall work. Raises Failure."""
        api = Api(self.url, lang=self.lang)
        try:
            api.token = (await api.send(calls.sign_in(ADMIN, self.papers.password, "demo"))).token
            teams = {team.name for team in (await api.send(calls.teams())).items}
            await asyncio.gather(
                *(api.send(calls.add_team(wire.NewTeam(name=name))) for name in TEAMS if name not in teams)
            )
            # Hashing a password takes a while on purpose; the server does several at once.
            await asyncio.gather(
                self._people(api), self._channels(api, announced), self._templates(api), demo_routing.furnish(api)
            )
            await demo_protocol.furnish(api)
            await demo_sla.furnish(api)
            await demo_assignment.furnish(api)
            await demo_automation.furnish(api)
            await demo_review.furnish(api)
            opened = await asyncio.gather(
                *(api.send(calls.sign_in(name, self.papers.password, "demo")) for name in self._sign_in)
            )
            self.users = {session.user.name: session.user for session in opened}
            self.tokens = {session.user.name: session.token for session in opened}
            self.since = (await api.send(calls.conversations("all", limit=1))).as_of
        except (ApiError, Unreachable) as error:
            raise Failure(_("The demo could not be set up: {why}").format(why=error)) from None
        finally:
            await api.close()

    async def _people(self, api: Api) -> None:
        known = {user.name for user in (await api.send(calls.users())).items}
        new = [user for user in self._new_users() if user.name not in known]
        await asyncio.gather(*(api.send(calls.add_user(user)) for user in new))

    async def _templates(self, api: Api) -> None:
        known = {template.name for template in (await api.send(calls_work.templates())).items}
        await asyncio.gather(
            *(api.send(calls_work.add_template(each)) for each in demo_templates.templates() if each.name not in known)
        )

    def _new_users(self) -> list[wire.NewUser]:
        return [
            wire.NewUser(
                name=name,
                password=self.papers.password,
                role=role,
                display_name=shown,
                language=self.lang,
                teams=[team for team, members in TEAMS.items() if name in members],
            )
            for name, shown, role in PEOPLE
        ]

    def _settings(self, announced: dict[str, dict[str, str]], url: str) -> dict[str, dict[str, str]]:
        """The settings of every channel, by kind; `url` is our server's."""
        own = {WEB: {"origins": url, "title": "Cooperativa Maquilishuat", "language": "auto"}}
        return {**announced, **own, "sms": {**announced["sms"], "public_url": url}}

    async def _channels(self, api: Api, announced: dict[str, dict[str, str]]) -> None:
        """Set the channels up as `agent-console channel add` does, or say where the stand-ins listen today."""
        known = {channel.name for channel in (await api.send(calls.channels())).items}
        team = next(iter(TEAMS))
        await asyncio.gather(
            *(
                api.send(calls.change_channel(kind, wire.ChangeChannel(settings=own)))
                if kind in known
                else api.send(calls.add_channel(wire.NewChannel(kind=kind, name=kind, settings=own, team=team)))
                for kind, own in self._settings(announced, self.url).items()
            )
        )

    # ---------------------------------------------------------------- the customers

    def ask_world(self, method: str, what: str, body: Any = None) -> bytes:
        """Ask the customers' controls. Raises Failure if they are gone."""
        import urllib.error
        import urllib.request

        data = None if body is None else msgspec.json.encode(body)
        asked = urllib.request.Request(f"{self.world}/_world/{what}", data=data, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(asked, timeout=20) as answer:
                said: bytes = answer.read()
        except (urllib.error.URLError, OSError) as error:
            raise Failure(_("The simulated customers are gone: {why}").format(why=error)) from None
        return said

    # ---------------------------------------------------------------- closing

    def close(self) -> None:
        """End everything, the customers first and the server last; remove what is temporary."""
        if self.kept and self.papers.url:
            self.papers.url = self.papers.world = ""
            with contextlib.suppress(OSError):
                self._keep_papers()
        with self._starting:
            self._closed = True
        others = [program for program in self._programs if program.name != "server"]
        for program in others:
            program.ask_to_end()
        for program in others:
            program.end()
        for program in self._programs:
            # The last to go removes the folder: we may be cut short ourselves, when a terminal is closed.
            program.end(CLEAR)
        self._programs = []
        shutil.rmtree(self.work, ignore_errors=True)


def _password() -> str:
    """A password that can be read out and typed."""
    syllables = [c + v for c in "bcdfglmnprst" for v in "aeiou"]
    return "-".join("".join(secrets.choice(syllables) for _n in range(3)) for _m in range(3))


def end_on_signals(leave: Callable[[], None] | None = None) -> None:
    """Let SIGTERM and SIGHUP end this program in good order, as ctrl+c does; `leave` does it another way."""

    def asked(number: int, frame: FrameType | None) -> None:
        if leave is None:
            raise SystemExit(128 + number)
        leave()

    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), asked)
