"""Everything we send, as the stand-in got it, fits Meta's published schema; and so does what the stand-in answers."""

from __future__ import annotations

import copy
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import jsonschema
import pytest
import yaml

from server.channels.base import Outgoing, OutgoingFile, SendError
from server.channels.whatsapp import WhatsApp
from server.facts import Address
from server.sandbox.graph import Graph, Settings, serve
from server.sandbox.graph_rules import KINDS, check_message
from tests.channels.documents import BSUID, PHONE, adapter
from tests.conformance.whatsapp_documents import OPENAPI

MESSAGES = "post_phone_number_id_messages"


class Published(NamedTuple):
    """The published schemas, and the folder of the examples beside them."""

    schemas: dict[str, Any]
    examples: Path

    def check(self, name: str, body: Any) -> None:
        """Raise jsonschema.ValidationError if `body` does not fit the schema of that name."""
        root = {"components": {"schemas": self.schemas}, "$ref": f"#/components/schemas/{name}"}
        jsonschema.validate(body, root)

    def check_message(self, body: dict[str, Any]) -> None:
        """A request to send. Two fields are not in this schema: `recipient` is newer than it (put into the place of
        `to` here), and our reference is described only where calls are."""
        body = copy.deepcopy(body)
        if "recipient" in body:
            assert "to" not in body
            body["to"] = body.pop("recipient")
        reference = body.pop("biz_opaque_callback_data")
        jsonschema.validate(reference, self.schemas["CallRequestPayload"]["properties"]["biz_opaque_callback_data"])
        # By its type, as the schema's discriminator says: `oneOf` alone would name the wrong mismatch.
        name = self.schemas["Message"]["discriminator"]["mapping"][body["type"]].rpartition("/")[2]
        self.check(name, body)
        self.check("Message", body)


def _merged(schemas: dict[str, Any]) -> dict[str, Any]:
    """The schema as it is meant. As published, each message is `allOf` of the common fields and of an object that
    allows no further ones, so that nothing fits, not even Meta's own examples: the halves become one object."""
    schemas = copy.deepcopy(schemas)
    for name, schema in schemas.items():
        halves = schema.get("allOf", [])
        if len(halves) == 2 and halves[0] == {"$ref": "#/components/schemas/BaseMessageProperties"}:
            base, own = copy.deepcopy(schemas["BaseMessageProperties"]), halves[1]
            merged = {**base, **own, "properties": {**base["properties"], **own["properties"]}}
            merged["required"] = [*base["required"], *own["required"]]
            schemas[name] = {**merged, "additionalProperties": False}
    return schemas


@pytest.fixture(scope="module")
def published(shared_dir: Path) -> Published:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    folder = shared_dir / "conformance"
    with (folder / OPENAPI).open("rb") as source:
        schemas = yaml.load(source, Loader=loader)["components"]["schemas"]
    return Published(_merged(schemas), folder / "meta-openapi" / "examples")


@pytest.fixture
async def graph() -> AsyncIterator[Graph]:
    graph = Graph(Settings(statuses=False))
    graph.customer(PHONE, open_window=True)
    graph.customer(user_id=BSUID, open_window=True)
    graph.state.templates |= {("aviso", "es"): 2, ("saludo", "es_SV"): 0}
    yield graph


@pytest.fixture
async def url(graph: Graph) -> AsyncIterator[str]:
    async with serve(graph) as url:
        yield f"{url}/v26.0"


@pytest.fixture
def whatsapp(url: str) -> WhatsApp:
    return adapter(graph_url=url)


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


def kinds(folder: Path, theirs: str) -> Iterator[dict[str, Any]]:
    """Every kind of message the outbox can ask for."""
    stored = folder / "stored"
    stored.write_bytes(b"bytes")
    yield {"kind": "text", "text": "Buenos días, María. ✓"}
    yield {"kind": "text", "text": "x" * 4096, "reply_to": theirs}
    yield {"kind": "reaction", "text": "👍", "reply_to": theirs}
    yield {"kind": "reaction", "text": "", "reply_to": theirs}
    yield {"kind": "template", "data": {"name": "aviso", "language": "es", "parameters": ["María", "$24.00"]}}
    yield {"kind": "template", "data": {"name": "saludo", "language": "es_SV"}}
    for kind, mime in (
        ("image", "image/jpeg"),
        ("video", "video/mp4"),
        ("audio", "audio/ogg"),
        ("document", "application/pdf"),
        ("sticker", "image/webp"),
    ):
        file = OutgoingFile(kind=kind, path=str(stored), mime=mime, file_name="recibo.pdf", size=5)
        caption = "su recibo" if kind in ("image", "video", "document") else ""
        yield {"kind": kind, "text": caption, "files": (file,)}
        yield {"kind": kind, "files": (file,), "reply_to": theirs}


async def test_every_kind_we_send(
    published: Published, graph: Graph, whatsapp: WhatsApp, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    theirs = await graph.write(PHONE, "hola")
    recipients = (Address("phone", PHONE),), (Address("bsuid", BSUID),), (Address("group", "Y2FwaV9ncm91cDox"),)
    sent = 0
    for to in recipients:
        for message in kinds(tmp_path, theirs):
            sent += 1
            await whatsapp.send(Outgoing(to=to, client_ref=f"01JD9-{sent}", **message), http)
    assert len(graph.state.accepted) == sent == 3 * 16
    assert {accepted.type for accepted in graph.state.accepted} == set(KINDS) - {"location", "contacts"}
    for accepted in graph.state.accepted:
        published.check_message(accepted.body)


async def test_the_schema_would_notice(published: Published, graph: Graph, whatsapp: WhatsApp) -> None:
    good = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": PHONE,
        "type": "text",
        "text": {"body": "hola"},
        "biz_opaque_callback_data": "x",
    }
    published.check_message(good)
    for wrong in ({"to": 7}, {"recipient_type": "crowd"}, {"text": {"words": "hola"}}, {"extra": 1}):
        with pytest.raises(jsonschema.ValidationError):
            published.check_message({**good, **wrong})


async def test_read_mark_is_the_published_one(
    published: Published, url: str, graph: Graph, whatsapp: WhatsApp, http: httpx.AsyncClient
) -> None:
    captured: list[dict[str, Any]] = []

    async def keep(request: httpx.Request) -> None:
        captured.append(json.loads(request.content))

    http.event_hooks = {"request": [keep]}
    theirs = await graph.write(PHONE, "hola")
    await whatsapp.mark_read((), theirs, True, http)
    example = json.loads(
        (published.examples / MESSAGES / "request/send_typing_indicator_and_read_receipt.json").read_bytes()
    )
    assert captured == [{**example, "message_id": theirs}]


async def test_the_upload_is_the_published_one(published: Published, whatsapp: WhatsApp, tmp_path: Path) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        name = "200_upload_image_json.json" if request.url.path.endswith("/media") else ""
        folder = published.examples / "post_phone_number_id_media/response"
        return httpx.Response(200, content=(folder / name).read_bytes()) if name else httpx.Response(400)

    stored = tmp_path / "stored"
    stored.write_bytes(b"pixels")
    file = OutgoingFile(kind="image", path=str(stored), mime="image/jpeg", file_name="recibo.jpg", size=6)
    message = Outgoing(kind="image", to=(Address("phone", PHONE),), client_ref="x", files=(file,))
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        with pytest.raises(SendError):
            await whatsapp.send(message, http)
    upload, send = seen
    assert upload.headers["content-type"].startswith("multipart/form-data")
    assert b'name="messaging_product"' in upload.content and b'name="file"; filename="recibo.jpg"' in upload.content
    assert json.loads(send.content)["image"] == {"id": "4490709327384033"}


async def test_metas_own_answers_are_understood(published: Published, whatsapp: WhatsApp) -> None:
    message = Outgoing(kind="text", to=(Address("phone", PHONE),), client_ref="x", text="hola")
    folder = published.examples / MESSAGES / "response"
    for path in sorted(folder.glob("200_send_*.json")):
        body = path.read_bytes()
        if b'"success"' in body:
            continue
        transport = httpx.MockTransport(lambda request, body=body: httpx.Response(200, content=body))
        async with httpx.AsyncClient(transport=transport) as http:
            sent = await whatsapp.send(message, http)
        assert sent.external_id == json.loads(body)["messages"][0]["id"], path.name


async def test_the_stand_in_answers_like_the_real_one(
    published: Published, url: str, graph: Graph, http: httpx.AsyncClient
) -> None:
    node, headers = f"{url}/{graph.settings.phone_number_id}", {"Authorization": "Bearer sandbox-access-token"}
    good = {"messaging_product": "whatsapp", "to": PHONE, "type": "text", "text": {"body": "hola"}}
    answer = await http.post(f"{node}/messages", json=good, headers=headers)
    published.check("MessageResponsePayload", answer.json())
    for body, head in (({}, headers), (good, {}), ({**good, "type": "fax"}, headers)):
        answer = await http.post(f"{node}/messages", json=body, headers=head)
        published.check("GraphAPIError", answer.json())


def test_the_stand_in_takes_metas_own_requests(published: Published) -> None:
    graph = Graph(Settings(statuses=False))
    taken = 0
    for path in sorted((published.examples / MESSAGES / "request").glob("*.json")):
        body = json.loads(path.read_bytes())
        if body.get("type") not in KINDS or "header" in json.dumps(body.get("template", "")):
            continue
        body["to"] = PHONE
        part = body[body["type"]]
        if body["type"] == "reaction":
            graph.state.message_ids.add(part["message_id"])
        elif body["type"] == "template":
            components = part.get("components", [])
            texts = [p for c in components if c["type"] == "body" for p in c["parameters"]]
            if any(parameter["type"] != "text" for parameter in texts):
                continue  # currencies and dates, which nothing here sends
            graph.state.templates[part["name"], part["language"]["code"]] = len(texts)
        elif isinstance(part, dict) and "id" in part:
            mime = {"document": "application/pdf", "sticker": "image/webp"}.get(body["type"], f"{body['type']}/x")
            part["id"] = graph.state.store(b"x", mime).id
        check_message(graph.state, body)
        taken += 1
    assert taken > 25
