"""Bytes of unknown honesty as text: the declared charset where it holds, else what the bytes say."""

from __future__ import annotations

import codecs
import re

#: names that are no Python codec, or one that knows less than the programs that write the name (WHATWG Encoding)
_ALIASES = {
    "ascii": "utf-8", "us-ascii": "utf-8", "ansi_x3.4-1968": "utf-8", "646": "utf-8",
    "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "iso_8859-1": "cp1252",
    "8859-1": "cp1252", "8859_1": "cp1252", "l1": "cp1252", "windows1252": "cp1252", "ansi": "cp1252",
    "iso-8859-8-i": "iso8859_8", "iso-8859-8-e": "iso8859_8", "iso-8859-6-i": "iso8859_6",
    "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "ksc5601": "cp949", "euc-kr": "cp949", "euckr": "cp949",
    "x-euc-kr": "cp949", "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030",
    "gb_2312-80": "gb18030", "hz-gb-2312": "hz", "big5": "big5hkscs", "x-x-big5": "big5hkscs", "cn-big5": "big5hkscs",
    "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932", "sjis": "cp932", "windows-31j": "cp932",
    "iso-2022-jp": "iso2022_jp_ext", "iso2022jp": "iso2022_jp_ext", "csiso2022jp": "iso2022_jp_ext",
    "unicode-1-1-utf-7": "utf-7", "unicode-1-1-utf-8": "utf-8", "utf8mb4": "utf-8", "x-utf-8": "utf-8",
    "utf-8;": "utf-8", "unicode": "utf-16", "macintosh": "mac_roman", "x-mac-roman": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic", "koi8": "koi8_r", "tis-620": "cp874", "iso-8859-11": "cp874",
    "iso-8859-9": "cp1254",
}  # fmt: skip

#: codecs of the standard library that are no charset of a mail, or slow on hostile text
_REFUSED = {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem", "charmap"}

#: so much is looked at to guess a charset
SAMPLE = 32_768

_ASCII = bytes(range(128))
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
         (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
_SURROGATES = re.compile("[\ud800-\udfff]")
_HIGH_PAIR = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")


def decode(data: bytes, charset: str = "") -> tuple[str, str]:
    """`data` as text without NULs and lone surrogates, and what was wrong with `charset` ("" if nothing).

    In this order: a byte order mark, the declared charset if all bytes fit it and it is not an obvious lie, UTF-8, a
    guess, and at last Windows-1252 with replacement characters. Never raises.
    """
    text, defect = _decode(data, charset)
    if "\x00" in text:
        text = text.replace("\x00", "")
    if _SURROGATES.search(text):
        text = _SURROGATES.sub("\ufffd", text)
    return text, defect


def _decode(data: bytes, charset: str) -> tuple[str, str]:
    for mark, codec in _BOMS:
        if data.startswith(mark):
            return data.decode(codec, "replace").lstrip("\ufeff"), ""
    name = codec_of(charset)
    if data.isascii() and (name is None or name in ("utf-8", "cp1252")):
        return data.decode("ascii"), "" if name or not charset else "unknown_charset"
    if name == "cp1252" and _is_utf8(data):
        return data.decode("utf-8"), "wrong_charset"
    defect = "unknown_charset" if name is None and charset else ""
    if name is not None:
        try:
            return data.decode(name), ""
        except (UnicodeError, ValueError):
            defect = "wrong_charset"
        if name == "cp1252":  # some of its 256 places are empty; the pages that fill them are latin-1
            return data.decode("latin-1"), ""
        if name not in ("utf-8", "utf-16", "utf-32"):
            # a few bad bytes in an otherwise fitting charset
            text = data.decode(name, "replace")
            if text.count("\ufffd") * 20 < len(text) and not _is_utf8(data):
                return text, defect
    try:
        return data.decode("utf-8"), defect
    except UnicodeDecodeError:
        pass
    if _mostly_utf8(data):
        return data.decode("utf-8", "replace"), "wrong_charset"
    return data.decode(_guess(data[:SAMPLE]), "replace"), defect or "undeclared_charset"


def codec_of(charset: str) -> str | None:
    """The codec for a charset's name, if we know one."""
    name = charset.strip().strip("\"'").lower().replace(" ", "")
    if not name or len(name) > 40 or not name.isascii():
        return None
    name = _ALIASES.get(name, name)
    if re.fullmatch(r"cp-?\d+|windows-?\d+|ibm-?\d+", name):
        name = "cp" + re.sub(r"\D", "", name)
    if name in _REFUSED:
        return None
    try:
        found = codecs.lookup(name)
        "".encode(name)  # refuses codecs that are no charset, like base64
    except (LookupError, ValueError, UnicodeError):
        return None
    return None if found.name in _REFUSED else found.name


def _is_utf8(data: bytes) -> bool:
    """Whether bytes beyond ASCII are there and all are good UTF-8: in another charset that hardly ever happens."""
    if data.isascii():
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _mostly_utf8(data: bytes) -> bool:
    """UTF-8 with a few bytes broken, by a cut line for instance."""
    sample = data[:SAMPLE]
    broken = sample.decode("utf-8", "replace").count("\ufffd")
    return broken * 10 <= len(_HIGH_PAIR.findall(sample))


def _guess(sample: bytes) -> str:
    """The likeliest charset of bytes that are no UTF-8."""
    # A handful of accents in a Western text look like any other charset of one byte to a statistic.
    if len(sample.translate(None, _ASCII)) < 12:
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(sample, steps=5, chunk_size=512, threshold=0.2).best()
    return (codec_of(best.encoding) if best else None) or "cp1252"
