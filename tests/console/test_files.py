"""Files to send and files that came: chosen, refused with a reason, uploaded, looked at, saved."""

from __future__ import annotations

import asyncio
import io
import threading
from pathlib import Path

import pytest

from agent_console.backend import files, keeping
from agent_console.backend.api import Unreachable
from agent_console.backend.overlay import Reply
from agent_console.presentation import graphics, picture
from agent_console.presentation.graphics import Graphics
from agent_console.screens.viewing import make
from server import wire
from tests.console import sample_channels
from tests.console.desk import Desk, console
from tests.console.sample_letters import FERRETERIA

MAIL = sample_channels.capabilities("email")


def png(width: int = 60, height: int = 40) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 30)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "boleta de pago.pdf").write_bytes(b"%PDF-1.7 hola")
    (tmp_path / "boletín.png").write_bytes(png())
    (tmp_path / "vacío.txt").write_bytes(b"")
    (tmp_path / "más").mkdir()
    (tmp_path / "más" / "carta.docx").write_bytes(b"PK\x03\x04")
    return tmp_path


async def attaching(desk: Desk, conversation: int = FERRETERIA) -> None:
    desk.inbox.thelist.go_to(conversation)
    await desk.press("enter", "ctrl+o")
    await desk.pilot.pause()


async def shown(desk: Desk, text: str) -> None:
    """Wait until the screen shows a text: the disk and the picture's process are asked in the background."""
    for _ in range(500):
        if text in desk.screen:
            return
        await desk.pilot.pause(0.01)
    raise AssertionError(f"never saw {text!r} in:\n{desk.screen}")


async def paste(desk: Desk, text: str) -> None:
    from textual import events

    focused = desk.app.screen.focused
    assert focused is not None
    focused.post_message(events.Paste(text))
    await desk.pilot.pause()


# ---------------------------------------------------------------- choosing


async def test_a_path_is_completed_and_several_files_go_along(folder: Path) -> None:
    async with console((120, 40)) as desk:
        await attaching(desk)
        await desk.write(f"{folder}/bol")
        await shown(desk, "boleta de pago.pdf")
        await desk.press("tab")  # what both names share
        await desk.write("a")
        await desk.press("tab")
        await shown(desk, "pago.pdf▏")
        await desk.press("enter")
        await shown(desk, "boleta de pago.pdf · application/pdf · 13 B")
        await paste(desk, f"'{folder}/boletín.png'")
        await shown(desk, "image/png")
        await desk.press("escape")
        assert desk.inbox.place == "composer"
        await desk.press("ctrl+s")
        reply = desk.changes(Reply)[0]
        assert [file.mime for file in reply.files] == ["application/pdf", "image/png"]
        assert reply.text == ""
        uploads = [call for call in desk.session.fake_api.asked if call.path == "/attachments"]
        assert [call.body[:4] for call in uploads if call.body] == [b"%PDF", b"\x89PNG"]


async def test_nothing_leaves_before_the_file_that_was_chosen_for_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking, go_on = threading.Event(), threading.Event()
    look_at = files.look_at

    def slowly(path: Path, can: wire.Capabilities) -> files.Found:
        looking.set()
        go_on.wait(10)
        return look_at(path, can)

    monkeypatch.setattr(files, "look_at", slowly)
    async with console((120, 40)) as desk:
        await attaching(desk)
        await desk.write(str(folder / "boletín.png"))
        await desk.pilot.press("enter", "escape")
        await asyncio.to_thread(looking.wait, 10)
        await desk.write("va")
        await desk.press("ctrl+s")
        assert "a file is still on its way" in desk.screen and not desk.changes(Reply)
        go_on.set()
        await shown(desk, "+ boletín.png · 130 B")
        await desk.press("ctrl+s")
        (reply,) = desk.changes(Reply)
        assert [file.file_name for file in reply.files] == ["boletín.png"]


async def test_what_does_not_fit_is_refused_before_it_is_sent(folder: Path) -> None:
    big = folder / "grande.bin"
    with big.open("wb") as file:
        file.truncate(21 * 1024 * 1024)
    async with console((120, 40)) as desk:
        await attaching(desk)
        for path, why in (
            (big, "the channel takes at most"),
            (folder / "vacío.txt", "is empty"),
            (folder / "no hay", "there is no such file"),
            (folder / "más", "is a folder"),
        ):
            await paste(desk, str(path))
            await shown(desk, why)
            await desk.press("ctrl+u")
        assert not [call for call in desk.session.fake_api.asked if call.path == "/attachments"]


async def test_a_channel_that_takes_one_file_takes_one(folder: Path) -> None:
    async with console((120, 40)) as desk:
        await attaching(desk, 1)
        await paste(desk, f'"{folder}/boletín.png" "{folder}/boleta de pago.pdf"')
        await shown(desk, "takes at most 1 files")
        await shown(desk, "image/png")


async def test_without_a_connection_it_says_so(folder: Path) -> None:
    async with console((120, 40)) as desk:

        def gone(call: object) -> object:
            return Unreachable("connect")

        desk.session.fake_api.answers["POST", "/attachments"] = gone
        await attaching(desk)
        await paste(desk, f"file://{folder}/bolet%C3%ADn.png")
        await shown(desk, "was not uploaded: there is no connection")


async def test_a_dropped_file_is_attached_and_other_text_is_text(folder: Path) -> None:
    async with console((120, 40)) as desk:
        desk.inbox.thelist.go_to(FERRETERIA)
        await desk.press("enter", "r")
        await paste(desk, str(folder / "boletín.png").replace(" ", "\\ "))
        await shown(desk, "Attach files")
        await shown(desk, "image/png")
        await desk.press("escape")
        await paste(desk, "/nada/de esto existe")
        await shown(desk, "/nada/de esto existe")
        assert len(desk.inbox.composer.letter.files) == 1


async def test_backspace_takes_the_last_one_off(folder: Path) -> None:
    async with console((120, 40)) as desk:
        await attaching(desk)
        await paste(desk, str(folder / "boletín.png"))
        await shown(desk, "image/png")
        await desk.press("backspace")
        assert desk.inbox.composer.letter.files == ()


async def test_an_sms_takes_no_files() -> None:
    async with console((80, 24)) as desk:
        await attaching(desk, 8)
        assert "takes no files" in desk.status


def test_paths_come_in_many_shapes(folder: Path) -> None:
    file = folder / "boleta de pago.pdf"
    for said in (str(file), f"'{file}'", f'"{file}"', str(file).replace(" ", "\\ "), file.as_uri(), f"  {file}\n"):
        assert files.paths_in(said) == [file], said
    assert files.paths_in(f"{file}\n{folder}/boletín.png") == [file, folder / "boletín.png"]
    assert files.paths_in("/no/hay nada/aquí.pdf") == [Path("/no/hay nada/aquí.pdf")]
    assert files.paths_in("") == []
    assert files.paths_in("d'Aubuisson.pdf") == [Path("d'Aubuisson.pdf")]


def test_completion_knows_folders_and_hides_what_is_hidden(folder: Path) -> None:
    (folder / ".oculto").write_bytes(b"x")
    assert files.complete(f"{folder}/M") == [f"{folder}/más/"]
    assert f"{folder}/.oculto" not in files.complete(f"{folder}/")
    assert files.complete(f"{folder}/.o") == [f"{folder}/.oculto"]
    assert files.complete("/no/such/folder/x") == []
    assert files.complete("~nobody-here/x") == []


def test_what_a_picture_is_not_shown_as_goes_as_a_document(tmp_path: Path) -> None:
    (tmp_path / "foto.png").write_bytes(png())
    only_documents = wire.Capabilities(media={"document": 1_000_000})
    assert files.look_at(tmp_path / "foto.png", only_documents).kind == "document"
    assert files.look_at(tmp_path / "foto.png", wire.Capabilities(media={"audio": 1})).problem == "file_kind"


# ---------------------------------------------------------------- looking


async def test_a_picture_is_shown_and_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_CONSOLE_IMAGES", "blocks")
    monkeypatch.setenv("AGENT_CONSOLE_DOWNLOADS", str(tmp_path / "d"))
    async with console((120, 40)) as desk:
        desk.session.fake_api.files[1] = png()
        await desk.press("enter", "v")
        await shown(desk, "60×40")
        assert "▀" in desk.screen
        await desk.press("s")
        await shown(desk, "Saved: ")
        assert (tmp_path / "d" / "captura.png").read_bytes() == png()
        await desk.press("s")
        await shown(desk, "captura (1).png")


async def test_several_files_are_gone_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_CONSOLE_IMAGES", "off")
    async with console((120, 40)) as desk:
        desk.session.fake_api.files = {41: b"%PDF-1.4 x", 42: png()}
        desk.inbox.thelist.go_to(FERRETERIA)
        await desk.press("enter", "v")
        await shown(desk, "balance 2025.pdf (1/2)")
        await shown(desk, "application/pdf · 10 B")
        await desk.press("right")
        await shown(desk, "sello.png (2/2)")


async def test_a_dangerous_file_is_flagged_and_never_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    monkeypatch.delenv("SSH_TTY", raising=False)
    opened: list[object] = []
    monkeypatch.setattr("agent_console.backend.keeping.open_copy", lambda *given: opened.append(given))
    monkeypatch.setattr("agent_console.backend.keeping.opener", lambda environ: "/usr/bin/xdg-open")
    async with console((120, 40)) as desk:
        desk.session.fake_api.files = {41: b"MZ\x90\x00", 42: png()}
        desk.inbox.thelist.go_to(FERRETERIA)
        await desk.press("enter", "v")
        await shown(desk, "▲ This kind of file can do harm")
        await desk.press("o")
        assert opened == []
        await desk.press("right")
        await shown(desk, "image/png · ")
        await shown(desk, "o open")
        await desk.press("o")
        assert "Open this file in the system's viewer?" in desk.screen and "image/png" in desk.screen
        desk.clock.now += 500
        await desk.press("o")
        assert len(opened) == 1


@pytest.mark.parametrize(
    ("name", "data", "danger"),
    [
        ("a.png", png(), "safe"),
        ("a.pdf", b"%PDF-1.4", "safe"),
        ("nota.txt", b"hola", "safe"),
        ("a.docx", b"PK\x03\x04", "unknown"),
        ("foto.png", b"MZ\x90", "dangerous"),
        ("foto.pdf", b"\x7fELF", "dangerous"),
        ("foto.jpg.exe", b"hola", "dangerous"),
        ("x.html", b"hola", "dangerous"),
        ("x.txt", b"  <!DOCTYPE html>", "dangerous"),
        ("x.txt", b"#!/bin/sh", "dangerous"),
        ("x.desktop", b"[Desktop Entry]", "dangerous"),
        ("cuenta.xlsm", b"PK\x03\x04", "dangerous"),
        ("foto\u202egpj.png", png(), "dangerous"),
        ("x.svg", b"<svg onload='x'>", "dangerous"),
    ],
)
def test_how_dangerous_a_file_is(name: str, data: bytes, danger: str) -> None:
    assert keeping.danger(name, data)[0] == danger


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..\\..\\x.pdf", "a\x1b[2J\x00b.pdf", "." * 50, "", "x" * 5000 + ".pdf"]
)
def test_a_name_stays_in_its_folder(name: str, tmp_path: Path) -> None:
    safe = keeping.safe_name(name, "file-1")
    assert safe and "/" not in safe and "\\" not in safe and safe.isprintable() and len(safe) <= keeping.NAME
    path = keeping.save(b"x", tmp_path, safe)
    assert path.parent == tmp_path and path.stat().st_mode & 0o777 == 0o600


def test_nothing_opens_over_ssh() -> None:
    assert keeping.opener({"SSH_CONNECTION": "1.2.3.4 5", "DISPLAY": ":0"}) == ""
    assert keeping.opener({}) == ""


# ---------------------------------------------------------------- pictures


async def test_each_way_makes_lines_of_the_same_cells() -> None:
    for way in ("kitty", "sixel", "blocks"):
        made = await make(png(400, 200), Graphics(way), (40, 20))
        assert made is not None and (made.width, made.height) == (400, 200)
        assert made.columns <= 40 and len(made.lines) <= 20


async def test_kitty_sends_the_picture_once_and_places_it_in_the_text() -> None:
    made = await make(png(400, 200), Graphics("kitty", passthrough=True), (40, 20))
    assert made is not None
    sent = made.lines[0][0]
    assert sent.text.startswith("\x1bPtmux;\x1b\x1b_Ga=T,U=1,q=2,f=100,") and sent.cell_length == 0
    assert all(line[-1].text.count("\U0010eeee") == made.columns for line in made.lines)


async def test_sixel_is_drawn_over_its_cells() -> None:
    made = await make(png(400, 200), Graphics("sixel"), (40, 20))
    assert made is not None
    drawn = made.lines[-1][-1]
    assert drawn.text.startswith("\x1b7") and "\x1bP0;1;0q" in drawn.text and drawn.text.endswith("\x1b\\\x1b8")
    assert drawn.cell_length == 0


@pytest.mark.parametrize("data", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"\xff" * 500, b"GIF89a", b"<svg/>"])
async def test_what_is_no_picture_is_none(data: bytes) -> None:
    assert await make(data, Graphics("blocks"), (40, 20)) is None


async def test_a_bomb_is_not_unpacked() -> None:
    import struct
    import zlib

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0)
    chunk = b"IHDR" + header
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    body = zlib.compress(bytes(1_000_000))
    bomb += struct.pack(">I", len(body)) + b"IDAT" + body + struct.pack(">I", zlib.crc32(b"IDAT" + body))
    assert await make(bomb, Graphics("blocks"), (40, 20)) is None


def test_the_terminal_is_known_by_what_it_says_of_itself() -> None:
    def way(**environ: str) -> str:
        return graphics.detect(environ).way

    assert way(TERM="xterm-kitty") == "kitty"
    assert way(TERM="xterm-256color", KITTY_WINDOW_ID="1") == "kitty"
    assert way(TERM="foot") == "sixel"
    assert way(TERM="xterm-256color", TERM_PROGRAM="WezTerm") == "sixel"
    assert way(TERM="xterm-256color") == "blocks"
    assert way(TERM="xterm-kitty", NO_COLOR="1") == "off"
    assert way(TERM="screen-256color") == "blocks"
    assert way(TERM="xterm-kitty", AGENT_CONSOLE_IMAGES="off") == "off"
    assert graphics.of_tmux("xterm-kitty|on|") == Graphics("kitty", passthrough=True)
    assert graphics.of_tmux("xterm-kitty||") == Graphics("blocks")
    assert graphics.of_tmux("foot|off|256,sixel") == Graphics("sixel")
    assert graphics.of_tmux("") == Graphics("blocks")


def test_garbage_from_the_picture_process_is_an_error() -> None:
    for garbage in (b"", b"{}\n", b'{"columns": 2, "rows": 1, "width": 1, "height": 1}\nxx'):
        with pytest.raises((ValueError, KeyError)):
            picture.read(garbage, Graphics("blocks"))


async def test_what_is_taken_back_brings_its_files_along(folder: Path) -> None:
    async with console((120, 40)) as desk:
        await attaching(desk)
        await paste(desk, str(folder / "boletín.png"))
        await shown(desk, "image/png")
        await desk.press("escape", "ctrl+s")
        assert not desk.inbox.composer.letter.files
        await desk.press("escape", "z")
        await shown(desk, "Taken back")
        assert [file.mime for file in desk.inbox.composer.letter.files] == ["image/png"]
