"""The stand-in for Graph, a hook it calls, and the adapter between them: all over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from server.channels.whatsapp import WhatsApp
from server.sandbox.graph import Graph, Settings, serve
from tests.channels.documents import SECRET, adapter
from tests.channels.hook_target import HookTarget, listening


@pytest.fixture
async def target() -> AsyncIterator[HookTarget]:
    async with listening(HookTarget(adapter())) as target:
        yield target


@pytest.fixture
async def graph(target: HookTarget) -> AsyncIterator[Graph]:
    settings = Settings(
        app_secret=SECRET, hook_url=target.url, sent_after=0, delivered_after=15, read_after=30, hook_retry=5
    )
    graph = Graph(settings)
    yield graph
    await graph.close()


@pytest.fixture
async def graph_url(graph: Graph) -> AsyncIterator[str]:
    async with serve(graph) as url:
        yield url


@pytest.fixture
def whatsapp(graph_url: str) -> WhatsApp:
    return adapter(graph_url=f"{graph_url}/v26.0", business_account_id="102290129340398")


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client
