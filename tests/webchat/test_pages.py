"""The widget and the demo page as a browser fetches them."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from server.webchat.pages import STATIC
from tests.webchat.desk import Desk

MakeDesk = Callable[..., Desk]


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30) as client:
        yield client


def chat(desk: Desk, file: str) -> str:
    return f"{desk.server.url}/chat/{desk.name}/{file}"


def test_widget_carries_the_channels_settings(make_desk: MakeDesk, http: httpx.Client) -> None:
    hostile = 'La "Ceiba" </script>\u2028\\'
    desk = make_desk(title=hostile, color="#aa3300", language="en")
    answer = http.get(chat(desk, "widget.js"))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"
    (served,) = re.findall(r"const SERVED = Object\.freeze\((\{.*\})\);", answer.text)
    assert json.loads(served) == {"title": hostile, "color": "#aa3300", "language": "en"}


def test_widget_is_cached_until_settings_change(desk: Desk, http: httpx.Client) -> None:
    first = http.get(chat(desk, "widget.js"), headers={"Accept-Encoding": "identity"})
    assert "max-age" in first.headers["cache-control"]
    again = http.get(chat(desk, "widget.js"), headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304 and again.content == b""
    zipped = http.get(chat(desk, "widget.js"), headers={"Accept-Encoding": "gzip"})
    assert zipped.headers["content-encoding"] == "gzip" and zipped.content == first.content
    assert len(gzip.compress(first.content)) < 20_000
    with desk.server.client("admin") as admin:
        assert admin.patch(f"/channels/{desk.name}", json={"settings": {"title": "New"}}).is_success
    changed = http.get(chat(desk, "widget.js"), headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200 and changed.headers["etag"] != first.headers["etag"]


def test_demo_page_in_both_languages(desk: Desk, http: httpx.Client) -> None:
    spanish = http.get(chat(desk, "demo"))
    english = http.get(chat(desk, "demo"), params={"lang": "en"})
    other = http.get(chat(desk, "demo"), params={"lang": '"><script>'})
    assert '<html lang="es">' in spanish.text and '<html lang="en">' in english.text
    assert other.text == spanish.text
    policy = spanish.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy


@pytest.mark.parametrize("file", ["widget.js", "demo"])
def test_unknown_chats_are_not_found(desk: Desk, http: httpx.Client, file: str) -> None:
    assert http.get(f"{desk.server.url}/chat/no-such-chat/{file}").status_code == 404
    assert http.post(chat(desk, file)).status_code == 405


def test_demo_speaks_both_languages_in_full() -> None:
    words = json.loads((STATIC / "demo.json").read_text())
    assert words["es"].keys() == words["en"].keys()
    used = set(re.findall(r"\$(\w+)", (STATIC / "demo.html").read_text())) - {"language", "style"}
    assert used == words["es"].keys()


def test_widget_speaks_both_languages_in_full() -> None:
    source = (STATIC / "widget.js").read_text()
    spanish, english = (
        set(re.findall(r"^      (\w+):", source.split(f"    {language}: {{\n")[1].split("\n    },")[0], re.M))
        for language in ("es", "en")
    )
    assert spanish == english and len(spanish) > 20


@pytest.mark.parametrize("file", sorted(STATIC.iterdir()), ids=lambda file: file.name)
def test_nothing_comes_from_elsewhere(file: Path) -> None:
    source = re.sub(r"^\s*//.*$", "", file.read_text(), flags=re.M)
    for address in re.findall(r"https?://[^\s\"'`]+", source):
        assert address in ("http://www.w3.org/2000/svg",), f"{file.name} speaks of {address}"
    for evaluated in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert evaluated not in source
