"""Where a sign-in is kept: in the keyring if there is one that answers, else in a file only its owner can read."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading
from pathlib import Path

import keyring
import keyring.backend
import pytest
from keyring.backends.null import Keyring as NoKeyring

from agent_console.backend import credentials
from server import wire
from tests.real_server import environment

HERE, THERE = "http://127.0.0.1:8080", "https://contacto.example"
ROOT = Path(__file__).resolve().parents[2]


def opened(token: str = "secret-token", name: str = "ana") -> wire.Session:
    user = wire.User(id=1, name=name, display_name="Ana Morales", role="advisor")
    return wire.Session(token=token, user=user, expires_at=9)


class Ring(keyring.backend.KeyringBackend):
    """A keyring in memory."""

    priority = 5

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Locked(Ring):
    """A keyring that says no to everything."""

    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError("locked")

    set_password = delete_password = get_password  # type: ignore[assignment]


class Hanging(Ring):
    """A keyring that waits for a bus that is not there."""

    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.released.wait()
        return None

    set_password = get_password  # type: ignore[assignment]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("AGENT_CONSOLE_SERVER", "AGENT_CONSOLE_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(credentials, "path", lambda: tmp_path / "config" / "accounts.json")
    use(NoKeyring(), monkeypatch)  # type: ignore[no-untyped-call]
    return tmp_path


def use(ring: keyring.backend.KeyringBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_keyring", lambda: ring)
    for name in ("get_password", "set_password", "delete_password"):
        monkeypatch.setattr(keyring, name, getattr(ring, name))


def test_nothing_is_known_at_first() -> None:
    assert (credentials.server(), credentials.token(HERE), credentials.user(HERE)) == ("", "", None)


def test_without_a_keyring_it_is_in_a_file_of_ones_own() -> None:
    assert credentials.save(HERE + "/", opened()) is False
    assert (credentials.server(), credentials.token(HERE)) == (HERE, "secret-token")
    file = credentials.path()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    user = credentials.user(HERE)
    assert user is not None and user.display_name == "Ana Morales"


def test_a_keyring_takes_the_token_and_the_file_does_not_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ring = Ring()
    use(ring, monkeypatch)
    assert credentials.save(HERE, opened()) is True
    assert credentials.token(HERE) == "secret-token"
    assert "secret-token" not in credentials.path().read_text()
    credentials.forget(HERE)
    assert not ring.kept
    assert (credentials.token(HERE), credentials.user(HERE)) == ("", None)
    assert credentials.server() == HERE


@pytest.mark.parametrize("kind", [Locked, Hanging])
def test_a_keyring_that_fails_or_hangs_stops_nobody(kind: type[Ring], monkeypatch: pytest.MonkeyPatch) -> None:
    ring = kind()
    use(ring, monkeypatch)
    monkeypatch.setattr(credentials, "PATIENCE", 0.05)
    assert credentials.save(HERE, opened()) is False
    assert credentials.token(HERE) == "secret-token"
    credentials.forget(HERE)
    assert credentials.token(HERE) == ""
    if isinstance(ring, Hanging):
        ring.released.set()


def test_each_server_has_its_own_and_the_last_one_is_used() -> None:
    credentials.save(HERE, opened("here"))
    credentials.save(THERE, opened("there", "luis"))
    assert credentials.server() == THERE
    assert (credentials.token(HERE), credentials.token(THERE)) == ("here", "there")
    credentials.forget(THERE)
    assert (credentials.token(HERE), credentials.token(THERE)) == ("here", "")


def test_the_environment_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    credentials.save(HERE, opened())
    monkeypatch.setenv("AGENT_CONSOLE_SERVER", THERE + "/")
    monkeypatch.setenv("AGENT_CONSOLE_TOKEN", "given")
    assert (credentials.server(), credentials.token(HERE)) == (THERE, "given")
    assert credentials.user(HERE) is None


def test_a_file_that_is_no_account_file_is_as_none() -> None:
    credentials.save(HERE, opened())
    credentials.path().write_text("{]")
    assert credentials.server() == ""
    credentials.save(HERE, opened("again"))
    assert credentials.token(HERE) == "again"


def test_where_they_are_in_a_real_home(tmp_path: Path) -> None:
    code = (
        "from agent_console.backend import credentials as c; from agent_console.backend.shelf import state_folder;"
        "print(c.path()); print(state_folder())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(tmp_path), capture_output=True, text=True, check=True
    )
    config, state = map(Path, done.stdout.split())
    assert config == tmp_path / "config" / "agent-console" / "accounts.json"
    assert state == tmp_path / "state" / "agent-console" / "outgoing"


def test_the_session_loads_nothing_that_is_slow_or_not_its_business() -> None:
    code = "import sys, agent_console.backend.session; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"httpx", "websockets", "keyring", "textual", "rich", "typer", "sqlite_utils", "starlette"}
