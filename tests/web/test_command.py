"""`agent-console web`: who may reach it, and what it says when it can't be."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from agent_console.web.serving import LARGEST, SMALLEST, fitting
from tests.cli.office import Office
from tests.real_server import environment


def test_others_are_not_let_in_without_tls(office: Office) -> None:
    said = office.refused("web", "--host", "0.0.0.0", "--port", "0")
    assert "--public-url" in said and "--allow-plaintext" in said
    said = office.refused("web", "--host", "0.0.0.0", "--public-url", "http://console.example", lang="en")
    assert "in clear" in said
    assert "https://" in office.refused("web", "--public-url", "console.example")


def test_a_port_that_is_taken(office: Office) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert port in office.refused("web", "--port", port)


def test_what_to_install_is_said_where_it_is_missing(office: Office) -> None:
    code = (
        "import sys; sys.modules['textual_serve'] = None; sys.modules['textual_serve.server'] = None\n"
        "sys.argv = ['agent-console', 'web', '--port', '0']\n"
        "from agent_console.__main__ import main; main()"
    )
    variables = environment(office.server.home, AGENT_CONSOLE_SERVER=office.server.url)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=variables, check=False)
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1].endswith(f'{sys.executable} -m pip install "textual-serve>=1.1,<2"')


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (("120", "40"), (120, 40)),
        ((120, 40), (120, 40)),
        ((10**7, "99999999999999999999"), (LARGEST[0], SMALLEST[1])),
        ((-5, "²"), SMALLEST),
        ((None, {}), SMALLEST),
        ((1.5, True), SMALLEST),
    ],
)
def test_no_size_is_believed_that_no_window_has(given: tuple[object, object], found: tuple[int, int]) -> None:
    assert fitting(*given) == found
