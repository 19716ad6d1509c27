"""`agent-console demo` as a whole: real programs, real sockets, and a summary that has to be true."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from agent_console import i18n
from agent_console.demo_seat import advice
from tests.console.terminal import Terminal
from tests.end_to_end.conftest import PATIENCE, Demo, wait_until

KINDS = ("email", "instagram", "messenger", "sms", "telegram", "webchat", "webhook", "whatsapp")
KEYS = (
    "received",
    "stored",
    "answered",
    "delivered",
    "read",
    "duplicates_offered",
    "duplicates_stored",
    "lost",
    "sla_met",
    "sla_breached",
)

pytestmark = pytest.mark.timeout(400)


def one_object(text: str) -> dict[str, Any]:
    """The only thing on stdout."""
    assert len(text.strip().splitlines()) == 1, text
    found: dict[str, Any] = json.loads(text)
    return found


def test_a_scripted_demo_loses_nothing(demo: Demo) -> None:
    done = demo.run("--no-tui", "--for", "8", "--seed", "7")
    assert done.returncode == 0, done.stdout + done.stderr
    summary = one_object(done.stdout)
    assert not [key for key in KEYS if key not in summary]
    assert summary["settled"], summary
    assert summary["received"] == summary["stored"] >= 12, summary
    assert summary["whatsapp"] and summary["web"], summary
    assert summary["answered"] >= summary["delivered"] >= 3, summary
    assert summary["read"] >= 1 and summary["sla_met"] >= 1, summary
    assert summary["duplicates_offered"] >= 1, "a count of stored duplicates would say nothing"
    trouble = ("lost", "duplicates_stored", "doubled", "altered", "mistaken", "unsettled", "gaps", "sla_breached")
    assert {key: summary[key] for key in trouble} == dict.fromkeys(trouble, 0)
    assert summary["answered"] == summary["delivered"] + summary["failed"], summary
    assert set(summary["channels"]) == set(KINDS)
    for kind, figures in summary["channels"].items():
        assert figures["received"] == figures["stored"] >= 1, kind
        assert figures["answered"] == figures["delivered"] + figures["failed"], kind
        if kind != "webchat":  # what the stand-in itself says that it took
            assert figures["delivered"] <= figures["accepted"] <= figures["answered"], kind
    for key in set(summary["channels"]["sms"]) & set(summary):
        assert summary[key] == sum(figures[key] for figures in summary["channels"].values()), key
    assert "simulated" in done.stderr
    assert demo.left() == []


@pytest.mark.slow
def test_a_kept_demo_goes_on(demo: Demo) -> None:
    data = demo.home / "kept"
    first = one_object(demo.run("--no-tui", "--for", "4", "--seed", "5", "--data", str(data)).stdout)
    done = demo.run("--no-tui", "--for", "4", "--data", str(data))
    second = one_object(done.stdout)
    assert done.returncode == 0, second
    assert first["seed"] == second["seed"] == 5
    assert second["received"] == second["stored"] > 0
    assert (data / "agent-console.db").exists()
    assert (data / "demo.json").stat().st_mode & 0o077 == 0
    assert demo.left() == []


def test_ctrl_c_ends_it_early_and_still_counts(demo: Demo) -> None:
    data = demo.home / "kept"
    process = demo.start("--no-tui", "--for", "3600", "--seed", "7", "--data", str(data))
    demo.ledger(data)
    demo.children(process.pid)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=200)
    assert process.returncode == 0, out + err
    summary = one_object(out)
    assert summary["received"] == summary["stored"] > 0
    assert demo.left() == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_asked_to_end_it_leaves_nothing_behind(demo: Demo, number: signal.Signals) -> None:
    data = demo.home / "kept"
    process = demo.start("--no-tui", "--for", "3600", "--seed", "7", "--data", str(data))
    demo.ledger(data)
    demo.children(process.pid)
    process.send_signal(number)
    process.communicate(timeout=200)
    assert process.returncode == 128 + number
    assert demo.left() == []


@pytest.mark.slow
def test_killed_it_leaves_nothing_behind_either(demo: Demo) -> None:
    data = demo.home / "kept"
    process = demo.start("--no-tui", "--for", "3600", "--seed", "7", "--data", str(data))
    demo.ledger(data)
    assert len(demo.children(process.pid)) >= 2
    assert demo.left()
    process.kill()
    process.communicate()
    demo.wait_until_gone()


def test_a_port_that_is_taken_is_one_line(demo: Demo) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = demo.run("--no-tui", "--for", "3", "--port", str(port))
    assert done.returncode == 1
    assert done.stdout == ""
    assert str(port) in done.stderr.strip().splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert demo.left() == []


def test_a_real_store_is_not_touched(demo: Demo) -> None:
    data = demo.home / "real"
    data.mkdir()
    (data / "agent-console.db").write_bytes(b"somebody's")
    done = demo.run("--no-tui", "--for", "3", "--data", str(data))
    assert done.returncode == 1
    assert "not a demo's" in done.stderr
    assert (data / "agent-console.db").read_bytes() == b"somebody's"


def test_without_a_terminal_it_says_what_to_do(demo: Demo) -> None:
    done = demo.run()
    assert done.returncode == 1
    assert "--no-tui" in done.stderr


@pytest.mark.slow
def test_a_screenshot_shows_customers(demo: Demo) -> None:
    picture = demo.home / "inbox.svg"
    done = demo.run("--screenshot", str(picture), "--for", "2", "--seed", "7", "--no-tui")
    assert done.returncode == 0, done.stderr
    text = "".join(ElementTree.parse(picture).getroot().itertext()).replace("\xa0", " ")
    assert "María Ramos" in text
    assert demo.left() == []


def test_a_screenshot_needs_its_folder(demo: Demo) -> None:
    done = demo.run("--screenshot", str(Path("nowhere") / "inbox.svg"))
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["telegram", "email"])
def test_trouble_with_one_channel_shows_and_touches_no_other(demo: Demo, kind: str) -> None:
    data = demo.home / "kept"
    process = demo.start("--no-tui", "--for", "3600", "--seed", "7", "--data", str(data), "--trouble", kind)
    papers = demo.papers(data)
    with httpx.Client(base_url=papers["url"] + "/api/v1", timeout=PATIENCE) as api:
        session = api.post("/sessions", json={"user": "admin", "password": papers["password"]}).json()
        api.headers["Authorization"] = "Bearer " + session["token"]

        def health() -> dict[str, dict[str, Any]]:
            return {channel["name"]: channel["health"] for channel in api.get("/channels").json()["items"]}

        wait_until(lambda: health()[kind]["problem"] == "token", f"{kind} is in trouble")
        assert health()[kind]["paused_until"], "its circuit is open"
        others = {name: state["problem"] for name, state in health().items() if name != kind}
        assert others == dict.fromkeys(others, "")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=200)
    assert process.returncode == 0, out + err
    summary = one_object(out)
    assert (summary["lost"], summary["doubled"], summary["duplicates_stored"]) == (0, 0, 0), summary


def test_trouble_with_a_channel_that_has_no_provider_is_wrong_usage(demo: Demo) -> None:
    done = demo.run("--no-tui", "--trouble", "webchat")
    assert done.returncode == 2
    assert "telegram" in done.stderr


@pytest.mark.slow
def test_what_a_new_colleague_answers_waits_for_the_person_at_the_console() -> None:
    from agent_console import demo_seat
    from agent_console.backend import calls_reviews
    from agent_console.backend.api import Api
    from agent_console.demo_office import Office

    with Office(None, seed=7, sign_in=("ana",), past=True) as office:
        office.open()
        office.let_customers_write()
        office.start_crew(demo_seat.write_crew(office, "advisor"))
        ana = Api(office.url, office.tokens["ana"])
        try:
            wait_until(lambda: bool(ana.send_now(calls_reviews.reviews()).items), "f4 shows something")
            found = ana.send_now(calls_reviews.reviews()).items[0]
            assert (found.message.author, found.why) == ("rosa", "person")
        finally:
            ana.close_now()


@pytest.fixture
def seat(demo: Demo) -> Iterator[Callable[[str], Terminal]]:
    """Start a demo in a terminal, in the seat of a role."""
    opened: list[Terminal] = []

    def start(role: str) -> Terminal:
        env = {"SHELL": "/bin/sh", "PS1": "shell> ", "ENV": "", **demo.env}
        terminal = Terminal(demo.command("--seed", "7", "--as", role), 150, 40, env)
        opened.append(terminal)
        return terminal

    yield start
    for terminal in opened:
        terminal.kill()


@pytest.mark.slow
@pytest.mark.pty
def test_a_supervisor_looks_at_others_who_work(demo: Demo, seat: Callable[[str], Terminal]) -> None:
    terminal = seat("supervisor")
    terminal.wait_for("? keys", timeout=PATIENCE)
    terminal.write(b"\x1bOR")
    terminal.wait_for(lambda screen: "Ana Morales" in screen and "Luis Batres" in screen, timeout=PATIENCE)
    terminal.wait_for(lambda screen: "online" in screen, timeout=PATIENCE)
    terminal.write(b"\x1bq")  # back, and out
    assert terminal.ended(PATIENCE) == 0
    demo.wait_until_gone()


@pytest.mark.slow
@pytest.mark.pty
def test_an_administrator_has_a_shell_that_is_signed_in(demo: Demo, seat: Callable[[str], Terminal]) -> None:
    terminal = seat("admin")
    terminal.wait_for("exit ends the demo", timeout=PATIENCE)
    terminal.write(b"agent-console user list; agent-console channel list\n")
    terminal.wait_for(lambda screen: "Rosa Alvarenga" in screen and "telegram" in screen, timeout=PATIENCE)
    terminal.write(b"sleep 1000\n")
    terminal.wait_for("sleep 1000")
    terminal.write(b"\x03")  # ends that, not the demo
    terminal.write(b"echo $((6 * 7)) more\n")
    terminal.wait_for("42 more")
    terminal.write(b"exit 3\n")
    assert terminal.ended(PATIENCE) == 3
    demo.wait_until_gone()


@pytest.mark.parametrize("lang", ["es", "en"])
def test_what_an_administrator_may_try_fits_a_small_terminal(lang: str) -> None:
    i18n.set_language(lang)
    try:
        said = advice()
    finally:
        i18n.set_language(None)
    assert said.count("agent-console") >= 5 and max(map(len, said.splitlines())) <= 80


def test_without_a_console_nobody_has_another_seat(demo: Demo) -> None:
    done = demo.run("--no-tui", "--as", "supervisor")
    assert done.returncode == 1 and done.stdout == ""
    assert "two scripted advisors" in done.stderr
