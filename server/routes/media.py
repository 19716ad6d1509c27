"""`/media/…`: stored files by signed links, for providers that fetch what they are to send. No sign-in, no listing."""

from __future__ import annotations

import re
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from server.commands.door import SYSTEM
from server.commands.links import PREFIX, OpenLink
from server.commands.queries import StoredFile
from server.routes.http import GUARDS
from server.routes.services import Services

_NUMBER = re.compile(r"[0-9]{1,16}", re.ASCII)


def download(services: Services, file: StoredFile, name: str, cache: str) -> Response | None:
    """The bytes of a stored file as a download: what customers sent never runs in a browser under our name. None if
    they are gone."""
    path = services.door.store.media / file.sha256[:2] / file.sha256
    if not path.is_file():
        return None
    headers = {key.decode(): value.decode() for key, value in GUARDS}
    headers["content-disposition"] = f"attachment; filename*=UTF-8''{quote(file.file_name or name, safe='')}"
    headers["cache-control"] = cache
    return FileResponse(path, headers=headers, media_type=file.mime or "application/octet-stream")


def routes(services: Services) -> list[Route]:
    """The one route of this room."""

    async def fetch(request: Request) -> Response:
        attachment, until = request.path_params["attachment"], request.path_params["until"]
        if not (_NUMBER.fullmatch(attachment) and _NUMBER.fullmatch(until)):
            raise HTTPException(404)
        link = OpenLink(attachment=int(attachment), until=int(until), signature=request.path_params["signature"])
        file: StoredFile | None = await services.door.ask(SYSTEM, link)
        answer = download(services, file, f"file-{attachment}", "private, no-store") if file else None
        if answer is None:
            raise HTTPException(404)
        return answer

    return [Route(PREFIX + "{attachment}/{until}/{signature}", fetch, methods=["GET"])]
