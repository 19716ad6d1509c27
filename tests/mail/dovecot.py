"""A real Dovecot on loopback, with a configuration and a folder of its own: any user, one password, maildirs."""

from __future__ import annotations

import contextlib
import getpass
import imaplib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PASSWORD = "a-mailbox's-password"
#: seconds a start may take
PATIENCE = 20.0

_CONFIG = """
base_dir = {run}
state_dir = {run}
log_path = {home}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
{tls}
disable_plaintext_auth = no
mail_location = maildir:{home}/mail/%u
mail_plugins =
{users}
first_valid_uid = 0
auth_failure_delay = 0
auth_mechanisms = {mechanisms}
{tokens}
passdb {{
  mechanisms = plain login
  driver = static
  args = password={{PLAIN}}{password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/home/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""

#: who has one of the tokens that the sign-in at `url` knows comes in, too
_TOKENS = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {home}/oauth2.conf
}}
"""
_OAUTH2 = """
tokeninfo_url = {url}/tokeninfo?access_token=
introspection_mode = get
username_attribute = email
"""


def program() -> str | None:
    """Where Dovecot is, if it is installed."""
    return shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def _users() -> str:
    """Who its processes run as: root hands them to users of the package, anybody else keeps them."""
    if os.getuid() == 0:
        return ""
    group = subprocess.check_output(["id", "-gn"], text=True).strip()
    name = getpass.getuser()
    return f"default_internal_user = {name}\ndefault_login_user = {name}\ndefault_internal_group = {group}"


def _owner() -> tuple[int, int]:
    """Whose the mails are: Dovecot opens none as root."""
    if os.getuid() != 0:
        return os.getuid(), os.getgid()
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Dovecot:
    """The server's controls. Users have the mailboxes they are spoken to; `PASSWORD` opens all of them."""

    host = "127.0.0.1"

    def __init__(
        self, home: Path, certificate: tuple[Path, Path] | None = None, tokens: str = "", mechanisms: str = ""
    ) -> None:
        self.home = home
        #: where Dovecot asks whose a token is, and how one comes in with these; empty if it takes only passwords
        self.tokens, self.mechanisms = tokens, mechanisms
        self.port = free_port()
        self.tls_port = free_port()
        self.certificate = certificate
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Dovecot:
        found = program()
        assert found is not None
        run = self.home / "run"
        run.mkdir(exist_ok=True)
        uid, gid = _owner()
        for folder in (self.home, self.home / "mail", self.home / "home"):
            folder.mkdir(exist_ok=True, mode=0o755)
            os.chown(folder, uid, gid)
        tls = f"ssl_cert = <{self.certificate[0]}\nssl_key = <{self.certificate[1]}" if self.certificate else ""
        if self.tokens:
            (self.home / "oauth2.conf").write_text(_OAUTH2.format(url=self.tokens))
        config = self.home / "dovecot.conf"
        config.write_text(
            _CONFIG.format(
                run=run,
                home=self.home,
                users=_users(),
                uid=uid,
                gid=gid,
                password=PASSWORD,
                port=self.port,
                tls_port=self.tls_port if self.certificate else 0,
                mechanisms=f"plain login {self.mechanisms}",
                tokens=_TOKENS.format(home=self.home) if self.tokens else "",
                ssl="yes" if self.certificate else "no",
                tls=tls,
            )
        )
        self._process = subprocess.Popen([found, "-F", "-c", str(config)], start_new_session=True)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with contextlib.suppress(OSError), socket.create_connection((self.host, self.port), 1) as probe:
                if probe.recv(64).startswith(b"* OK"):
                    return self
            time.sleep(0.02)
        raise AssertionError(f"Dovecot did not start:\n{self.log()}")

    def stop(self) -> None:
        """End it with all that it started."""
        if self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
            with contextlib.suppress(ProcessLookupError):  # its sessions outlive it otherwise
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(5)
            self._process = None

    def log(self) -> str:
        path = self.home / "dovecot.log"
        return path.read_text()[-4000:] if path.exists() else ""

    # ---------------------------------------------------------------- mailboxes

    @contextlib.contextmanager
    def session(self, user: str) -> Iterator[imaplib.IMAP4]:
        """Signed in as this user, with the standard library's client."""
        client = imaplib.IMAP4(self.host, self.port, timeout=PATIENCE)
        try:
            client.login(user, PASSWORD)
            yield client
        finally:
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                client.logout()

    def deliver(self, user: str, *mails: bytes, folder: str = "INBOX") -> None:
        """Put mails into a mailbox, as its provider would."""
        with self.session(user) as client:
            for mail in mails:
                status, answer = client.append(folder, "", "", mail)
                assert status == "OK", answer

    def flags(self, user: str, folder: str = "INBOX") -> list[str]:
        """The flags of each mail."""
        with self.session(user) as client:
            client.select(folder, readonly=True)
            _, found = client.fetch("1:*", "(FLAGS)")
            return [line.decode() for line in found if isinstance(line, bytes)]

    def validity(self, user: str) -> str:
        """The UIDVALIDITY of the user's INBOX."""
        with self.session(user) as client:
            return str(client.status("INBOX", "(UIDVALIDITY)"))

    def renumber(self, user: str) -> None:
        """A new UIDVALIDITY, and every mail a new UID: what a restored or moved mailbox looks like."""
        before = self.validity(user)
        while self.validity(user) == before:  # it is the second in which it was made
            time.sleep(0.05)
            for path in (self.home / "mail" / user).glob("dovecot*"):
                path.unlink(missing_ok=True)


@contextlib.contextmanager
def dovecot(certificate: tuple[Path, Path] | None = None, tokens: str = "", mechanisms: str = "") -> Iterator[Dovecot]:
    """A running Dovecot, in a folder that its own users can reach (pytest's are closed to others)."""
    with tempfile.TemporaryDirectory(prefix="dovecot-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o755)
        server = Dovecot(Path(home), certificate, tokens, mechanisms)
        try:
            yield server.start()
        finally:
            server.stop()
