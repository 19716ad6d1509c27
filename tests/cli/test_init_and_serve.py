"""Making a data folder and running a server on it."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.real_server import PASSWORD, RealServer


@pytest.fixture
def server(tmp_path: Path) -> RealServer:
    return RealServer(tmp_path)


def test_init_makes_a_private_folder_once(server: RealServer) -> None:
    made = server.run("init", "--data", str(server.data), "--admin", "root", "--password-stdin", "--lang", "en")
    assert made.returncode == 0
    assert f"agent-console serve --data {server.data}" in made.stdout
    assert server.data.stat().st_mode & 0o077 == 0
    before = (server.data / "agent-console.db").read_bytes()
    again = server.run("init", "--data", str(server.data), "--admin", "eve", "--password-stdin", "--lang", "en")
    assert again.returncode == 1
    assert "already holds a store" in again.stderr
    assert (server.data / "agent-console.db").read_bytes() == before


def test_init_that_was_refused_can_be_done_again(server: RealServer) -> None:
    weak = server.run("init", "--data", str(server.data), "--admin", "root", "--password-stdin", given="short\n")
    assert weak.returncode == 1
    assert "8" in weak.stderr
    bad_name = server.run("init", "--data", str(server.data), "--admin", "No Name", "--password-stdin")
    assert bad_name.returncode == 1
    server.init()


def test_init_reads_the_folder_from_the_environment_and_refuses_other_databases(
    server: RealServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = server.run(
        "init", "--data", str(server.data), "--admin", "r", "--password-stdin", "--database", "postgresql://x"
    )
    assert refused.returncode == 1
    assert "PostgreSQL" in refused.stderr
    file = server.home / "file"
    file.write_text("")
    assert server.run("init", "--data", str(file), "--admin", "root", "--password-stdin").returncode == 1


def test_serve_says_where_it_listens_what_to_do_next_and_ends_well(server: RealServer) -> None:
    with server.init().start():
        token = server.sign_in("root")
        assert token
        assert server.process is not None
        assert server.process.poll() is None
        busy = server.run("serve", "--data", str(server.data), "--port", "0", "--lang", "en")
        assert busy.returncode == 1
        assert "in use by another server" in busy.stderr
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(60) == 0


def test_serve_refuses_what_cannot_work(server: RealServer) -> None:
    missing = server.run("serve", "--data", str(server.data), "--lang", "en")
    assert missing.returncode == 1
    assert "agent-console init" in missing.stderr
    assert not server.data.exists()
    server.init()
    open_to_all = server.run("serve", "--data", str(server.data), "--host", "0.0.0.0", "--port", "0", "--lang", "en")
    assert open_to_all.returncode == 1
    assert "--allow-plaintext" in open_to_all.stderr
    with server.start():
        port = server.url.rpartition(":")[2]
        other = RealServer(server.home / "other").init()
        taken = other.run("serve", "--data", str(other.data), "--port", port, "--lang", "en")
        assert taken.returncode == 1
        assert "Choose another" in taken.stderr
        assert PASSWORD not in taken.stderr
