"""The console in a real browser: one signs in, sees the inbox and answers; two visitors are two users."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Download, expect

from tests.cli.office import Office
from tests.real_server import PASSWORD, PATIENCE, environment
from tests.web.site import Visitor, WebConsole

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.mark.slow
def test_sign_in_see_the_inbox_and_answer(site: WebConsole, context: BrowserContext, office: Office) -> None:
    id = office.customer_writes("¿A qué hora abren?", "Elena Paz")
    office.done("conv", str(id), "claim")
    visitor = Visitor(context, site.url)
    visitor.sign_in("ana", PASSWORD)
    visitor.wait_for("Elena Paz")
    visitor.press_until("Enter", "‹ Elena Paz")
    visitor.press_until("r", "ctrl\\+s")
    visitor.type("A las ocho, Elena.")
    visitor.wait_for("ocho, Elena")
    visitor.press("Control+s")
    deadline = time.monotonic() + PATIENCE
    while not [m for m in office.json("conv", str(id))["messages"] if m["text"] == "A las ocho, Elena."]:
        assert time.monotonic() < deadline, visitor.screen
        visitor.page.wait_for_timeout(200)
    assert visitor.problems == []
    # Nothing of it is fetched from anybody else.
    assert {url.split("/")[2] for url in visitor.requests if url.startswith("http")} == {site.url.split("/")[2]}


@pytest.mark.slow
def test_two_visitors_are_two_users(site: WebConsole, browser: Browser, office: Office) -> None:
    mine = office.customer_writes("buenas tardes", "Fabio Luna")
    office.done("conv", str(mine), "claim")
    theirs = office.customer_writes("buenas noches", "Gladis Mar")
    office.done("conv", str(theirs), "claim", role="supervisor")
    contexts = [browser.new_context(viewport={"width": 1200, "height": 800}) for _ in range(2)]
    try:
        ana, sofia = (Visitor(each, site.url) for each in contexts)
        ana.sign_in("ana", PASSWORD)
        ana.wait_for("Fabio Luna")
        # The second one is not taken for the first one, nor for the operator.
        sofia.wait_for("(?i)contraseña")
        assert "Fabio Luna" not in sofia.screen
        sofia.sign_in("sofia", PASSWORD)
        sofia.wait_for("Gladis Mar")
        assert "Gladis Mar" not in ana.screen and "Fabio Luna" not in sofia.screen
        assert len(site.visitors()) >= 2
    finally:
        for each in contexts:
            each.close()


@pytest.mark.slow
def test_a_visitor_who_leaves_takes_the_console_along(site: WebConsole, context: BrowserContext) -> None:
    before = {each.pid for each in site.visitors()}
    visitor = Visitor(context, site.url)
    visitor.wait_for("(?i)contraseña")
    (process,) = [each for each in site.visitors() if each.pid not in before][-1:]
    home = process.environ()["HOME"]  # what it was started with: the operator's; it moves out of there by itself
    assert home == environment(site.server.home)["HOME"]
    visitor.page.close()
    process.wait(PATIENCE)


@pytest.mark.slow
def test_what_was_begun_is_there_again(site: WebConsole, browser: Browser, office: Office) -> None:
    """Whatever the server has of it: the window is closed with the last key."""
    id = office.customer_writes("¿me presta?", "Irene Paz")
    office.done("conv", str(id), "claim")
    for last in (False, True):
        context = browser.new_context(viewport={"width": 1200, "height": 800})
        visitor = Visitor(context, site.url)
        visitor.sign_in("ana", PASSWORD)
        visitor.wait_for("Irene Paz")
        if last:
            visitor.wait_for("borrador: Con gusto le")
        else:
            visitor.press_until("Enter", "‹ ")
            visitor.type(f":{id}")
            visitor.press("Enter")
            visitor.wait_for("‹ Irene Paz")
            visitor.press_until("r", "ctrl\\+s")
            visitor.type("Con gusto le")
            visitor.wait_for("gusto le")
        context.close()


@pytest.mark.slow
def test_a_file_is_handed_to_the_browser(
    site: WebConsole, context: BrowserContext, office: Office, tmp_path: Path
) -> None:
    form = tmp_path / "formulario.pdf"
    form.write_bytes(b"%PDF-1.4 form")
    id = office.customer_writes("mándeme el formulario", "Julio Mena")
    office.done("conv", str(id), "reply", "Aquí está", "--file", str(form), role="supervisor")
    visitor = Visitor(context, site.url)
    visitor.sign_in("sofia", PASSWORD)
    visitor.wait_for("Julio Mena")
    visitor.press_until("Enter", "‹ ")
    visitor.type(f":{id}")
    visitor.press("Enter")
    visitor.wait_for("‹ Julio Mena")
    visitor.press_until("v", "application/pdf")
    found: list[Download] = []
    visitor.page.on("download", lambda download: found.append(download))
    visitor.press("s")
    deadline = time.monotonic() + PATIENCE
    while not found:
        assert time.monotonic() < deadline, visitor.screen
        visitor.page.wait_for_timeout(200)
    assert found[0].suggested_filename == "formulario.pdf"
    assert Path(found[0].path()).read_bytes() == b"%PDF-1.4 form"


@pytest.mark.slow
def test_a_console_that_ends_says_so_and_can_be_begun_again(site: WebConsole, context: BrowserContext) -> None:
    visitor = Visitor(context, site.url)
    visitor.wait_for("(?i)contraseña")
    visitor.page.locator(".textual-terminal").click(position={"x": 5, "y": 5})
    visitor.press("Control+q")
    expect(visitor.page.locator("#ended")).to_be_visible()
    visitor.data.clear()
    visitor = Visitor(context, site.url)
    visitor.wait_for("(?i)contraseña")


@pytest.mark.slow
def test_the_operators_files_are_out_of_reach(site: WebConsole, context: BrowserContext, office: Office) -> None:
    secret = office.server.home / "secreto.txt"
    secret.write_text("clave del operador")
    id = office.customer_writes("mándeme algo", "Hugo Sosa")
    office.done("conv", str(id), "claim")
    visitor = Visitor(context, site.url)
    visitor.sign_in("ana", PASSWORD)
    visitor.wait_for("Hugo Sosa")
    visitor.press_until("Enter", "‹ ")
    visitor.press_until("Control+o", "(?i)adjunt.*\n")
    visitor.type(str(secret))
    visitor.press("Enter")
    visitor.wait_for("(?i)navegador")
    assert office.json("conv", str(id))["messages"][-1]["attachments"] == []


def test_other_names_and_other_sites_are_turned_away(site: WebConsole) -> None:
    port = site.url.rpartition(":")[2]
    assert httpx.get(site.url, headers={"Host": f"evil.example:{port}"}).status_code == 403
    handshake = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    for origin in ("https://evil.example", f"http://evil.example:{port}", "null"):
        answer = httpx.get(f"{site.url}/ws", headers={**handshake, "Origin": origin})
        assert answer.status_code == 403
    assert httpx.get(f"{site.url}/ws", headers=handshake).status_code == 403
    page = httpx.get(site.url)
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "DENY"
    assert httpx.get(f"{site.url}/static/").status_code in (403, 404)
