"""The widget in a real browser against a real server: what a visitor sees, hears and can rely on."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from websockets.sync.client import connect

from server.wire import API
from tests.real_server import RealServer
from tests.webchat.browsing import Chat, Site, visit
from tests.webchat.desk import Desk
from tests.webchat.visitor import PATIENCE

pytestmark = pytest.mark.browser

MakeDesk = Callable[..., Desk]
Open = Callable[..., Chat]


# ---------------------------------------------------------------- a conversation


def test_write_and_be_answered(tab: Open, desk: Desk) -> None:
    chat = tab().open()
    expect(chat.log).to_contain_text("¡Hola! ¿En qué le podemos ayudar?")
    chat.panel.get_by_label("Su nombre").fill("María Ramos")
    chat.write("Buenos días")
    expect(chat.log.locator(".own .meta")).to_contain_text("Enviado")
    assert desk.texts() == ["Buenos días"]
    assert desk.conversations()[0]["contact_name"] == "María Ramos"
    answer = desk.reply("Buenos días, María")
    chat.expect_texts("Buenos días", "Buenos días, María")
    desk.wait_for_status(answer, "read")
    chat.write("No puedo entrar\na la banca en línea")
    chat.expect_texts("Buenos días", "Buenos días, María", "No puedo entrar a la banca en línea")
    expect(chat.log.locator(".own .meta").last).to_contain_text("Enviado")
    assert desk.texts()[-1] == "No puedo entrar\na la banca en línea"


@pytest.mark.slow
def test_conversation_survives_a_reload(tab: Open, desk: Desk) -> None:
    chat = tab().open()
    chat.write("one")
    chat.expect_all_sent()
    held = desk.reply("three", hold_ms=500)
    chat.write("two")
    chat.expect_texts("one", "two", "three")
    desk.wait_for_status(held, "read")
    chat.input.fill("a draft")
    chat.page.reload()
    expect(chat.panel).to_be_visible()  # it was open
    chat.expect_texts("one", "two", "three")
    expect(chat.input).to_have_value("a draft")
    chat.write("four")
    chat.expect_texts("one", "two", "three", "four")
    chat.expect_all_sent()
    assert desk.texts() == ["one", "two", "four"]


@pytest.mark.slow
def test_nothing_is_lost_or_doubled_when_the_server_is_killed(context: BrowserContext, real_server: RealServer) -> None:
    with Desk(real_server) as desk:
        chat = visit(context, f"{real_server.url}/chat/{desk.name}/demo").open()
        chat.write("before")
        chat.expect_all_sent()
        desk.reply("an answer")
        chat.expect_texts("before", "an answer")
        real_server.kill()
        chat.write("meanwhile 1")
        chat.write("meanwhile 2")
        expect(chat.banner).to_have_text("Sin conexión. Sus mensajes se enviarán al volver.")
        expect(chat.log.get_by_text("Se enviará al volver la conexión").last).to_be_visible()
        chat.page.close()  # the browser goes as well: what was written stays
        real_server.start()
        back = visit(context, f"{real_server.url}/chat/{desk.name}/demo").open()
        expected = ["before", "an answer", "meanwhile 1", "meanwhile 2"]
        back.expect_texts(*expected)
        back.expect_all_sent()
        back.write("after")
        back.expect_texts(*expected, "after")
        back.expect_all_sent()
        expect(back.banner).to_be_hidden()
        assert desk.texts() == ["before", "meanwhile 1", "meanwhile 2", "after"]
        real_server.kill()
        real_server.start()
        back.write("once more")  # this tab was never reloaded
        back.expect_texts(*expected, "after", "once more")
        back.expect_all_sent()
        assert desk.texts() == ["before", "meanwhile 1", "meanwhile 2", "after", "once more"]


@pytest.mark.slow
def test_answers_given_while_offline_are_there_afterwards(tab: Open, context: BrowserContext, desk: Desk) -> None:
    chat = tab().open()
    chat.write("Hola")
    chat.expect_all_sent()
    context.set_offline(True)
    expect(chat.banner).to_be_visible()
    desk.reply("are you there?")
    chat.write("written offline")
    expect(chat.bubbles).to_have_count(2)
    context.set_offline(False)
    chat.expect_texts("Hola", "are you there?", "written offline")
    chat.expect_all_sent()
    expect(chat.banner).to_be_hidden()
    assert desk.texts() == ["Hola", "written offline"]


@pytest.mark.slow
def test_unread_badge(tab: Open, desk: Desk) -> None:
    chat = tab().open()
    expect(chat.badge).to_be_hidden()
    chat.write("Hola")
    chat.expect_all_sent()
    chat.input.press("Escape")
    expect(chat.panel).to_be_hidden()
    first, second = desk.reply("one"), desk.reply("two")
    expect(chat.badge).to_have_text("2")
    expect(chat.launcher).to_have_accessible_name("Abrir el chat, 2 mensajes sin leer")
    for answer in (first, second):
        desk.wait_for_status(answer, "delivered")
    chat.page.reload()
    expect(chat.badge).to_have_text("2")
    chat.open()
    expect(chat.badge).to_be_hidden()
    for answer in (first, second):
        desk.wait_for_status(answer, "read")
    chat.page.reload()
    chat.expect_texts("Hola", "one", "two")
    expect(chat.badge).to_be_hidden()


@pytest.mark.slow
def test_tabs_of_one_visitor_show_the_same(tab: Open, context: BrowserContext, desk: Desk) -> None:
    one = tab().open()
    two = tab().open()  # open before there is anything: becomes the same visitor with the first message
    one.write("from one")
    for chat in (one, two):
        chat.expect_texts("from one")
    two.write("from two")
    one.launcher.click()
    two.launcher.click()
    desk.reply("to both")
    expect(one.badge).to_have_text("1")
    expect(two.badge).to_have_text("1")
    two.open()
    expect(one.badge).to_be_hidden()
    one.open()
    for chat in (one, two):
        chat.expect_texts("from one", "from two", "to both")
        chat.expect_all_sent()
    assert desk.texts() == ["from one", "from two"]
    assert len(context.pages) == 2


@pytest.mark.slow
def test_typing_shows_both_ways(tab: Open, desk: Desk) -> None:
    chat = tab().open()
    chat.write("Hola")
    chat.expect_all_sent()
    conversation = desk.conversation()
    feed = f"ws{desk.server.url.removeprefix('http')}{API}/feed"
    bearer = {"Authorization": f"Bearer {desk.server.tokens['advisor']}"}
    with connect(feed, additional_headers=bearer, proxy=None) as advisor:

        def hear(wanted: Callable[[dict[str, object]], bool]) -> None:
            while not wanted(json.loads(advisor.recv(PATIENCE)).get("presence") or {}):
                pass

        advisor.send(json.dumps({"hello": {}}))
        advisor.send(json.dumps({"viewing": conversation, "typing": False}))
        chat.input.press_sequentially("Quer")
        hear(lambda presence: bool(presence.get("customer_typing")))
        chat.input.fill("")
        hear(lambda presence: presence.get("conversation") == conversation and not presence.get("customer_typing"))
        typing = chat.panel.locator(".typing")
        expect(typing).to_have_text("")
        advisor.send(json.dumps({"viewing": conversation, "typing": True}))
        expect(typing).to_have_text("Están escribiendo…")
        desk.reply("Dígame")
        expect(typing).to_have_text("")


@pytest.mark.slow
def test_earlier_messages_are_fetched_on_request(tab: Open, desk: Desk) -> None:
    chat = tab().open()
    chat.write("Hola")
    chat.expect_all_sent()
    answers = [f"answer {n}" for n in range(60)]
    for answer in answers:
        desk.reply(answer)
    chat.expect_texts("Hola", *answers)
    chat.page.reload()
    chat.expect_texts(*answers[-50:])
    chat.panel.get_by_role("button", name="Ver mensajes anteriores").click()
    chat.expect_texts("Hola", *answers)
    expect(chat.panel.get_by_role("button", name="Ver mensajes anteriores")).to_be_hidden()


# ---------------------------------------------------------------- for everybody


def test_keyboard_alone_is_enough(tab: Open, desk: Desk) -> None:
    chat = tab()
    keyboard = chat.page.keyboard
    for _ in range(20):
        keyboard.press("Tab")
        if chat.page.evaluate("() => document.activeElement.localName") == "agent-console-chat":
            break
    expect(chat.launcher).to_be_focused()
    keyboard.press("Enter")
    expect(chat.input).to_be_focused()
    keyboard.type("first line")
    keyboard.press("Shift+Enter")
    keyboard.type("second line")
    keyboard.press("Enter")
    chat.expect_all_sent()
    assert desk.texts() == ["first line\nsecond line"]
    expect(chat.input).to_have_value("")
    expect(chat.input).to_be_focused()
    keyboard.press("Enter")  # nothing to send
    keyboard.type("sent with the button")
    keyboard.press("Tab")
    expect(chat.panel.get_by_role("button", name="Enviar")).to_be_focused()
    keyboard.press("Space")
    chat.expect_texts("first line second line", "sent with the button")
    chat.expect_all_sent()
    for _ in range(10):  # back through the panel: the conversation can be scrolled with the keyboard
        keyboard.press("Shift+Tab")
        if chat.log.evaluate("node => node.getRootNode().activeElement === node"):
            break
    expect(chat.log).to_be_focused()
    keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()
    expect(chat.launcher).to_be_focused()
    keyboard.press("Space")
    expect(chat.panel).to_be_visible()
    assert len(desk.texts()) == 2


def test_accessible_names_and_roles(tab: Open, desk: Desk) -> None:
    chat = tab()
    expect(chat.launcher).to_have_accessible_name("Abrir el chat")
    expect(chat.launcher).to_have_attribute("aria-expanded", "false")
    chat.open()
    expect(chat.launcher).to_have_attribute("aria-expanded", "true")
    expect(chat.panel).to_have_accessible_name("Escríbanos")
    expect(chat.log).to_have_attribute("aria-live", "polite")
    chat.write("Hola")
    chat.expect_all_sent()
    desk.reply("Buenos días")
    chat.expect_texts("Hola", "Buenos días")
    expect(chat.panel).to_match_aria_snapshot(
        """
        - dialog "Escríbanos":
          - banner:
            - heading "Escríbanos" [level=2]
            - paragraph
            - button "Cerrar el chat"
          - log "Conversación":
            - text: /Hoy Usted. Hola/
            - time
            - text: /Enviado Ana Morales. Buenos días/
            - time
          - status
          - textbox "Su mensaje"
          - button "Enviar" [disabled]
        """
    )


@pytest.mark.slow
def test_spanish_and_english(context: BrowserContext, make_desk: MakeDesk, site: Site) -> None:
    auto = make_desk(origins=site.origin, title="Izotal")
    english_only = make_desk(origins=site.origin, language="en")
    for desk, lang, attributes, title, placeholder in (
        (auto, "es", "", "Izotal", "Escriba su mensaje…"),
        (auto, "en-US", "", "Izotal", "Write your message…"),
        (auto, "fr", "", "Izotal", "Escriba su mensaje…"),  # the browser's language
        (auto, "es", 'data-language="en"', "Izotal", "Write your message…"),
        (english_only, "es", "", "Chat with us", "Write your message…"),
    ):
        site.embed(desk, lang=lang, attributes=attributes)
        chat = visit(context, site.origin).open()
        expect(chat.panel).to_have_accessible_name(title)
        expect(chat.input).to_have_attribute("placeholder", placeholder)
        chat.page.close()


def test_demo_page_switches_language(tab: Open) -> None:
    chat = tab("?lang=en").open()
    expect(chat.input).to_have_attribute("placeholder", "Write your message…")
    expect(chat.page.get_by_role("heading", level=1)).to_have_text("What we save together goes further.")
    chat.page.get_by_role("link", name="Español").click()
    expect(chat.page.get_by_role("heading", level=1)).to_have_text("Lo que ahorramos juntos alcanza para más.")
    expect(chat.launcher).to_have_accessible_name("Cerrar el chat")
    chat.launcher.click()
    chat.page.get_by_role("link", name="Escríbanos ahora").click()  # a link of the page's own opens it
    expect(chat.input).to_be_focused()


@pytest.mark.slow
def test_small_screens(browser: Browser, tab: Open, desk: Desk) -> None:
    phone = browser.new_context(locale="es-SV", viewport={"width": 320, "height": 568}, has_touch=True, is_mobile=True)
    try:
        chat = tab(on=phone).open()
        chat.write("una palabra larguísima: " + "x" * 200)
        chat.expect_all_sent()
        desk.reply("https://www.example.org/" + "y" * 200)
        expect(chat.bubbles).to_have_count(2)
        assert chat.panel.bounding_box() == {"x": 0, "y": 0, "width": 320, "height": 568}
        assert chat.log.evaluate("node => node.scrollWidth <= node.clientWidth")
        assert chat.page.evaluate("() => document.documentElement.scrollWidth") == 320
        for name in ("Enviar", "Cerrar el chat"):
            box = chat.panel.get_by_role("button", name=name).bounding_box()
            assert box is not None and box["width"] >= 44 and box["height"] >= 44  # a finger's width
        for _ in range(8):  # the panel covers the page: Tab stays in it
            chat.page.keyboard.press("Tab")
            assert chat.page.evaluate("() => document.activeElement.localName") == "agent-console-chat"
        chat.panel.get_by_role("button", name="Cerrar el chat").click()
        expect(chat.launcher).to_be_visible()
    finally:
        phone.close()


def test_reduced_motion(tab: Open) -> None:
    chat = tab()
    chat.page.emulate_media(reduced_motion="reduce")
    chat.open()
    assert chat.panel.evaluate("node => getComputedStyle(node).animationName") == "none"
