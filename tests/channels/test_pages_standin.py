"""The stand-in for Pages and Instagram accounts over HTTP: what it takes, refuses and tells, and how it is steered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from server.facts import HideFact, MessageFact, StatusFact, WatermarkFact
from server.sandbox.graph_pages import Pages, Settings, serve
from tests.channels.hook_target import HookTarget, listening
from tests.channels.pages import ACCOUNTS, PERSON, SECRET, adapter

KINDS = ("messenger", "instagram")


@pytest.fixture(params=KINDS)
async def target(request: pytest.FixtureRequest) -> AsyncIterator[HookTarget]:
    async with listening(HookTarget(adapter(request.param))) as target:
        yield target


@pytest.fixture
async def pages(target: HookTarget) -> Pages:
    kind = target.adapter.kind
    about: dict[str, Any] = {"kind": kind, "account_id": ACCOUNTS[kind], "app_secret": SECRET, "hook_url": target.url}
    return Pages(Settings(sent_after=0, delivered_after=15, read_after=30, hook_retry=5, **about))


@pytest.fixture
async def url(pages: Pages) -> AsyncIterator[str]:
    async with serve(pages) as url:
        yield url


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


def _send(pages: Pages, **message: Any) -> dict[str, Any]:
    return {"recipient": {"id": PERSON}, "messaging_type": "RESPONSE", "message": message}


async def test_its_webhooks_are_signed_and_readable(target: HookTarget, pages: Pages, url: str) -> None:
    mid = await pages.write(PERSON, "hola")
    for what in ("image", "video", "audio", "file", "sticker", "story_mention", "postback", "quick_reply"):
        await pages.write(PERSON, "x", type=what)
    await pages.write(PERSON, "❤", type="reaction", reply_to=mid)
    await pages.write(PERSON, type="unsend", reply_to=mid)
    asked = await pages.comment("7002", "¿precio?", name="José")
    names = [type(fact).__name__ for fact in target.facts]
    assert names == ["MessageFact"] * 9 + ["ReactionFact", "RevokeFact", "MessageFact"]
    public = target.facts[-1]
    assert isinstance(public, MessageFact)
    assert (public.external_id, public.surface) == (asked, "comment")


async def test_files_lie_where_the_message_says(
    target: HookTarget, pages: Pages, url: str, http: httpx.AsyncClient
) -> None:
    await pages.write(PERSON, type="image", data=b"pixels", mime="image/jpeg")
    (fact,) = target.facts
    assert isinstance(fact, MessageFact)
    answer = await http.get(fact.media[0].url)
    assert (answer.content, answer.headers["content-type"]) == (b"pixels", "image/jpeg")


async def test_an_accepted_message_comes_back(
    target: HookTarget, pages: Pages, url: str, http: httpx.AsyncClient
) -> None:
    pages.person(PERSON, open_window=True)
    headers = {"Authorization": "Bearer sandbox-page-token"}
    body = _send(pages, text="hola", metadata="1f.0123456789abcdef")
    sent = (await http.post(f"{url}/v26.0/me/messages", json=body, headers=headers)).json()
    assert await pages.settle()
    echo = next(fact for fact in target.facts if isinstance(fact, MessageFact))
    assert (echo.external_id, echo.refs, echo.echo) == (sent["message_id"], ("1f.0123456789abcdef",), True)
    reports = [fact for fact in target.facts if isinstance(fact, (StatusFact, WatermarkFact))]
    words = {fact.status for fact in reports}
    assert words == ({"delivered", "read"} if target.adapter.kind == "messenger" else {"read"})


async def test_what_becomes_of_a_comment_is_told(target: HookTarget, pages: Pages, url: str) -> None:
    if target.adapter.kind == "instagram":
        return  # Instagram tells of new comments only
    asked = await pages.comment("7002", "insulto")
    for verb in ("edited", "hide", "unhide", "remove"):
        await pages.change_comment(asked, verb, "otro insulto")
    assert [type(fact).__name__ for fact in target.facts[1:]] == ["EditFact", "HideFact", "HideFact", "RevokeFact"]
    hidden = [fact.hidden for fact in target.facts if isinstance(fact, HideFact)]
    assert hidden == [True, False]


async def test_what_is_done_with_other_tools_is_told(target: HookTarget, pages: Pages, url: str) -> None:
    await pages.write(PERSON, "hola")
    await pages.write_elsewhere(PERSON, "ya le atienden")
    asked = await pages.comment("7002", "¿precio?")
    await pages.comment_elsewhere(asked, "6 %")
    own = [fact for fact in target.facts if isinstance(fact, MessageFact) and fact.echo]
    assert [fact.text for fact in own] == ["ya le atienden", "6 %"]
    assert own[1].references == (asked,)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"recipient": {"id": "nobody"}}, 100),
        ({"recipient": {"comment_id": "nothing"}}, 100),
        ({"message": {}}, 100),
        ({"message": {"text": "x", "buttons": []}}, 100),
        ({"message": {"text": "x" * 2001}}, 100),
        ({"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}, 10),
        ({"messaging_type": "MESSAGE_TAG"}, 100),
        ({"extra": 1}, 100),
    ],
)
async def test_what_the_real_one_refuses(
    pages: Pages, url: str, http: httpx.AsyncClient, change: dict[str, Any], code: int
) -> None:
    pages.person(PERSON, open_window=True)
    headers = {"Authorization": "Bearer sandbox-page-token"}
    body = {**_send(pages, text="hola"), **change}
    answer = await http.post(f"{url}/v26.0/me/messages", json=body, headers=headers)
    assert answer.json()["error"]["code"] == code
    assert pages.state.accepted == []


async def test_no_token_no_answer(pages: Pages, url: str, http: httpx.AsyncClient) -> None:
    for headers, code in (({}, 104), ({"Authorization": "Bearer old"}, 190)):
        answer = await http.post(f"{url}/v26.0/me/messages", json={}, headers=headers)
        assert answer.json()["error"]["code"] == code


async def test_it_is_steered_over_http(target: HookTarget, pages: Pages, url: str, http: httpx.AsyncClient) -> None:
    async def post(path: str, **body: Any) -> Any:
        answer = await http.post(f"{url}/_control/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    await post("people", id=PERSON, name="María", open_window=True)
    await post("inbound", **{"from": PERSON, "text": "hola"})
    asked = (await post("comment", **{"from": PERSON, "text": "¿precio?"}))["id"]
    assert [fact.external_id for fact in target.messages][1:] == [asked]
    listed = (await http.get(f"{url}/_control/comments")).json()["items"]
    assert [each["text"] for each in listed] == ["¿precio?"]
    await post("faults", kind="error", code=613, times=1)
    await post("settings", per_second=5)
    summary = (await http.get(f"{url}/_control/summary")).json()
    assert (summary["inbound"], summary["comments"], summary["doubled"]) == (2, 1, {})
    assert (await http.get(f"{url}/_control/people/{PERSON}/messages")).json() == {"items": []}
    await post("deliver", document={"object": "page", "entry": []})
    await post("reset")
    assert pages.state.people == {}
    assert pages.faults.active == []
