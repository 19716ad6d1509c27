"""Links at the desk: offered while one types, inserted, copied, opened after asking; never but what is read."""

from __future__ import annotations

import asyncio
import base64
import re
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from agent_console import settings
from agent_console.backend import clipboard, computer, keeping, links
from agent_console.backend.api import Unreachable
from agent_console.backend.outgoing import Outgoing
from agent_console.backend.overlay import Reply
from agent_console.backend.shelf import Shelf
from agent_console.presentation import messages, osc, palette
from agent_console.presentation.look import Look
from agent_console.safetext import block, cells, wrap
from agent_console.screens import linking
from agent_console.widgets.offer_drawer import OfferDrawer
from tests.console import hostile, sample, sample_links
from tests.console.desk import Desk, console
from tests.console.sample_links import LONG, conversation

LOOK = Look.of(palette.DARK)


@pytest.fixture
async def desk(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """María's conversation is open; templates have links."""
    monkeypatch.setattr(sample, "messages", conversation)
    async with console((100, 30)) as desk:
        sample_links.serve(desk.session.fake_api)
        await desk.press("enter")
        yield desk


def written(desk: Desk) -> str:
    return desk.inbox.composer.text


async def come(desk: Desk, until: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not until():
            await desk.pilot.pause(0.01)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is sent to the terminal beside what is painted. No program of this computer is started."""
    out: list[str] = []

    def send(app: object, text: str) -> bool:
        out.append(text)
        return True

    monkeypatch.setattr(linking, "send", send)
    for name in ("TMUX", "STY", "SSH_CONNECTION", "SSH_TTY", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    return out


def copied(sequence: str) -> str:
    return base64.b64decode(sequence.removeprefix("\x1b]52;c;").removesuffix("\a")).decode()


# ---------------------------------------------------------------- while one types


async def test_the_beginning_of_a_link_offers_those_that_are_known(desk: Desk) -> None:
    await desk.press("r")
    await desk.write("vea http")
    await come(desk, lambda: "coop.example/citas" in desk.screen)
    drawer = desk.inbox.query_one("#link-offers", OfferDrawer)
    assert [(offer.shown, offer.right) for offer in drawer.offers] == [
        (LONG.removeprefix("https://"), "You · 9:34"),
        ("coop.example/citas", "cita"),
        ("coop.example/agencias", ";agencias"),
        ("premios.example/gane?x=1", "María Ramos · 9:31"),
    ], "ours before theirs; nothing of notes, nothing with a hole in it"
    await desk.press("down", "up", "tab")
    assert written(desk) == f"vea {LONG}" and not desk.inbox.over.open and not desk.inbox.composer.note


async def test_some_letters_after_two_slashes_find_one(desk: Desk) -> None:
    await desk.press("r")
    await desk.write("aquí //agen")
    await come(desk, lambda: "coop.example/agencias" in desk.screen)
    await desk.press("tab")
    assert written(desk) == "aquí www.coop.example/agencias"


async def test_keys_that_come_at_once_find_one_too(desk: Desk) -> None:
    await desk.press("r")
    box = desk.inbox.composer.prepare()
    for char in "//agen":
        box.post_message(events.Key("slash" if char == "/" else char, char))
    await come(desk, lambda: desk.inbox.over.open)
    box.post_message(events.Key("tab", None))
    await come(desk, lambda: written(desk) == "www.coop.example/agencias")
    assert not desk.inbox.composer.note


@pytest.mark.parametrize("typed", ["https://otra.example/x", "c//", "httpd", "a 1//2", "https://nada.example"])
async def test_what_is_no_known_link_stands_in_nobodys_way(desk: Desk, typed: str) -> None:
    await desk.press("r")
    await desk.write("//agen")
    await come(desk, lambda: desk.inbox.over.open)
    await desk.press("ctrl+u")
    await desk.write(typed)
    assert not desk.inbox.over.open
    await desk.press("enter")
    assert written(desk) == f"{typed}\n"


async def test_escape_leaves_what_was_typed(desk: Desk) -> None:
    await desk.press("r")
    await desk.write("//agen")
    await come(desk, lambda: desk.inbox.over.open)
    await desk.press("escape")
    assert desk.inbox.composer.writing and not desk.inbox.over.open
    await desk.write("c")
    assert written(desk) == "//agenc" and not desk.inbox.over.open


async def test_a_note_may_have_what_notes_have(desk: Desk) -> None:
    await desk.press("i")
    await desk.write("//intra")
    await come(desk, lambda: desk.inbox.over.open)
    await desk.press("tab")
    assert written(desk) == "https://intranet.example/socios/10-4421"


async def test_without_the_server_the_links_here_are_offered(desk: Desk) -> None:
    desk.session.fake_api.answers["GET", "/templates"] = Unreachable("gone")
    await desk.press("r")
    await desk.write("//premios")
    assert "premios.example/gane" in desk.screen
    await desk.press("tab")
    assert written(desk) == "https://premios.example/gane?x=1"


# ---------------------------------------------------------------- all of them


async def test_one_is_chosen_and_put_where_the_cursor_is(desk: Desk) -> None:
    await desk.press("r")
    await desk.write("Vea")
    await desk.press("f2")
    await come(desk, lambda: "coop.example/citas" in desk.screen)
    await desk.write("citas")
    await desk.press("enter")
    assert written(desk) == "Vea https://coop.example/citas" and desk.inbox.composer.writing


async def test_one_that_was_begun_is_not_begun_twice(desk: Desk) -> None:
    await desk.press("r")
    await desk.write("https://coop.ex")
    await desk.press("f2")
    await come(desk, lambda: "coop.example/citas" in desk.screen)
    await desk.write("citas")
    await desk.press("enter")
    assert written(desk) == "https://coop.example/citas"


async def test_a_link_that_was_received_is_copied(desk: Desk, sent: list[str]) -> None:
    await desk.press("f2")
    await come(desk, lambda: "coop.example/citas" in desk.screen)
    assert "intranet.example" in desk.screen, "for one's own use also those of notes"
    await desk.write("premios")
    await desk.press("enter")
    await come(desk, lambda: "Copied: https://premios.example/gane?x=1" in desk.status)
    assert [copied(each) for each in sent] == ["https://premios.example/gane?x=1"]
    assert not desk.inbox.over.open and desk.inbox.place == "thread"


async def test_the_links_of_the_marked_message_come_first(desk: Desk, sent: list[str]) -> None:
    desk.inbox.thread.mark(1)
    await desk.press("f2", "enter")
    await come(desk, lambda: "Copied" in desk.status)
    assert copied(sent[0]) == "https://premios.example/gane?x=1"


async def test_in_the_list_they_are_those_of_the_conversation_under_the_cursor(
    sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample, "messages", conversation)
    async with console((100, 30)) as desk:
        sample_links.serve(desk.session.fake_api)
        assert desk.inbox.place == "list"
        assert desk.session.mirror.thread(1) is None
        await desk.press("f2")
        await come(desk, lambda: "premios.example/gane" in desk.screen and "coop.example/citas" in desk.screen)
        assert "Links: María Ramos" in desk.screen
        await desk.press(*"premios", "enter")
        await come(desk, lambda: "Copied: https://premios.example/gane?x=1" in desk.status)
        assert desk.inbox.opened is None
        desk.session.fake_api.answers["GET", "/templates"] = Unreachable("gone")
        monkeypatch.setattr(desk.session, "get_ready", unreachable)
        await desk.press("down", "f2")
        await come(desk, lambda: "coop.example/citas" in desk.screen)
        await desk.write("premios")
        assert "There is no such link here" in desk.screen


async def unreachable(conversation: int) -> None:
    raise Unreachable("gone")


async def test_where_nothing_is_known_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "messages", lambda: conversation()[3:])
    async with console((100, 30)) as desk:
        await desk.press("enter", "f2")
        await come(desk, lambda: "There is no such link here" in desk.screen)
        await desk.press("enter", "escape")
        assert not desk.inbox.over.open


# ---------------------------------------------------------------- opening


async def test_what_a_customer_sent_is_opened_only_after_asking(
    desk: Desk, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[str, str]] = []
    monkeypatch.setattr(keeping, "opener", lambda environ: "/bin/open-it")
    monkeypatch.setattr(keeping, "start", lambda program, what: started.append((program, what)))
    await desk.press("f2")
    await desk.write("premios")
    await desk.press("ctrl+o")
    assert "It leads to premios.example." in desk.screen and "It comes from outside" in desk.screen
    await desk.press("escape")
    assert started == []
    await desk.press("f2")
    await desk.write("premios")
    await desk.press("ctrl+o")
    desk.clock.now += 1_000
    await desk.press("o")
    assert started == [("/bin/open-it", "https://premios.example/gane?x=1")]
    await desk.press("f2")
    await desk.write("solicitudes")
    await desk.press("ctrl+o")
    assert started[1:] == [("/bin/open-it", LONG)], "what we sent ourselves needs no question"


async def test_where_no_browser_is_in_front_of_the_reader_it_is_copied(desk: Desk, sent: list[str]) -> None:
    await desk.press("f2")
    await desk.write("solicitudes")
    await desk.press("ctrl+o")
    await come(desk, lambda: "no browser in front of you" in desk.status)
    assert copied(sent[0]) == LONG


async def test_in_a_browser_the_browser_opens_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setenv(computer.VISITOR, "x")
    monkeypatch.setattr(desk.app, "open_url", asked.append)
    await desk.press("f2")
    await desk.write("solicitudes")
    await desk.press("ctrl+o")
    assert asked == [LONG]


async def test_a_click_on_a_link_asks(desk: Desk, sent: list[str]) -> None:
    y = next(y for y, line in enumerate(desk.shown()) if "coop.example/solicitudes" in line)
    x = desk.shown()[y].index("coop.example/solicitudes")
    await desk.pilot.click("#thread", offset=(x, y - desk.inbox.thread.region.y))
    await desk.pilot.pause()
    assert "It leads to coop.example." in desk.screen
    desk.clock.now += 1_000
    await desk.press("c")
    await come(desk, lambda: "Copied" in desk.status)
    assert copied(sent[0]) == LONG, "all of it, however many lines it takes"


# ---------------------------------------------------------------- what is sent often


async def test_what_goes_to_one_customer_and_another_is_offered_to_all(desk: Desk) -> None:
    shared, personal = "https://coop.example/tasas", "https://coop.example/estado/10-4421?clave=9"
    for to, text in ((7, shared), (7, personal), (7, personal), (8, shared)):
        desk.session.outgoing.add(Reply(to, text=f"Vea {text}.", at=1), 1)
    assert desk.session.outgoing.links() == [(shared, 2)]
    await desk.press("r")
    await desk.write("//coop.example/")
    await come(desk, lambda: "coop.example/tasas" in desk.screen)
    assert "sent by you 2 times" in desk.screen
    assert "estado/10-4421" not in desk.screen, "what was for one customer alone is not offered for another"


def test_what_is_sent_often_is_known_again_after_a_restart(tmp_path: Path) -> None:
    with closing(Outgoing(Shelf(tmp_path, "ana"))) as first:
        for to in (1, 2, 3):
            first.add(Reply(to, text="https://coop.example/tasas", at=to), to)
        for n in range(200):
            first.add(Reply(1, text=f"https://coop.example/{n}", at=10 + n), 10 + n)
        first.add(Reply(4, text="https://coop.example/tasas", at=0), 300)
    shelf = Shelf(tmp_path, "ana")
    with closing(Outgoing(shelf)) as again:
        assert again.links() == [], "it was forgotten among two hundred others, and begun anew"
        again.add(Reply(5, text="https://coop.example/tasas", at=0), 301)
        assert again.links() == [("https://coop.example/tasas", 2)]
    assert stat.S_IMODE(shelf.path.stat().st_mode) == 0o600


# ---------------------------------------------------------------- what a link is


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Vea https://coop.example/req. ¿Sí?", ["https://coop.example/req"]),
        ("(www.coop.example/a_(b))", ["www.coop.example/a_(b)"]),
        ("«https://coop.example»", ["https://coop.example"]),
        ("escriba a ana@www.coop.example o file:///etc/passwd o javascript:alert(1)", []),
        ("www. y http:// y https://. nada", []),
        ("https://{{host}}/x https://coop.example/{{x}}", []),
        ("http://192.0.2.7:8080/a?b=c;d", ["http://192.0.2.7:8080/a?b=c;d"]),
        ("https://coop.example:99999/ http://a..b/", []),
        ("HTTPS://Coop.Example/Á", ["HTTPS://Coop.Example/Á"]),
        ("<https://coop.example/x>\nhttps://coop.example/y", ["https://coop.example/x", "https://coop.example/y"]),
    ],
)
def test_links_in_a_text(text: str, found: list[str]) -> None:
    assert [span.link for span in links.spans(text)] == found
    assert all(text[span.start : span.end] == span.link for span in links.spans(text))


def test_where_a_link_leads_is_not_what_it_looks_like() -> None:
    assert links.host("https://coop.example@evil.example/x") == "evil.example"
    assert links.host("https://\u0441oop.example/").startswith("xn--"), "a Cyrillic letter"
    assert links.target("www.coop.example/ñ?q=á#é") == "https://www.coop.example/%C3%B1?q=%C3%A1#%C3%A9"


@given(st.one_of(st.text(), st.sampled_from(hostile.ALL), st.from_regex(r"(https?://|www\.)\S*", fullmatch=True)))
def test_whatever_is_in_a_text_a_target_is_printable_ascii(text: str) -> None:
    for span in links.spans(block(f"https://a.example/{text} {text}")):
        target = links.target(span.link)
        assert re.fullmatch(r"https?://[!-~]+", target), target
        assert links.host(span.link)


@given(st.text(st.sampled_from("ab \n/.:ñ😀"), max_size=80), st.integers(8, 60))
def test_a_link_in_several_lines_is_one_link(around: str, room: int) -> None:
    text = block(f"{around} {LONG} {around}").strip()
    lines = messages.linked(wrap(text, room), text, LOOK.text, hyperlinks=True)
    assert ["".join(segment.text for segment in line) for line in lines] == [str(line) for line in wrap(text, room)]
    pieces = [segment for line in lines for segment in line if segment.style and segment.style.link == LONG]
    assert "".join(segment.text for segment in pieces) == LONG
    assert all(cells(segment.text) <= room for segment in pieces)


# ---------------------------------------------------------------- to the terminal


@pytest.mark.parametrize(
    ("environment", "given"),
    [
        ({}, True),
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/tmux"}, True),
        ({"TERM": "screen.xterm-256color"}, True),
        ({"TERM": "rxvt-unicode-256color"}, True),
        ({"TERM": "dumb"}, False),
        ({"TERM": "linux"}, False),
        ({"TERM": "rxvt"}, False),
        ({"TERM": "eterm-color"}, False),
        ({"TERM": "sun-color"}, False),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "5002"}, False),
        ({"TERM": "xterm-256color", "KONSOLE_VERSION": "230805"}, True),
        ({"TERM": "xterm-256color", "KONSOLE_VERSION": "181203"}, False),
        ({"TERM": "xterm-256color", "VTE_VERSION": "²"}, True),
        ({"TERM": "xterm-256color", "NO_TERM_HYPERLINKS": ""}, False),
    ],
)
def test_terminals_that_show_rubbish_are_given_no_links(environment: dict[str, str], given: bool) -> None:
    assert osc.hyperlinks(environment) is given


def test_a_person_says_in_the_settings_whether_the_terminal_gets_links(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    for text, wanted, problems in (
        ("hyperlinks = false", False, ()),
        ("hyperlinks = true", True, ()),
        ('preset = "vim"', None, ()),
        ('hyperlinks = "no"', None, ("hyperlinks is true or false.",)),
    ):
        file.write_text(text, encoding="utf-8")
        found = settings.load(file)
        assert (found.hyperlinks, found.problems) == (wanted, problems)


@pytest.mark.parametrize("wish", [True, False, None])
async def test_links_are_underlined_and_can_be_clicked_whatever_the_terminal_gets(
    wish: bool | None, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "linux")
    monkeypatch.setattr(sample, "messages", conversation)
    async with console((100, 30), settings=settings.Settings(hyperlinks=wish)) as desk:
        await desk.press("enter")
        thread = desk.inbox.thread
        painted = [each for y in range(thread.size.height) for each in thread.render_line(y)]
        styles = [each.style for each in painted if each.style is not None and "coop.example/sol" in each.text]
        assert styles and all(style.underline for style in styles)
        assert {style.link for style in styles} == {LONG if wish else None}
        await test_a_click_on_a_link_asks(desk, sent)


def test_what_the_terminal_is_sent_for_its_clipboard() -> None:
    plain = osc.clipboard("á", "none")
    assert plain == "\x1b]52;c;w6E=\a"
    assert osc.clipboard("á", "tmux") == plain + "\x1bPtmux;\x1b\x1b]52;c;w6E=\a\x1b\\"
    assert osc.clipboard("á", "screen") == "\x1bP\x1b]52;c;w6E=\a\x1b\\"


def test_a_program_of_the_readers_own_computer_gets_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, tool = tmp_path / "kept", tmp_path / "wl-copy"
    tool.write_text(f"#!/bin/sh\ncat > {kept}\n")
    tool.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.delenv(computer.VISITOR, raising=False)
    here = {"WAYLAND_DISPLAY": "wayland-0"}
    assert clipboard.put("á", here) and kept.read_text() == "á"
    assert clipboard.program({**here, "SSH_TTY": "/dev/pts/1"}) == [], "the clipboard of a computer far away"
    assert clipboard.program({}) == []
    tool.write_text("#!/bin/sh\nexit 1\n")
    assert not clipboard.put("á", here)
    monkeypatch.setattr(clipboard, "PATIENCE", 0.05)
    tool.write_text("#!/bin/sh\nexec sleep 5\n")
    assert not clipboard.put("á", here)


async def test_a_pasted_link_is_sent_as_it_is(desk: Desk) -> None:
    await desk.press("r")
    long = f"{LONG}&z={'x' * 400}"
    desk.inbox.composer.prepare().post_message(events.Paste(long))
    await desk.pilot.pause()
    assert written(desk) == long, "lines are wrapped on the screen, not in the text"
    await desk.press("ctrl+s")
    (reply,) = desk.changes(Reply)
    assert reply.text == long
