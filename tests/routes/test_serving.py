"""Starting and stopping a server, and what it refuses to be."""

from __future__ import annotations

import datetime
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from server.app import Settings, start
from server.settings import BadSetup, is_loopback
from server.store.store import Unavailable
from tests.conftest import ROOT
from tests.routes.desk import Desk, open_desk


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"host": "0.0.0.0"}, "plaintext"),
        ({"host": "::"}, "plaintext"),
        ({"host": "desk.example.org"}, "plaintext"),
        ({"database": "postgresql://localhost/desk"}, "no_postgresql"),
        ({"database": "oracle://localhost/desk"}, "bad_database"),
        ({"tls_certificate": "cert.pem"}, "half_tls"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(tmp_path: Path, settings: dict[str, str], code: str) -> None:
    with pytest.raises(BadSetup) as refused:
        start(Settings(data=tmp_path / "data", port=0, **settings))  # type: ignore[arg-type]
    assert refused.value.code == code
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    "settings",
    [
        {"host": "127.0.0.1"},
        {"host": "::1"},
        {"host": "localhost"},
        {"host": "0.0.0.0", "allow_plaintext": True},
        {"host": "0.0.0.0", "trusted_proxies": ("10.0.0.0/8",)},
        {"host": "0.0.0.0", "tls_certificate": "c", "tls_key": "k"},
    ],
)
def test_settings_that_go_together(tmp_path: Path, settings: dict[str, object]) -> None:
    Settings(data=tmp_path, **settings).check()  # type: ignore[arg-type]


def test_what_a_loopback_is() -> None:
    assert all(is_loopback(host) for host in ("127.0.0.1", "127.8.9.1", "::1", "localhost"))
    assert not any(is_loopback(host) for host in ("0.0.0.0", "::", "10.0.0.1", "127.0.0.1.example.org", ""))


def test_a_port_that_is_taken_is_said_before_the_store_is_opened(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(BadSetup) as refused:
        start(Settings(data=tmp_path / "other", port=desk.running.port))
    assert refused.value.code == "cannot_listen"
    assert not (tmp_path / "other").exists()


def test_a_folder_has_one_server(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        start(Settings(data=tmp_path, port=0))
    assert httpx.get(f"{desk.url}/readyz").is_success


def test_a_server_opens_again_what_it_closed(tmp_path: Path) -> None:
    with open_desk(tmp_path) as desk:
        desk.add_whatsapp()
        conversation = desk.receive("hola")
        token = desk.tokens["advisor"]
    with start(Settings(data=tmp_path, port=0)) as running:
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx.get(f"{running.url}/api/v1/conversations/{conversation}", headers=headers)
    assert answer.json()["row"]["preview"] == "hola"


def test_answers_are_not_held_back_by_nagle(desk: Desk) -> None:
    server = desk.running._server
    with httpx.Client() as client:
        client.get(f"{desk.url}/healthz")
        accepted = [connection.transport for connection in server.server_state.connections]
        assert accepted
        for transport in accepted:
            sock = transport.get_extra_info("socket")
            assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


SERVE = """
import sys
from pathlib import Path
from server.app import Settings, serve
serve(Settings(data=Path(sys.argv[1]), port=0), lambda port: print(port, flush=True))
print("done", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(tmp_path: Path, number: signal.Signals) -> None:
    with open_desk(tmp_path) as desk:
        token = desk.tokens["advisor"]
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        headers = {"Authorization": f"Bearer {token}"}
        with connect(f"ws://127.0.0.1:{port}/api/v1/feed", additional_headers=headers, proxy=None) as feed:
            feed.send('{"hello": {}}')
            feed.recv(timeout=20)
            process.send_signal(number)
            with pytest.raises(ConnectionClosed):
                while True:
                    feed.recv(timeout=20)
            assert feed.close_code == 1012
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, "done\n", "")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A certificate for 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    certificate, private = folder / "cert.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    yield str(certificate), str(private)


def test_it_speaks_tls_by_itself(tmp_path: Path, certificate: tuple[str, str]) -> None:
    settings = Settings(data=tmp_path, port=0, tls_certificate=certificate[0], tls_key=certificate[1])
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    with start(settings) as running:
        answer = httpx.get(f"https://127.0.0.1:{running.port}/healthz", verify=trusting)
        assert answer.status_code == 200
        assert "max-age" in answer.headers["strict-transport-security"]
        with pytest.raises(httpx.HTTPError):
            httpx.get(f"http://127.0.0.1:{running.port}/healthz")
