"""Small terminals and changing ones: whatever is up, at whatever size, the console goes on and shows where one is."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from agent_console.safetext import cells
from tests.console.desk import console
from tests.console.terminal import Terminal
from tests.console.test_terminal import run

SIZES = [(40, 10), (120, 40), (40, 10), (80, 24), (200, 50), (41, 11), (160, 12), (40, 45)]

#: keys that raise each thing that rises over the panes, and the footer's word for where they lead
DRAWERS = {
    "help": ("?",),
    "palette": ("ctrl+p",),
    "command": (":",),
    "jump": ("ctrl+g",),
    "macros": ("M",),
    "unsent": ("X",),
    "channels": ("C",),
    "tags": ("L",),
    "snooze": ("s",),
    "assign": ("a",),
    "search": ("/",),
    "people": ("enter", "m"),
    "copies": ("4", "enter", "r", "ctrl+t"),
    "attach": ("enter", "r", "ctrl+o"),
    "reply": ("enter", "r"),
    "customer": ("enter", "p"),
    "tour": ("0",),
}


@pytest.mark.parametrize("name", DRAWERS)
async def test_any_size_while_anything_is_up(name: str) -> None:
    async with console((80, 24)) as desk:
        await desk.press(*DRAWERS[name])
        for columns, rows in SIZES:
            await desk.pilot.resize_terminal(columns, rows)
            await desk.pilot.pause()
            shown = desk.shown()
            assert len(shown) == rows
            assert all(cells(line) == columns for line in shown), (columns, rows)
        await desk.press("escape", "escape", "escape", "escape")
        await desk.pilot.resize_terminal(80, 24)
        await desk.press("escape")
        assert not desk.inbox.over.open and desk.inbox.place == "list" and "Ñoño" in desk.screen


async def test_a_day_at_forty_by_ten() -> None:
    async with console((40, 10)) as desk:
        assert "María Ramos" in desk.screen and "▲-02:14" in desk.screen
        assert desk.shown()[-1].strip(), "the keys are there"
        await desk.press("j", "enter")
        assert "Pupusería Lita" in desk.shown()[1]
        await desk.press("r")
        await desk.write("Buenas")
        assert "Buenas" in desk.screen and "Messenger" in desk.screen
        assert "ctrl+s" in desk.shown()[-1]
        await desk.press("ctrl+s")
        assert desk.inbox.composer.empty
        await desk.press("escape", "?")
        assert "Esc closes" in desk.screen
        await desk.press("escape", ":")
        await desk.write("resolve")
        await desk.press("enter")
        assert "resolved" in desk.status
        await desk.press("z")


@pytest.mark.slow
def test_a_real_terminal_changes_its_size_under_everything() -> None:
    sizes = random.Random(4)
    with run("run_sample", columns=80, rows=24) as terminal:
        terminal.wait_for("María Ramos")
        for keys in (b"?", b"\x10", b":", b"\x07", b"M", b"X", b"C", b"\rr", b"\rp", b"0"):
            terminal.write(keys)
            terminal.settle(0.05)
            for _ in range(4):
                terminal.resize(sizes.randint(20, 180), sizes.randint(5, 50))
                terminal.settle(0.05)
            for _ in range(3):
                terminal.write(b"\x1b")
                terminal.settle(0.15)
        terminal.resize(40, 10)
        terminal.wait_for(lambda screen: "Ramos" in screen, timeout=30)
        terminal.resize(80, 24)
        terminal.wait_for("Enter abrir", timeout=30)
        terminal.write(b"q")
        assert terminal.ended() == 0
        assert b"Traceback" not in terminal.data


# ---------------------------------------------------------------- notifications, as the terminal gets them


def telling(file: Path, text: str, **env: str) -> Terminal:
    file.write_text(text, encoding="utf-8")
    return run("run_telling", str(file), columns=80, rows=24, **env)


def test_without_a_wish_the_terminal_hears_nothing(tmp_path: Path) -> None:
    with telling(tmp_path / "config.toml", 'preset = "default"\n') as terminal:
        terminal.wait_for("¿y entonces?")
        terminal.settle(0.5)
        sent = re.sub(rb"\x1b\]22;[a-z]*\x07", b"", bytes(terminal.data))
        assert b"\x07" not in sent and b"\x1b]" not in sent


def test_bell_notification_and_title(tmp_path: Path) -> None:
    wishes = '[notify]\nbell = true\ndesktop = "osc9"\ntitle = true\n'
    with telling(tmp_path / "config.toml", wishes, TERM="xterm-256color") as terminal:
        terminal.wait_for("¿y entonces?")
        while b"wrote" not in terminal.data:
            assert terminal.read(5.0), "nothing came"
        terminal.settle(0.2)
        data = bytes(terminal.data)
        assert data.count("\x1b]9;Pupusería Lita wrote\x1b\\".encode()) == 1
        assert "entonces" not in data.decode(errors="replace").split("\x1b]9;")[1].split("\x1b\\")[0]
        titles = re.findall(rb"\x1b\]2;([^\x1b]*)\x1b\\", data)
        assert titles and titles[-1].decode().endswith("agent-console") and "▲1" in titles[-1].decode()
        terminal.write(b"q")
        assert terminal.ended() == 0
        assert bytes(terminal.data).count(b"\x1b[22;2t") == 1
        assert bytes(terminal.data).count(b"\x1b[23;2t") == 1, "the window has its own title again"


def test_through_tmux(tmp_path: Path) -> None:
    wishes = '[notify]\ndesktop = "osc777"\n'
    with telling(tmp_path / "config.toml", wishes, TMUX="/tmp/none,1,0") as terminal:
        while b"wrote" not in terminal.data:
            assert terminal.read(10.0), "nothing came"
        terminal.settle(0.2)
        wanted = "\x1bPtmux;\x1b\x1b]777;notify;agent-console;Pupusería Lita wrote\x1b\x1b\\\x1b\\"
        assert wanted.encode() in terminal.data


def test_a_mistake_in_the_settings_is_said_and_the_console_starts(tmp_path: Path) -> None:
    with telling(tmp_path / "config.toml", '[keys]\nresolv = "x"\n') as terminal:
        terminal.wait_for("There is no action 'resolv'")
        terminal.write(b"j")
        terminal.wait_for("▌! 01:")
