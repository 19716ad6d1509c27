"""`channel authorize`: signing in to a mailbox with a browser, as an administrator meets it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from tests.cli.office import Office
from tests.mail.token_post import TokenPost
from tests.real_server import environment

pytestmark = pytest.mark.xdist_group("cli-sign-in")


@pytest.fixture
def post() -> Iterator[TokenPost]:
    with TokenPost() as post:
        yield post


def add(office: Office, name: str, settings: dict[str, str]) -> str:
    pairs = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
    return office.done("channel", "add", "email", name, *pairs, role="admin", lang="en")


def test_with_a_code(office: Office, post: TokenPost) -> None:
    made = add(office, "con-codigo", post.channel())
    assert made.endswith("Next: agent-console channel authorize con-codigo\n")
    post.authority.hurried = True
    ran = office.cli("channel", "authorize", "con-codigo", role="admin")
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[0].startswith("1. Abra esta dirección") and "servicio@coop.example" in lines[0]
    assert lines[1].strip().startswith(post.url) and lines[2].startswith("2. Escriba allí este código: ")
    assert lines[3] == "con-codigo: sesión iniciada."
    assert "Sesión iniciada (OAuth 2)" in lines[4] and all(line.startswith("✓") for line in lines[4:])
    assert ran.stderr == "Esperando a que lo haga; Ctrl+C lo deja.\n"
    shown = office.done("channel", "show", "con-codigo", role="admin", lang="en")
    assert not [secret for secret in (*post.authority.access, *post.authority.refresh) if secret in shown]


def test_with_an_address(office: Office, post: TokenPost) -> None:
    add(office, "con-direccion", post.channel() | {"device_url": "", "authorize_url": f"{post.url}/authorize"})
    named = {"AGENT_CONSOLE_SERVER": office.server.url, "AGENT_CONSOLE_TOKEN": office.server.tokens["admin"]}
    variables = environment(office.server.home, **named)
    del variables["PYTHONUNBUFFERED"]  # what to do has to be there before it is waited for
    command = [sys.executable, "-m", "agent_console", "channel", "authorize", "con-direccion"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=variables
    ) as running:
        assert running.stdout is not None
        _, url, told = (running.stdout.readline().strip() for _ in range(3))
        assert "http://localhost" in told
        ended = httpx.get(url).headers["location"]
        out, error = running.communicate(f"{ended}\n", timeout=60)
    assert running.returncode == 0, error
    assert "con-direccion is signed in." in out and "✗" not in out


def test_what_cannot_be_signed_in_to(office: Office, post: TokenPost) -> None:
    assert "navegador" in office.refused("channel", "authorize", "wa", role="admin")
    add(office, "sin-permiso", post.channel() | {"client_id": "somebody-else"})
    said = office.refused("channel", "authorize", "sin-permiso", role="admin")
    assert said.startswith("No se pudo iniciar sesión: unauthorized_client")
    office.refused("channel", "authorize", "wa", role="advisor")
