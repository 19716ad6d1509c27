"""WhatsApp's message templates: read from what Graph lists, paged, and filled in when one is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.channels.base import Outgoing, Refused
from server.channels.whatsapp import WhatsApp
from server.channels.whatsapp_templates import read_page
from server.facts import Address
from server.sandbox import graph_templates, members_templates
from server.sandbox.graph import Fault, Graph
from server.wire import ApprovedTemplate, Template
from tests.channels.documents import PHONE, adapter

EXAMPLE = "conformance/meta-openapi/examples/get_waba_id_message_templates/response/200_example_response.json"


def read(**item: Any) -> ApprovedTemplate:
    page, after = read_page({"data": [{"name": "n", "language": "es", "status": "APPROVED", **item}]})
    assert after == ""
    return page[0]


def body(text: str) -> dict[str, Any]:
    return {"type": "BODY", "text": text}


def test_metas_own_example(shared_dir: Path) -> None:
    page, after = read_page(msgspec.json.decode((shared_dir / EXAMPLE).read_bytes()))
    assert after == "", "a page without `next` is the last one"
    assert [(t.name, t.language, t.status, t.parameters, t.lacks) for t in page] == [
        ("hello_world", "en_US", "approved", 0, ""),
        ("2023_april_promo", "en_US", "approved", 2, ""),
    ]
    assert page[0].header == "Hello World" and page[0].footer == "WhatsApp Business API Team"


def test_what_is_to_be_filled_in() -> None:
    found = read(components=[{"type": "HEADER", "format": "TEXT", "text": "Su {{1}}"}, body("{{2}} y {{1}}, {{ 2 }}")])
    assert (found.header_parameters, found.parameters, found.names) == (1, 2, [])
    named = read(components=[body("Hola {{nombre}}: {{monto}}")], parameter_format="NAMED")
    assert (named.parameters, named.names) == (2, ["nombre", "monto"])
    link = {"type": "URL", "url": "https://x.example/{{1}}"}
    found = read(components=[body("x"), {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY"}, link]}])
    assert (found.links, found.lacks) == ([1], "")


def test_what_cannot_be_sent_from_here_says_so() -> None:
    assert read(components=[{"type": "HEADER", "format": "IMAGE"}, body("x")]).lacks == "file"
    assert read(components=[body("x"), {"type": "CAROUSEL", "cards": []}]).lacks == "kind"
    assert read(components=[body("x"), {"type": "BUTTONS", "buttons": [{"type": "FLOW"}]}]).lacks == "kind"
    assert read(category="AUTHENTICATION", components=[body("{{1}}")]).lacks == "kind"


WORDS = ["BODY", "HEADER", "URL", "{{1}}", "{{a}}"]
KEYS = ["type", "text", "format", "buttons", "url", "name", "language", "components", "data", "paging"]
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["BODY", "URL", "{{1}}", "{{a}}"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "text", "format", "buttons", "url", "name", "language", "components", "data", "paging"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(ANYTHING)
def test_whatever_graph_says_is_read(answer: Any) -> None:
    read_page({"data": [answer, {"name": "n", "language": "es", "components": answer}], "paging": answer})


async def test_all_pages(whatsapp: WhatsApp, graph: Graph, http: httpx.AsyncClient) -> None:
    for n in range(60):
        graph.state.templates[f"t{n:02}", "es"] = n % 3
    found = await whatsapp.approved(http)
    assert found is not None
    assert [t.name for t in found] == ["hello_world", *(f"t{n:02}" for n in range(60))]
    assert {t.name: t.parameters for t in found}["t05"] == 2
    graph.faults.add(Fault(kind="error", code=190, on="templates"))
    with pytest.raises(Refused):
        await whatsapp.approved(http)
    assert await adapter().approved(http) is None, "it is not known which account's"


async def test_filled_in_and_sent(whatsapp: WhatsApp, graph: Graph, http: httpx.AsyncClient) -> None:
    graph.customer(PHONE, name="María")
    members_templates.keep(graph.state)
    found = {t.name: t for t in await whatsapp.approved(http) or ()}
    papers = found["documentos_pendientes"]
    assert (papers.header_parameters, papers.parameters, papers.links, papers.lacks) == (1, 2, [0], "")
    assert found["estado_de_cuenta"].lacks == "file" and found["aguinaldo_2026"].status == "pending"
    template = Template(name=papers.name, language="es", parameters=["María", "su DUI"], header=["12"], links={0: "ab"})
    data = msgspec.json.decode(msgspec.json.encode({"template": template}))
    out = Outgoing(kind="template", to=(Address("phone", PHONE),), client_ref="r", data=data)
    await whatsapp.send(out, http)
    (accepted,) = graph.state.accepted
    assert accepted.body["template"]["components"] == [
        {"type": "header", "parameters": [{"type": "text", "text": "12"}]},
        {"type": "body", "parameters": [{"type": "text", "text": "María"}, {"type": "text", "text": "su DUI"}]},
        {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "ab"}]},
    ]
    with pytest.raises(Refused, match="localizable_params"):
        await whatsapp.send(msgspec.structs.replace(out, data={"name": papers.name, "language": "es"}), http)


async def test_named_parameters_are_sent_by_their_names(
    whatsapp: WhatsApp, graph: Graph, http: httpx.AsyncClient
) -> None:
    graph.customer(PHONE, name="María")
    text = {"type": "BODY", "text": "Hola {{nombre}}"}
    graph_templates.keep(graph.state, "con_nombre", "es", [text], category="UTILITY", status="APPROVED")
    template = Template(name="con_nombre", language="es", parameters=["María"], names=["nombre"])
    data = msgspec.to_builtins(template, str_keys=True)
    await whatsapp.send(Outgoing(kind="template", to=(Address("phone", PHONE),), client_ref="r", data=data), http)
    (component,) = graph.state.accepted[0].body["template"]["components"]
    assert component["parameters"] == [{"type": "text", "parameter_name": "nombre", "text": "María"}]
