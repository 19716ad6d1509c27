"""Two mail programs for terminals, measured the same way in the same run: neomutt and aerc before 50,000 mails."""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any, NamedTuple

from bench.figures import machine, rss_mb, spread
from bench.timing import settled, shown_and_settled, still
from tests.console.terminal import Terminal
from tests.real_server import environment

MAILS = 50_000
COLUMNS, ROWS = 120, 40
KEYS, OPENS, STARTS = 100, 25, 3
#: seconds without a byte after which a mail is closed: aerc pauses in the middle, and loses keys that come then
RESTS = 0.8
IN_ROW, IN_MAIL = b"consulta", b"favor?"


class Mailer(NamedTuple):
    """A program: how it is started, and its keys."""

    name: str
    command: list[str]
    down: bytes
    up: bytes
    page_down: bytes
    open: bytes
    back: bytes


def run(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Nothing where neither of the two is installed."""
    found = [name for name in ("neomutt", "aerc") if shutil.which(name)]
    if not found:
        return
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        maildir(home / "mail" / "INBOX", MAILS)
        about = {"size": f"{COLUMNS}x{ROWS}", "mails": MAILS, "machine": machine()}
        for name in found:
            mailer = neomutt(home) if name == "neomutt" else aerc(home)
            try:
                for result in _measure(mailer, home):
                    yield {**result, **about}
            except AssertionError as error:  # a version with other habits: the rest goes on
                yield {"what": "failed", "program": name, "error": str(error)[:300], **about}


def maildir(folder: Path, count: int) -> None:
    """A Maildir of small mails."""
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True)
    now = int(time.time())
    for n in range(count):
        text = (
            f"From: Socia {n} <socia{n}@example.com>\nTo: ana@example.com\nSubject: consulta {n} sobre mi tarjeta\n"
            f"Date: {formatdate(now - n * 60)}\nMessage-ID: <m{n}@example.com>\n"
            "Content-Type: text/plain; charset=utf-8\n\n"
            f"buenos días, consulta {n} sobre mi tarjeta, ¿me puede ayudar por favor?\n"
        )
        (folder / "cur" / f"{now - n * 60}.M{n}P1.bench:2,").write_text(text)


def neomutt(home: Path) -> Mailer:
    cache = home / "cache"
    cache.mkdir(exist_ok=True)
    settings = (
        f"set folder={home}/mail\nset spoolfile={home}/mail/INBOX\nset mbox_type=Maildir\nset header_cache={cache}\n"
        "set sort=reverse-date\nset sleep_time=0\nset mail_check=3600\nset timeout=3600\nset menu_scroll=yes\n"
        "set pager_index_lines=0\nset quit=yes\nset read_inc=0\nset net_inc=0\nset write_inc=0\nset mark_old=no\n"
    )
    (home / "neomuttrc").write_text(settings)
    return Mailer("neomutt", ["neomutt", "-F", str(home / "neomuttrc")], b"j", b"k", b"\x1b[6~", b"\r", b"i")


def aerc(home: Path) -> Mailer:
    config = home / "config" / "aerc"
    config.mkdir(parents=True, exist_ok=True)
    accounts = f"[bench]\nsource = maildir://{home}/mail\ndefault = INBOX\nfrom = Ana <ana@example.com>\n"
    (config / "accounts.conf").write_text(accounts)
    (config / "accounts.conf").chmod(0o600)
    settings = "[general]\nunsafe-accounts-conf=true\n[ui]\nsort = -r date\n[viewer]\npager = less -Rc\n[filters]\n"
    settings += "text/plain = cat\n"
    (config / "aerc.conf").write_text(settings)
    # it opens /dev/tty: a session's leader gets one by opening a terminal
    command = ["sh", "-c", 'exec 3<>"$(readlink /proc/$$/fd/0)"; exec aerc 3>&-']
    return Mailer("aerc", command, b"j", b"k", b"\x06", b"\r", b"q")


def _measure(mailer: Mailer, home: Path) -> Iterator[dict[str, Any]]:
    env = environment(home, XDG_CONFIG_HOME=str(home / "config"), TERM="xterm-256color")
    starts = []
    for _ in range(STARTS):
        with Terminal(mailer.command, COLUMNS, ROWS, env) as terminal:
            starts.append(_first_rows(terminal))
    yield {"what": "start to first rows", "program": mailer.name, **spread(starts[1:]), "first_ms": starts[0] * 1000}
    with Terminal(mailer.command, COLUMNS, ROWS, env) as terminal:
        _first_rows(terminal)
        still(terminal, silence=0.9)
        for _ in range(5):
            settled(terminal, mailer.down)
        took = [settled(terminal, key) for _ in range(KEYS // 20) for key in [mailer.down] * 10 + [mailer.up] * 10]
        yield {"what": "move", "program": mailer.name, **spread(took)}
        for _ in range(ROWS):
            settled(terminal, mailer.down)
        took = [settled(terminal, mailer.down) for _ in range(KEYS)]
        yield {"what": "scroll one", "program": mailer.name, **spread(took)}
        took = [settled(terminal, mailer.page_down, silence=0.045) for _ in range(KEYS // 2)]
        yield {"what": "page down", "program": mailer.name, **spread(took)}
        opened = []
        for _ in range(OPENS):
            opened.append(shown_and_settled(terminal, mailer.open, IN_MAIL, 0.15)[0])
            still(terminal, mailer.back, RESTS)
            still(terminal, mailer.down, RESTS)
        yield {"what": "open, not held", "program": mailer.name, **spread(opened), "rss_mb": rss_mb(terminal.pid)}


def _first_rows(terminal: Terminal) -> float:
    end = time.perf_counter() + 120
    while time.perf_counter() < end:
        if terminal.read(0.5) and IN_ROW in terminal.data:
            return time.perf_counter() - terminal.started
    raise AssertionError("no rows:\n" + "\n".join(terminal.screen()))
