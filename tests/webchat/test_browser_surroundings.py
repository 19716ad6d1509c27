"""The widget in a real browser on pages that mean it no good, and what it leaves with those who only read a page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.webchat.browsing import Chat, Site, visit
from tests.webchat.desk import Desk

pytestmark = pytest.mark.browser

MakeDesk = Callable[..., Desk]
Open = Callable[..., Chat]


def test_hostile_text_is_shown_as_text(tab: Open, desk: Desk) -> None:
    hostile = [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(2)"> <b>bold</b>',
        "</span></div><iframe src='javascript:alert(3)'>",
        "javascript:alert(4) data:text/html,<script>alert(5)</script>",
    ]
    chat = tab().open()
    for text in hostile:
        chat.write(text)
    chat.expect_all_sent()
    for text in hostile:
        desk.reply(text)
    chat.expect_texts(*hostile, *hostile)
    assert chat.bubbles.locator("*").count() == 0
    chat.page.reload()
    chat.expect_texts(*hostile, *hostile)
    assert chat.bubbles.locator("*").count() == 0


def test_links_are_only_for_the_web(tab: Open, desk: Desk) -> None:
    chat = tab().open()
    chat.write("Hola")
    chat.expect_all_sent()
    desk.reply('vea (https://www.example.org/a?b=1&c="x"), http://example.org. o ftp://example.org https://')
    expect(chat.bubbles).to_have_count(2)
    links = chat.log.get_by_role("link")
    expect(links).to_have_text(["https://www.example.org/a?b=1&c=", "http://example.org"])
    for link in links.all():
        assert link.get_attribute("rel") == "noopener noreferrer nofollow"
        assert link.get_attribute("target") == "_blank"


@pytest.mark.slow
def test_the_pages_style_does_not_reach_us(context: BrowserContext, make_desk: MakeDesk, site: Site) -> None:
    desk = make_desk(origins=site.origin)
    site.embed(
        desk,
        style="* { color: red !important; font: 60px serif !important; letter-spacing: 1em }"
        " div, button, span, agent-console-chat { display: none !important }",
    )
    chat = visit(context, site.origin).open()
    chat.write("Hola")
    chat.expect_all_sent()
    bubble = chat.log.locator(".own .bubble")
    assert bubble.evaluate("node => getComputedStyle(node).color") == "rgb(255, 255, 255)"
    assert bubble.evaluate("node => getComputedStyle(node).letterSpacing") == "normal"
    assert chat.input.evaluate("node => getComputedStyle(node).fontSize") == "16px"
    assert desk.texts() == ["Hola"]


def test_works_under_a_strict_policy(context: BrowserContext, make_desk: MakeDesk, site: Site) -> None:
    desk = make_desk(origins=site.origin)
    host = desk.server.url.removeprefix("http://")
    site.embed(desk)
    site.page = site.page.replace("<style></style>", "")
    site.policy = (
        f"default-src 'none'; script-src http://{host}; connect-src ws://{host}; img-src data:;"
        " trusted-types 'none'; require-trusted-types-for 'script'"
    )
    chat = visit(context, site.origin).open()
    chat.write("Hola")
    chat.expect_all_sent()
    assert chat.panel.evaluate("node => getComputedStyle(node).position") == "fixed"
    assert desk.texts() == ["Hola"]
    assert chat.problems == []


@pytest.mark.slow
def test_the_pages_shortcuts_do_not_hear_what_is_typed(
    context: BrowserContext, make_desk: MakeDesk, site: Site
) -> None:
    desk = make_desk(origins=site.origin)
    site.embed(desk, body='<script>heard = ""; addEventListener("keydown", (e) => { heard += e.key; });</script>')
    chat = visit(context, site.origin)
    chat.page.keyboard.press("s")
    chat.open()
    chat.input.press_sequentially("question?")
    assert chat.page.evaluate("heard") == "s"


@pytest.mark.slow
def test_site_that_is_not_allowed_gets_nothing(context: BrowserContext, desk: Desk, site: Site) -> None:
    site.embed(desk)  # the chat's origins name another site
    chat = visit(context, site.origin).open()
    chat.write("Hola")
    expect(chat.banner).to_be_visible()
    expect(chat.log).to_contain_text("Se enviará al volver la conexión")
    assert desk.conversations() == []


@pytest.mark.slow
def test_flood_goes_out_slowly_and_in_order(tab: Open, desk: Desk) -> None:
    texts = [f"message {n}" for n in range(13)]
    chat = tab().open()
    for text in texts:
        chat.write(text)
    expect(chat.banner).to_have_text("Va muy rápido: sus mensajes se envían uno a uno.")
    chat.expect_texts(*texts)
    chat.expect_all_sent()
    expect(chat.banner).to_be_hidden()
    assert desk.texts() == texts


# ---------------------------------------------------------------- privacy


@pytest.mark.slow
def test_nothing_is_kept_or_opened_before_the_first_message(tab: Open, desk: Desk) -> None:
    chat = tab()
    sockets: list[str] = []
    chat.page.on("websocket", lambda socket: sockets.append(socket.url))
    chat.page.reload()
    expect(chat.launcher).to_be_visible()
    assert sockets == [] and chat.stored() == {}  # people who only read the page cost nothing
    chat.open()
    expect(chat.panel.get_by_label("Su nombre")).to_be_visible()
    with chat.page.expect_websocket():
        chat.page.reload()
    assert chat.stored() == {}
    chat.write("Hola")
    chat.expect_all_sent()
    assert [key.rpartition(":")[2] for key in chat.stored()] == ["visitor"]
    assert desk.texts() == ["Hola"]


@pytest.mark.slow
def test_page_that_may_not_store_still_chats(context: BrowserContext, tab: Open, desk: Desk) -> None:
    context.add_init_script(
        "for (const area of ['localStorage', 'sessionStorage'])"
        " Object.defineProperty(window, area, { get() { throw new DOMException('no', 'SecurityError'); } });"
    )
    chat = tab().open()
    chat.write("Hola")
    chat.expect_all_sent()
    desk.reply("Buenos días")
    chat.expect_texts("Hola", "Buenos días")


@pytest.mark.slow
def test_demo_page_talks_to_nobody_else(tab: Open, context: BrowserContext, desk: Desk) -> None:
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    chat = tab().open()
    chat.write("Hola")
    chat.expect_all_sent()
    assert {url for url in asked if not url.startswith((desk.server.url, "data:"))} == set()
