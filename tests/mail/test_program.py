"""The guide's way: the stand-in as a program, the channel set up and used by the command line."""

from __future__ import annotations

import re
import smtplib
import subprocess
import sys
from collections.abc import Iterator

import msgspec
import pytest

from server.sandbox.mail_state import Settings
from tests.real_server import PASSWORD, RealServer, environment
from tests.routes.desk import until

pytestmark = pytest.mark.slow


@pytest.fixture
def ports(real_server: RealServer) -> Iterator[tuple[str, str]]:
    """The stand-in's IMAP and SMTP ports."""
    command = [sys.executable, "-m", "server.sandbox.mail", "--imap-port", "0", "--smtp-port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment(real_server.home)) as program:
        assert program.stdout is not None
        found = re.findall(r":(\d+)", program.stdout.readline())
        yield found[0], found[1]
        program.terminate()


def test_set_up_and_answered(real_server: RealServer, ports: tuple[str, str]) -> None:
    def cli(*command: str, given: str = "", code: int = 0) -> str:
        done = real_server.run(*command, given=given)
        assert done.returncode == code, done.stderr + done.stdout
        return done.stdout + done.stderr

    own = Settings()
    cli("login", real_server.url, "--user", "root", "--password-stdin", given=PASSWORD)
    plain = {"imap_host": "127.0.0.1", "imap_port": ports[0], "imap_tls": "no"}
    plain |= {"smtp_host": "127.0.0.1", "smtp_port": ports[1], "smtp_tls": "no"}
    plain |= {"address": own.address, "user": own.user, "password": "-"}
    options = [word for name, value in plain.items() for word in ("--set", f"{name}={value}")]
    cli("channel", "add", "email", "correo", *options, given="wrong\n")
    assert "535" in cli("channel", "test", "correo", code=1)
    cli("channel", "set", "correo", "--set", "password=-", given=own.password + "\n")
    assert "INBOX" in cli("channel", "test", "correo")
    assert own.password not in cli("channel", "show", "correo", "-o", "json")
    mail = "From: Ana <ana@mail.example>\r\nSubject: Saldo\r\n\r\nHola\r\n"
    with smtplib.SMTP("127.0.0.1", int(ports[1])) as smtp:
        smtp.sendmail("ana@mail.example", [own.address], mail)
    until(lambda: "Saldo" in cli("convs", "-o", "json"), "the mail came in")
    cli("conv", "1", "reply", "Con gusto.")

    def answers() -> list[str]:
        found = msgspec.json.decode(cli("conv", "1", "-o", "json"))["messages"]
        return [one["text"] for one in found if one["status"] == "sent"]

    assert until(answers, "the answer was sent") == ["Con gusto."]
