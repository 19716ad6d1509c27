"""What a file is: by how it begins, not by what it claims; whether it is dangerous; a name that is only a name. Pure.

Source of the signatures: the "MIME Sniffing" standard (mimesniff.spec.whatwg.org) and, for what it leaves out, each
format's own description; brands of ISO media files: the registration authority's list (mp4ra.org).
"""

from __future__ import annotations

import re
from typing import NamedTuple

#: first bytes of a file that `examine` wants to see
HEAD = 4096
#: characters of a file name that are kept
NAME = 200
#: what a file is when nothing tells
UNKNOWN = "application/octet-stream"

#: (offset, first bytes, type) of files that are told by how they begin; the first that fits
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (8, b"AVI ", "video/x-msvideo"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"%!PS", "application/postscript"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"\x1f\x8b\x08", "application/gzip"),
    (0, b"BZh", "application/x-bzip2"),
    (0, b"\xfd7zXZ\x00", "application/x-xz"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"BEGIN:VCARD", "text/vcard"),
    (0, b"BEGIN:VCALENDAR", "text/calendar"),
    (0, b"MZ", "application/x-dosexec"),
    (0, b"\x7fELF", "application/x-elf"),
    (0, b"\xfe\xed\xfa\xce", "application/x-mach-binary"),
    (0, b"\xfe\xed\xfa\xcf", "application/x-mach-binary"),
    (0, b"\xce\xfa\xed\xfe", "application/x-mach-binary"),
    (0, b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (0, b"\xca\xfe\xba\xbe", "application/java-vm"),
    (0, b"\x00asm", "application/wasm"),
    (0, b"dex\n", "application/vnd.android.dex"),
    (0, b"L\x00\x00\x00\x01\x14\x02\x00", "application/x-ms-shortcut"),
    (0, b"#!", "text/x-shellscript"),
    (0, b"FWS", "application/x-shockwave-flash"),
    (0, b"CWS", "application/x-shockwave-flash"),
    (0, b"ZWS", "application/x-shockwave-flash"),
)

#: brand of an ISO media file (in `ftyp`) → type; others are video/mp4
_BRANDS: dict[bytes, str] = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"), "image/heic"),
    **dict.fromkeys((b"mif1", b"msf1"), "image/heif"),
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
    **dict.fromkeys((b"M4A ", b"M4B "), "audio/mp4"),
    **dict.fromkeys((b"3gp4", b"3gp5", b"3gp6", b"3gp7", b"3ge6", b"3gg6"), "video/3gpp"),
    **dict.fromkeys((b"3g2a", b"3g2b", b"3g2c"), "video/3gpp2"),
    b"qt  ": "video/quicktime",
}

_OFFICE = "application/vnd.openxmlformats-officedocument."
#: what lies in a ZIP file → what the file is
_IN_ZIP: tuple[tuple[bytes, str], ...] = (
    (b"AndroidManifest.xml", "application/vnd.android.package-archive"),
    (b"classes.dex", "application/vnd.android.package-archive"),
    (b"META-INF/MANIFEST.MF", "application/java-archive"),
    (b"word/", _OFFICE + "wordprocessingml.document"),
    (b"xl/", _OFFICE + "spreadsheetml.sheet"),
    (b"ppt/", _OFFICE + "presentationml.presentation"),
)
_DECLARED = re.compile(rb"PK\x03\x04.{26}mimetype(application/[a-z0-9.+-]{3,80})", re.DOTALL)

_HTML = re.compile(
    rb"(?>(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*)<"
    rb"(!doctype html|html|head|body|script|iframe|style|table|div|a|b|br|p|h1|title)[\s>/]",
    re.IGNORECASE | re.DOTALL,
)
_SVG = re.compile(
    rb"(?>(?:<\?xml[^>]*>\s*|<!doctype svg[^>]*>\s*|<!--.*?-->\s*)*)<(svg|svg:svg)[\s>/]", re.I | re.DOTALL
)
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")

#: types that run when they are opened
_PROGRAMS = frozenset(
    {
        "application/x-dosexec", "application/x-elf", "application/x-mach-binary", "application/java-vm",
        "application/java-archive", "application/wasm", "application/vnd.android.dex",
        "application/vnd.android.package-archive", "application/x-ms-shortcut", "text/x-shellscript",
        "application/x-msdownload", "application/x-sh", "application/hta", "application/x-msi",
        "application/javascript", "text/javascript",
    }
)  # fmt: skip
_PROGRAM_NAMES = re.compile(
    "exe|com|scr|pif|bat|cmd|ps1|psm1|vbs|vbe|js|jse|mjs|wsf|wsh|hta|msi|msp|msc|cpl|dll|sys|reg|lnk|url|scf|inf"
    "|jar|apk|dex|app|command|sh|bash|zsh|csh|run|bin|desktop|appimage|deb|rpm|pkg|dmg|iso|img|vhd|py|pyc|pyw|pl|rb"
)
#: types that bring scripts or macros for the program that shows them
_ACTIVE = frozenset({"text/html", "image/svg+xml", "application/xhtml+xml", "application/x-shockwave-flash"})
_ACTIVE_NAMES = re.compile("[xs]?html?|mht|mhtml|svgz?|swf|xml|xsl|docm|dotm|xl[st]m|xlam|pp[st]m|potm")

#: claims that `sniff` would have confirmed if they were true
_TOLD = frozenset(
    {mime for _, _, mime in _SIGNATURES}
    | {
        "image/heic",
        "image/heif",
        "image/avif",
        "video/webm",
        "image/bmp",
        "application/zip",
        "video/3gpp",
        "video/mp4",
    }
) - {"audio/mpeg", "text/x-shellscript"}

#: types that are one another's containers or nicknames: a claim among them is no lie
_ALIKE = (
    {"image/heic", "image/heif", "image/avif"},
    {
        "audio/mp4",
        "audio/aac",
        "audio/x-m4a",
        "video/mp4",
        "video/quicktime",
        "video/3gpp",
        "video/3gpp2",
        "audio/3gpp",
    },
    {"audio/ogg", "audio/opus", "video/ogg", "application/ogg"},
    {"video/webm", "audio/webm", "video/x-matroska"},
    {"audio/amr", "audio/3gpp", "video/3gpp"},
)


class Examined(NamedTuple):
    """What a file is. `mime`: its type; `warning`: program (would run if opened), active (brings scripts or macros),
    disguised (is not what it claims), or nothing."""

    mime: str
    warning: str


def sniff(head: bytes) -> str:
    """What a file is by its first bytes; empty if they do not tell."""
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    if head[:4] == b"\x1aE\xdf\xa3":
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _zip(head)
    for offset, magic, mime in _SIGNATURES:
        if head[offset : offset + len(magic)] == magic and (offset != 8 or head[:4] == b"RIFF"):
            return mime
    if head[:2] == b"BM" and head[6:10] == b"\x00\x00\x00\x00":
        return "image/bmp"
    if head[:4] == b"\x00\x00\x01\x00" and 0 < int.from_bytes(head[4:6], "little") < 100:
        return "image/vnd.microsoft.icon"
    if len(head) > 3 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return _audio_frame(head)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1024]
    if _SVG.match(start):
        return "image/svg+xml"
    return "text/html" if _HTML.match(start) else ""


def _zip(head: bytes) -> str:
    declared = _DECLARED.match(head)
    if declared is not None:
        return declared[1].decode("ascii")
    return next((mime for part, mime in _IN_ZIP if part in head), "application/zip")


def _audio_frame(head: bytes) -> str:
    """An MPEG audio frame: its header has fields that may not be anything."""
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    rate, sampling = head[2] >> 4, head[2] >> 2 & 3
    if layer == 0:
        return "audio/aac" if head[1] & 0xF6 == 0xF0 and sampling < 3 else ""
    return "audio/mpeg" if version != 1 and rate not in (0, 15) and sampling != 3 else ""


def examine(head: bytes, claimed: str, file_name: str = "") -> Examined:
    """What a file with these first bytes is, whatever it `claimed` (a media type, perhaps with parameters)."""
    claim = claimed.partition(";")[0].strip().lower()
    found = sniff(head)
    if found == "application/x-ole-storage" and claim.startswith(("application/vnd.ms-", "application/msword")):
        found = claim
    if found:
        mime = found
    elif claim in _TOLD:
        mime = UNKNOWN if _NOT_TEXT.search(head) else "text/plain"
    else:
        mime = claim or UNKNOWN
    return Examined(mime, _warning(mime, claim, file_name))


def _warning(mime: str, claim: str, file_name: str) -> str:
    ending = file_name.rpartition(".")[2].strip().lower() if "." in file_name else ""
    if mime in _PROGRAMS or _PROGRAM_NAMES.fullmatch(ending):
        return "program"
    if mime in _ACTIVE or _ACTIVE_NAMES.fullmatch(ending):
        return "active"
    return "" if _fits(mime, claim) else "disguised"


def _fits(mime: str, claim: str) -> bool:
    """Whether a claim is as good as true: the same family, an alike container, or no claim at all."""
    if claim in ("", UNKNOWN, mime) or any(mime in alike and claim in alike for alike in _ALIKE):
        return True
    family, claimed = mime.partition("/")[0], claim.partition("/")[0]
    return family == claimed


#: controls, line and direction marks, and what separates folders
_BAD_IN_NAMES = re.compile(r"[\x00-\x1f\x7f-\x9f/\\\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")


def bare_name(name: str) -> str:
    """A file's name as it may be kept and shown: the last part of any path, without tricks."""
    last = re.split(r"[/\\]", name)[-1]
    clean = _BAD_IN_NAMES.sub("", last).strip()
    return "" if clean in (".", "..") else clean[-NAME:].strip() if len(clean) > NAME else clean
