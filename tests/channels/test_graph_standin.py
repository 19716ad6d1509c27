"""The stand-in itself: what it takes and refuses, how its webhooks come, what can be made to go wrong, its controls."""

from __future__ import annotations

import asyncio
import base64
import subprocess
import sys
from typing import Any

import httpx
import pytest

from server.facts import MessageFact, ReactionFact, StatusFact
from server.sandbox.graph import Customer, Fault, Graph, Received
from tests.channels.documents import BSUID, NUMBER_ID, PHONE
from tests.channels.hook_target import HookTarget

TOKEN = {"Authorization": "Bearer sandbox-access-token"}


def body(**fields: Any) -> dict[str, Any]:
    base = {"messaging_product": "whatsapp", "to": PHONE, "type": "text", "text": {"body": "hola"}}
    return {**base, **fields}


@pytest.fixture
async def api(graph_url: str) -> Any:
    async with httpx.AsyncClient(base_url=graph_url, headers=TOKEN, trust_env=False) as client:
        yield client


@pytest.fixture(autouse=True)
def maria(graph: Graph) -> None:
    graph.customer(PHONE, name="María", open_window=True)


async def send(api: httpx.AsyncClient, **fields: Any) -> httpx.Response:
    return await api.post(f"/v26.0/{NUMBER_ID}/messages", json=body(**fields))


async def test_any_version_of_the_path(api: httpx.AsyncClient) -> None:
    for version in ("v23.0", "v26.0"):
        answer = await api.post(f"/{version}/{NUMBER_ID}/messages", json=body())
        assert answer.json()["contacts"] == [{"input": PHONE, "wa_id": PHONE}]
        assert answer.json()["messages"][0]["id"].startswith("wamid.HBg")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"messaging_product": None}, 100),
        ({"to": None}, 100),
        ({"to": "x"}, 131009),
        ({"to": 50370001234}, 100),
        ({"recipient_type": "crowd"}, 100),
        ({"type": "fax"}, 100),
        ({"type": "image"}, 131008),
        ({"text": "hola"}, 100),
        ({"text": {"body": ""}}, 100),
        ({"text": {"body": "x" * 4097}}, 100),
        ({"text": {"body": "x", "preview_url": "no"}}, 100),
        ({"type": "image", "image": {"id": "404"}}, 100),
        ({"type": "image", "image": {}}, 100),
        ({"type": "image", "image": {"id": "1", "link": "https://x"}}, 100),
        ({"type": "reaction", "reaction": {"message_id": "wamid.none", "emoji": "x"}}, 131009),
        ({"type": "template", "template": {"name": "none", "language": {"code": "es"}}}, 132001),
        ({"type": "template", "template": {"name": "hello_world"}}, 100),
        ({"biz_opaque_callback_data": "x" * 513}, 100),
        ({"context": {"message_id": ""}}, 100),
        ({"status": "read"}, 100),
        ({"status": "read", "message_id": "wamid.none"}, 131009),
    ],
)
async def test_what_the_real_one_would_refuse(
    api: httpx.AsyncClient, graph: Graph, fields: dict[str, Any], code: int
) -> None:
    answer = await send(api, **fields)
    assert answer.status_code >= 400
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["type"] == "OAuthException"
    assert not graph.state.accepted


async def test_no_token_no_json(api: httpx.AsyncClient, graph_url: str) -> None:
    async with httpx.AsyncClient(base_url=graph_url, trust_env=False) as stranger:
        answer = await stranger.post(f"/v26.0/{NUMBER_ID}/messages", json=body())
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, 104)
    assert (await api.post(f"/v26.0/{NUMBER_ID}/messages", content="to=1")).status_code == 400
    headers = {"Content-Type": "application/json"}
    assert (await api.post(f"/v26.0/{NUMBER_ID}/messages", content="{", headers=headers)).status_code == 400


async def test_statuses_carry_our_reference(api: httpx.AsyncClient, graph: Graph, target: HookTarget) -> None:
    sent = (await send(api, biz_opaque_callback_data="msg-5")).json()["messages"][0]["id"]
    await target.until(3)
    assert target.statuses == ["sent", "delivered", "read"]
    for fact in target.facts:
        assert isinstance(fact, StatusFact)
        assert (fact.external_id, fact.client_ref) == (sent, "msg-5")
    assert [(r.n, r.text, r.ref) for r in await graph.next_received(PHONE)] == [(1, "hola", "msg-5")]


async def test_somebody_without_receipts_and_somebody_unreachable(
    api: httpx.AsyncClient, graph: Graph, target: HookTarget
) -> None:
    graph.customer(PHONE, reads=False)
    await send(api)
    await graph.settle()
    assert target.statuses == ["sent", "delivered"]
    graph.customer(PHONE, reachable=False)
    await send(api)
    await graph.settle()
    last = target.facts[-1]
    assert isinstance(last, StatusFact) and last.failure is not None
    assert (last.status, last.failure.reason) == ("failed", "undeliverable")
    assert len(await graph.next_received(PHONE)) == 1


async def test_outside_the_window(api: httpx.AsyncClient, graph: Graph, target: HookTarget) -> None:
    graph.customer(PHONE, last_inbound_at=graph.state.clock() - graph.settings.window_ms - 1)
    assert (await send(api)).status_code == 200
    await graph.settle()
    (fact,) = target.facts
    assert isinstance(fact, StatusFact) and fact.failure is not None
    assert (fact.status, fact.failure.reason, fact.failure.code) == ("failed", "window_closed", "131047")
    template = {"name": "hello_world", "language": {"code": "en_US"}}
    await send(api, type="template", template=template)
    await graph.settle()
    assert target.statuses[1:] == ["sent", "delivered", "read"]
    await graph.write(PHONE, "aquí estoy")
    await send(api)
    await graph.settle()
    assert target.statuses[-1] == "read"


async def test_too_many_to_one_person(api: httpx.AsyncClient, graph: Graph) -> None:
    graph.settings.pair_burst = 2
    codes = [(await send(api)).json().get("error", {}).get("code") for _ in range(3)]
    assert codes == [None, None, 131056]


async def test_too_many_altogether(api: httpx.AsyncClient, graph: Graph) -> None:
    graph.state.clock = lambda: 1_795_000_000_000
    graph.customer(PHONE, open_window=True)
    graph.settings.per_second = 2
    codes = [(await send(api)).json().get("error", {}).get("code") for _ in range(3)]
    assert codes == [None, None, 130429]


async def test_what_went_twice_is_seen(api: httpx.AsyncClient, graph: Graph) -> None:
    for _ in range(2):
        await send(api, biz_opaque_callback_data="msg-1")
    await send(api, biz_opaque_callback_data="msg-2")
    assert graph.state.doubled() == {"msg-1": 2}


# ---------------------------------------------------------------- webhooks


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("text", "text"),
        ("image", "image"),
        ("audio", "audio"),
        ("video", "video"),
        ("document", "document"),
        ("sticker", "sticker"),
        ("location", "location"),
        ("contacts", "contacts"),
        ("button", "button"),
        ("interactive", "interactive"),
        ("system", "system"),
        ("unsupported", "unsupported"),
    ],
)
async def test_a_customer_writes(graph: Graph, target: HookTarget, kind: str, shown: str) -> None:
    id = await graph.write(PHONE, "Sí", type=kind)
    (fact,) = target.messages
    assert isinstance(fact, MessageFact)
    assert (fact.external_id, fact.kind) == (id, shown)
    assert abs(fact.at - graph.state.clock()) < 60_000


async def test_a_customer_answers_reacts_edits_and_revokes(graph: Graph, target: HookTarget) -> None:
    await graph.write(PHONE, "sí", reply_to="wamid.9")
    await graph.write(PHONE, "👍", type="reaction", reply_to="wamid.9")
    await graph.write(PHONE, "", type="reaction", reply_to="wamid.9")
    await graph.write(PHONE, "otra cosa", type="edit", reply_to="wamid.8")
    await graph.write(PHONE, type="revoke", reply_to="wamid.8")
    quoted, liked, unliked, edited, revoked = target.facts
    assert isinstance(quoted, MessageFact) and quoted.reply_to == "wamid.9"
    assert isinstance(liked, ReactionFact) and liked.emoji == "👍"
    assert isinstance(unliked, ReactionFact) and unliked.emoji == ""
    assert edited.text == "otra cosa"  # type: ignore[union-attr]
    assert revoked.target == "wamid.8"  # type: ignore[union-attr]


async def test_somebody_who_hides_their_number(graph: Graph, target: HookTarget) -> None:
    await graph.write(user_id=BSUID, text="hola", name="Sheena", username="sheena")
    (fact,) = target.messages
    assert [(a.kind, a.value) for a in fact.party.addresses] == [("bsuid", BSUID)]
    assert (fact.party.name, fact.party.username) == ("Sheena", "sheena")


async def test_delivered_until_taken(graph: Graph, target: HookTarget) -> None:
    target.answers = [500, 503, 202, 404]
    await graph.write(PHONE, "hola")
    assert target.calls == 5
    assert len(target.bodies) == 1
    assert graph.counters.retries == 4


async def test_offered_twice(graph: Graph, target: HookTarget) -> None:
    await graph.write(PHONE, "hola", times=2)
    assert len(target.bodies) == 2
    assert target.bodies[0] == target.bodies[1]
    assert graph.counters.duplicates == 1


async def test_faults_of_webhooks(api: httpx.AsyncClient, graph: Graph, target: HookTarget) -> None:
    graph.faults.add(Fault(kind="reorder", times=1))
    await send(api)
    await graph.settle()
    assert target.statuses == ["read", "delivered", "sent"]
    graph.faults.add(Fault(kind="drop", times=1), Fault(kind="duplicate", times=1))
    await send(api)
    await graph.settle()
    assert target.statuses[3:] == ["delivered", "delivered", "read"]
    graph.faults.add(Fault(kind="fail", code=131049, times=1))
    await send(api)
    await graph.settle()
    last = target.facts[-1]
    assert isinstance(last, StatusFact) and last.failure is not None and last.failure.reason == "policy"
    graph.faults.add(Fault(kind="delay", ms=50, times=1))
    await graph.write(PHONE, "tarde")
    assert target.messages[-1].text == "tarde"  # type: ignore[union-attr]


async def test_faults_by_rate_and_by_person(api: httpx.AsyncClient, graph: Graph) -> None:
    graph.settings.pair_burst = 1000
    graph.settings.statuses = False
    graph.faults.add(Fault(kind="error", code=131000, rate=0.5))
    codes = [(await send(api)).status_code for _ in range(100)]
    assert 20 < codes.count(500) < 80
    graph.faults.clear()
    graph.faults.add(Fault(kind="error", code=131000, to="50379999999"))
    assert (await send(api)).status_code == 200


async def test_customers_react_to_what_they_get(api: httpx.AsyncClient, graph: Graph, target: HookTarget) -> None:
    async def thank(customer: Customer, received: Received) -> None:
        await graph.write(customer.phone, f"gracias por «{received.text}»", reply_to=received.id)

    graph.on_received(thank)
    await send(api, text={"body": "listo"})
    await graph.settle()
    (fact,) = target.messages
    assert isinstance(fact, MessageFact)
    assert fact.text == "gracias por «listo»"


# ---------------------------------------------------------------- controls over HTTP


async def test_controls(api: httpx.AsyncClient, graph: Graph, target: HookTarget) -> None:
    async def control(path: str, given: Any = None, method: str = "POST") -> Any:
        answer = await api.request(method, f"/_control/{path}", json=given)
        assert answer.status_code == 200, answer.text
        return answer.json()

    assert (await control("settings", {"read_after": 20}))["read_after"] == 20
    assert graph.settings.app_secret == "app-secret"
    await control("customers", {"phone": "50370000002", "name": "Luis", "reads": False})
    await control("templates", {"name": "aviso", "language": "es", "parameters": 1})
    pixels = base64.b64encode(b"pixels").decode()
    written = await control(
        "inbound", {"from": "50370000002", "text": "boleta", "type": "image", "data": pixels, "times": 2}
    )
    assert [fact.external_id for fact in target.messages] == [written["id"]] * 2
    waiting = asyncio.create_task(control("customers/50370000002/messages?wait=10", method="GET"))
    await send(api, to="50370000002", biz_opaque_callback_data="msg-9")
    (received,) = (await waiting)["items"]
    assert (received["text"], received["ref"]) == ("hola", "msg-9")
    assert (await control("customers/50370000002/messages?after=1&wait=0", method="GET"))["items"] == []
    assert len((await control("accepted?ref=msg-9", method="GET"))["items"]) == 1
    assert (await control("accepted?to=50370009999", method="GET"))["items"] == []
    await control("faults", [{"kind": "error", "code": 131056, "times": 1}, {"kind": "reorder"}])
    assert (await send(api)).json()["error"]["code"] == 131056
    assert (await control("faults", method="GET"))[0]["hits"] == 1
    assert await control("faults", method="DELETE") == []
    assert (await control("deliver", {"document": {"object": "x", "entry": []}}))["attempts"] == 1
    await graph.settle()
    summary = await control("summary", method="GET")
    assert (summary["accepted"], summary["inbound"], summary["doubled"]) == (1, 1, {})
    await control("reset")
    assert (await control("summary", method="GET"))["accepted"] == 0


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("faults", {"kind": "earthquake"}),
        ("inbound", {"text": "from nobody"}),
        ("inbound", {"from": "1", "colour": "green"}),
        ("inbound", {"from": "1", "type": "image", "data": "not base64!"}),
        ("settings", {"read_after": "soon"}),
        ("templates", {}),
        ("inbound", ["x"]),
    ],
)
async def test_senseless_controls_are_refused(api: httpx.AsyncClient, path: str, given: Any) -> None:
    assert (await api.post(f"/_control/{path}", json=given)).status_code == 400


def test_as_a_program() -> None:
    command = [sys.executable, "-m", "server.sandbox.graph", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        try:
            word, url = program.stdout.readline().split()
            assert word == "graph_url"
            answer = httpx.get(f"{url}/{NUMBER_ID}", headers=TOKEN, trust_env=False)
            assert answer.json()["verified_name"] == "Cooperativa La Esperanza"
        finally:
            program.terminate()
