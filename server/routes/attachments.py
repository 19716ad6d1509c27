"""Files: upload one to send, fetch one that came."""

from __future__ import annotations

from typing import Any

from server import wire
from server.commands.door import Refusal
from server.commands.queries import GetAttachment, StoredFile
from server.commands.replies import StoreUpload
from server.routes import uploads
from server.routes.endpoint import Call, Endpoint
from server.routes.media import download

UPLOAD_LIMIT = 100 * 1024 * 1024


async def upload(call: Call) -> Any:
    mime = uploads.clean_mime(call.header(b"content-type"))
    kept = await uploads.keep(call.pieces(UPLOAD_LIMIT), call.services.door.store.media)
    if not kept.size:
        raise Refusal(422, "empty")
    command = StoreUpload(
        kind=uploads.kind_of(mime),
        mime=mime,
        file_name=uploads.clean_name(call.header(b"x-file-name")),
        size=kept.size,
        sha256=kept.sha256,
    )
    return await call.do(command)


async def fetch(call: Call) -> Any:
    """The bytes, as a download: what customers sent never runs in a browser under our name."""
    found: StoredFile = await call.ask(GetAttachment(id=call.id))
    answer = download(call.services, found, f"attachment-{call.id}", "private, max-age=86400, immutable")
    if answer is None:
        raise Refusal(404, "not_found", what="attachment", id=call.id)
    return answer


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/attachments",
        summary="Upload a file to send as a reply's attachment; its name goes percent-encoded into X-File-Name",
        handler=upload,
        raw="*/*",
        limit=UPLOAD_LIMIT,
        answer=wire.Attachment,
        status=201,
        codes=("empty", "too_large"),
    ),
    Endpoint(
        method="GET",
        path="/attachments/{id}",
        summary="The bytes of a stored file",
        handler=fetch,
        raw="*/*",
        codes=("not_found", "not_stored"),
    ),
)
