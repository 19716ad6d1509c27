"""What a file is, whatever it claims."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.desk import filetypes
from server.desk.filetypes import UNKNOWN, bare_name, examine, sniff

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def zipped(*names: str, stored: str = "") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name in names:
            archive.writestr(name, stored)
    return file.getvalue()


def iso(brand: bytes) -> bytes:
    return b"\x00\x00\x00\x18ftyp" + brand + bytes(16)


@pytest.mark.parametrize(
    ("head", "mime"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"JUNK\x00\x00\x00\x00WEBPVP8 ", ""),
        (iso(b"heic"), "image/heic"),
        (iso(b"mif1"), "image/heif"),
        (iso(b"avif"), "image/avif"),
        (iso(b"M4A "), "audio/mp4"),
        (iso(b"3gp5"), "video/3gpp"),
        (iso(b"qt  "), "video/quicktime"),
        (iso(b"isom"), "video/mp4"),
        (b"BM\x3a\x00\x00\x00\x00\x00\x00\x00\x36", "image/bmp"),
        (b"BMW is a car", ""),
        (b"II*\x00", "image/tiff"),
        (b"\x1aE\xdf\xa3\x01\x00\x00\x00\x42\x82\x84webm", "video/webm"),
        (b"\x1aE\xdf\xa3\x01\x00\x00\x00\x42\x82\x88matroska", "video/x-matroska"),
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90\x44\x00", "audio/mpeg"),  # without ID3
        (b"\xff\xf3\x44\xc4", "audio/mpeg"),
        (b"\xff\xf1\x50\x80", "audio/aac"),
        (b"\xff\xff\xff\xff", ""),
        (b"\xff\xfe<\x00h\x00", ""),  # UTF-16, not sound
        (b"OggS\x00\x02" + bytes(22) + b"OpusHead", "audio/ogg"),
        (b"#!AMR\n", "audio/amr"),
        (b"%PDF-1.7", "application/pdf"),
        (zipped("[Content_Types].xml", "word/document.xml"), WORD),
        (zipped("xl/workbook.xml"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (
            zipped("mimetype", stored="application/vnd.oasis.opendocument.text"),
            "application/vnd.oasis.opendocument.text",
        ),
        (zipped("META-INF/MANIFEST.MF"), "application/java-archive"),
        (zipped("AndroidManifest.xml", "classes.dex"), "application/vnd.android.package-archive"),
        (zipped("a.txt"), "application/zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
        (b"MZ\x90\x00", "application/x-dosexec"),
        (b"\x7fELF\x02", "application/x-elf"),
        (b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
        (b"#!/bin/sh\nrm -rf ~", "text/x-shellscript"),
        (b"\x00asm\x01", "application/wasm"),
        (b"  \n<!DOCTYPE html><script>", "text/html"),
        (b"\xef\xbb\xbf<HTML lang=es>", "text/html"),
        (b"<!-- x --><!-- y -->\n<script>alert(1)</script>", "text/html"),
        (b'<?xml version="1.0"?>\n<!-- drawn --><svg xmlns="x" onload="x()">', "image/svg+xml"),
        (b"<svg/onload=alert(1)>", "image/svg+xml"),
        (b"hola, <b>mundo</b>", ""),
        (b"BEGIN:VCARD\r\n", "text/vcard"),
        (b"hola", ""),
        (b"", ""),
    ],
)
def test_how_a_file_begins(head: bytes, mime: str) -> None:
    assert sniff(head) == mime


JPEG, ELF, HTML = b"\xff\xd8\xff\xe0", b"\x7fELF\x02", b"<html><script>"


@pytest.mark.parametrize(
    ("head", "claimed", "name", "mime", "warning"),
    [
        (JPEG, "image/jpeg", "foto.jpg", "image/jpeg", ""),
        (JPEG, "image/png", "foto.png", "image/jpeg", ""),  # a picture is a picture
        (JPEG, "", "", "image/jpeg", ""),
        (JPEG, "application/pdf", "x.pdf", "image/jpeg", "disguised"),
        (ELF, "image/jpeg", "foto.jpg", "application/x-elf", "program"),
        (ELF, "", "", "application/x-elf", "program"),
        (b"MZ\x90", "application/pdf", "factura.pdf", "application/x-dosexec", "program"),
        (b"%PDF-1.4", "application/pdf", "factura.pdf.exe", "application/pdf", "program"),
        (b"echo x", "text/plain", "x.BAT", "text/plain", "program"),
        (b"whatever", "application/javascript", "", "application/javascript", "program"),
        (HTML, "image/jpeg", "foto.jpg", "text/html", "active"),
        (HTML, "text/html; charset=utf-8", "a.html", "text/html", "active"),
        (b"<svg xmlns='x'>", "image/svg+xml", "", "image/svg+xml", "active"),
        (zipped("word/vbaProject.bin"), WORD, "informe.docm", WORD, "active"),
        (b"just text", "image/jpeg", "foto.jpg", "text/plain", "disguised"),
        (b"\x00\x01\x02", "image/png", "", UNKNOWN, "disguised"),
        (b"\x00\x01\x02", "image/jxl", "", "image/jxl", ""),  # we cannot tell
        (b"a,b,c", "text/csv", "x.csv", "text/csv", ""),
        (iso(b"isom"), "audio/mp4", "", "video/mp4", ""),
        (b"OggS", "audio/ogg; codecs=opus", "", "audio/ogg", ""),
        (b"OggS", "audio/opus", "", "audio/ogg", ""),
        (zipped("xl/x.xml"), "application/zip", "", sniff(zipped("xl/x.xml")), ""),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword", "a.doc", "application/msword", ""),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword", "a.msi", "application/msword", "program"),
        (b"", "", "", UNKNOWN, ""),
    ],
)
def test_claims_against_content(head: bytes, claimed: str, name: str, mime: str, warning: str) -> None:
    assert examine(head, claimed, name) == (mime, warning)


@given(st.binary(max_size=200), st.text(max_size=40), st.text(max_size=40))
@example(b"<!--a-->" * 500, "", "")
@example(b"<?xml ?>" * 500, "", "")
@example(b"PK\x03\x04" * 1000, "x", "y")
def test_whatever_it_is(head: bytes, claimed: str, name: str) -> None:
    mime, warning = examine(head, claimed, name)
    assert mime
    assert warning in ("", "program", "active", "disguised")


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("foto.jpg", "foto.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ana\\foto.png", "foto.png"),
        ("gpj.\u202eexe.foto", "gpj.exe.foto"),
        ("a\x00b\r\nc\x1b[31m.txt", "abc[31m.txt"),
        ("..", ""),
        (".", ""),
        ("/", ""),
        ("  ñandú (1).pdf  ", "ñandú (1).pdf"),
        ("x" * 300 + ".exe", "x" * 196 + ".exe"),
        ("\ufeff\u200b.pdf", ".pdf"),
    ],
)
def test_names(name: str, bare: str) -> None:
    assert bare_name(name) == bare


@given(st.text(max_size=600))
def test_a_name_is_only_a_name(name: str) -> None:
    bare = bare_name(name)
    assert len(bare) <= filetypes.NAME
    assert not set(bare) & set("/\\\x00\n\r\x1b\u202e\u2066\u200f")
    assert bare not in (".", "..")
    assert bare_name(bare) == bare
