"""A webhook channel over a bad line: sent is shown is stored, and what is sent again shows once."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from server.sandbox.graph_faults import Fault
from server.sandbox.webhook import Partner, Settings, serve
from tests.faults.audit import audit
from tests.faults.office import Office, look
from tests.faults.replies import Case, Outcome, play, text_of
from tests.real_server import RealServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

WHO = "u-17"


def _once(kind: Any, **more: Any) -> Fault:
    return Fault(kind=kind, times=more.pop("times", 1), **more)


CASES = (
    Case("nothing", (), "read"),
    Case("500 twice", (_once("status", status=500, times=2),), "read"),
    Case("502", (_once("status", status=502),), "read"),
    Case("429, Retry-After 2", (_once("status", status=429, retry_after=2),), "read", pause_ms=2_000),
    Case("redirect", (_once("status", status=302),), "read"),
    Case("cut before", (_once("cut_before"),), "read"),
    Case("cut", (_once("cut"),), "read"),
    Case("cut, no reports", (_once("cut"), _once("drop", times=2)), "sent"),
    Case("garbled", (_once("garbled"),), "read"),
    Case("hang", (_once("hang"),), "read"),
    Case("slow", (_once("slow", ms=1_500),), "read"),
    Case("410", (_once("status", status=410),), "failed", 0, "channel_gone", "resend"),
    Case("403, for a moment", (_once("status", status=403),), "read"),
    Case("400", (_once("status", status=400),), "failed", 0, "other", "resend"),
    Case("reports twice", (_once("duplicate", times=9),), "read"),
    Case("reports backwards", (_once("reorder", times=9),), "read"),
    Case("reports late", (_once("delay", times=9, ms=700),), "read"),
)
#: faults of reports and of people's messages, which know of no text
_ANY = ("duplicate", "reorder", "delay", "drop")


class Played(NamedTuple):
    outcomes: dict[str, Outcome]
    partners: dict[str, Partner]
    faults: list[str]
    inbound: Counter[str]


def _channel(case: Case) -> str:
    return f"app-{CASES.index(case)}"


def _add(server: RealServer, name: str, url: str) -> None:
    with server.client("admin") as admin:
        body = {"kind": "webhook", "name": name, "settings": {"secret": Settings().secret, "url": url}}
        made = admin.post("/channels", json=body)
        assert made.is_success, made.text


async def _play(home: Path) -> Played:
    async with contextlib.AsyncExitStack() as stack:
        server = stack.enter_context(RealServer(home))
        await asyncio.to_thread(lambda: server.init().start().sign_in_all())
        partners: dict[str, Partner] = {}
        for case in CASES:
            name = _channel(case)
            partner = partners[name] = Partner(Settings(hook_url=f"{server.url}/hooks/{name}"))
            url = await stack.enter_async_context(serve(partner))
            await asyncio.to_thread(_add, server, name, url)
            await partner.write(WHO, f"hola {name}", name=name, times=2)
            for fault in case.faults:
                fault.ref = "" if fault.kind in _ANY else text_of(case, 0)
                partner.faults.add(fault)
        api = Office(server, None).api("advisor")  # type: ignore[arg-type]
        try:
            outcomes = await play(api, {_channel(case): case for case in CASES}, "read")
        finally:
            await api.close()
        for partner in partners.values():
            assert await partner.settle(30)
        assert await asyncio.to_thread(server.stop) == 0
        with contextlib.closing(look(server.data)) as store:
            inbound = Counter(text for (text,) in store.execute("SELECT text FROM messages WHERE direction = 'in'"))
        return Played(outcomes, partners, audit(server.data), inbound)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return asyncio.run(_play(tmp_path_factory.mktemp("webhook")))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_becomes_of_it(played: Played, case: Case) -> None:
    outcome, partner = played.outcomes[_channel(case)], played.partners[_channel(case)]
    assert (outcome.first[0].status, outcome.first[0].failure) == (case.status, case.reason)
    received = partner.people[WHO]
    assert Counter(each.text for each in received) == dict.fromkeys((text_of(case, n) for n in range(3)), 1)
    assert partner.doubled() == {}
    shown = {each.id: each for each in received}
    for message in outcome.last:
        assert message.status in ("read", case.status)
        assert shown[str(message.external_id)].text == message.text
    if case.name == "cut, no reports":  # it went twice, and showed once
        assert shown[str(outcome.last[0].external_id)].times == 2
    if case.pause_ms:
        first = next(each for each in received if each.text == text_of(case, 0))
        assert first.at - outcome.first[0].at >= case.pause_ms


def test_what_came_in_is_there_once(played: Played) -> None:
    assert played.inbound == dict.fromkeys((f"hola {_channel(case)}" for case in CASES), 1)


def test_the_store_is_whole(played: Played) -> None:
    assert played.faults == []
