"""What a mail's attachment is called, and of what type and size it is."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

import msgspec

from server.channels.email_headers import message_ids, one_line, words
from server.channels.email_mime import Part, Tree, parameters
from server.channels.email_text import decode

FILE_NAME_LIMIT = 200


class MailPart(msgspec.Struct, frozen=True, kw_only=True):
    """An attachment. `index` gives it again (`part_content`); `size` in bytes; `content_id` without brackets.

    `inline`: a picture that belongs into the text. `file_name` is what the mail says, without folders; it may be "".
    """

    index: int
    mime: str
    file_name: str = ""
    size: int = 0
    content_id: str = ""
    inline: bool = False


def describe(tree: Tree, part: Part) -> MailPart:
    """An attachment as the mail describes it."""
    disposition, _ = parameters(part.header("content-disposition"))
    content_id = (message_ids(part.header("content-id")) or ("",))[0]
    images = part.mime.startswith("image/")
    related = part.parent is not None and part.parent.mime == "multipart/related"
    inline = images and disposition.lower() != "attachment" and (bool(content_id) or disposition.lower() == "inline")
    return MailPart(
        index=part.index,
        mime=part.mime,
        file_name=file_name(part),
        size=len(tree.content(part)),
        content_id=content_id,
        inline=inline or (images and related and bool(content_id)),
    )


def is_attachment(part: Part) -> bool:
    """Whether a part says of itself that it is a file and no text to be read."""
    disposition, _ = parameters(part.header("content-disposition"))
    return disposition.lower() == "attachment" or bool(file_name(part))


def file_name(part: Part) -> str:
    """The file name from Content-Disposition or Content-Type, decoded (RFC 2231 and RFC 2047), without folders."""
    _, params = parameters(part.header("content-disposition"))
    for found, key in ((params, "filename"), (part.params, "name"), (part.params, "filename")):
        if f"{key}*" in found:
            charset, _, rest = found[f"{key}*"].partition("'")
            name = decode(unquote_to_bytes(rest.partition("'")[2] or found[f"{key}*"]), charset)[0]
        else:
            name = found.get(key, "")
        name = one_line(words(name), 1_000)
        name = re.split(r"[/\\]", name)[-1].strip()
        if name:
            return short_name(name)
    return ""


def short_name(name: str) -> str:
    """No longer than the limit, the extension kept."""
    if len(name) <= FILE_NAME_LIMIT:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 20:
        return name[:FILE_NAME_LIMIT]
    return f"{stem[: FILE_NAME_LIMIT - len(extension) - 1]}.{extension}"
