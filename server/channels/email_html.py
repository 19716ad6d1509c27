"""HTML to text as a person would copy it: quotes marked with ">", links readable, nothing of scripts and styles.

inscriptis lays the text out. Before that the tree is made simple: what is quoted is marked, and tables that only place
things become plain blocks (laid out as tables they would be padded to the widest cell). What is too deep is read flat.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any

#: HTML beyond this is not read; text beyond that is not kept
HTML_LIMIT = 1_000_000
TEXT_LIMIT = 1_000_000
#: elements within elements: programs write 30, the layout engine calls itself once for each
DEPTH_LIMIT = 120
#: a table of data: no more rows and letters in a cell than this
TABLE_ROWS = 200
TABLE_CELL = 200
LINK_LIMIT = 500

_DROPPED = frozenset(
    ("script", "style", "title", "template", "object", "embed", "applet", "iframe", "meta", "link", "base", "svg",
     "math", "map", "audio", "video", "head", "noframes", "select", "datalist", "canvas", "xml")
)  # fmt: skip
_BLOCKS = frozenset(
    ("p", "div", "br", "tr", "li", "table", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "pre", "hr",
     "section", "article", "header", "footer", "dd", "dt", "td")
)  # fmt: skip
_UNSEEN = re.compile(r"<(/?)(script|style|title)\b[^<>]{0,2000}>", re.I)
_BLOCK = re.compile(rf"</?(?:{'|'.join(sorted(_BLOCKS))})\b[^<>]{{0,2000}}>", re.I)
#: our marks in the tree, from a range that no mail has a use for; what a mail has of them is dropped
_QUOTE, _END, _SIGNATURE, _EMPTY = "\ue000", "\ue001", "\ue002", "\ue003"
_MARKS = re.compile("[\ue000-\ue003]")
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all|visibility\s*:\s*hidden", re.I)
#: what quotes a mail without a <blockquote>, by class or id
_QUOTED = re.compile(r"(?:^|\s)(?:yahoo_quoted|ydp\w*yahoo_quoted|zmail_extra|protonmail_quote|tutanota_quote)(?:\s|$)")
#: where Outlook begins the mail that is answered: all that follows it is quoted
_REPLY_ABOVE = re.compile(r"(?:^|[\s_])(?:divRplyFwdMsg|appendonsend|mail-editor-reference-message-container)(?:\s|$)")
_SIGNATURES = re.compile(
    r"(?:^|[\s_])(?:gmail_signature|moz-signature|ms-outlook-mobile-signature|signature|protonmail_signature_block)(?:\s|$)",
    re.I,
)
#: what introduces or surrounds a quote: not written now either, but no quote itself
_INTRODUCES = re.compile(r"(?:^|\s)(?:gmail_(?:quote|attr)|moz-cite-prefix|gmail_extra)")
#: paragraphs that are only lines
_FLUSH = re.compile(r"margin(?:-(?:top|bottom))?\s*:\s*0", re.I)
_DATA_URL = re.compile(r"data:[\w/+.-]{1,80};base64,[A-Za-z0-9+/=\s%]*", re.I)
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BLANK = re.compile(r"[\s\u00ad\u034f\u061c\u200b-\u200f\u2060\ufeff]*")


def html_to_text(html: str, limit: int = HTML_LIMIT) -> tuple[str, str]:
    """The text, and what was wrong with the HTML ("" if nothing); no more than `limit` of it is read. Never raises."""
    html = _DATA_URL.sub("", html)  # pictures within the HTML
    defect = "html_cut" if len(html) > limit else ""
    html = _MARKS.sub("", html[:limit])
    if not html.strip():
        return "", defect
    tree = _parse(html)
    if tree is None:
        text = _tidy(_stripped(html))
        return text, defect or ("bad_html" if text else "")
    if _depth(tree) > DEPTH_LIMIT:
        return _tidy(_stripped(html)), defect or "html_too_deep"
    _simplify(tree)
    return _tidy(_laid_out(tree)), defect


def _parse(html: str) -> Any:
    from lxml import etree  # type: ignore[import-untyped]

    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True, no_network=True)
    try:
        return etree.fromstring(html.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        return None


def _laid_out(tree: Any) -> str:
    from inscriptis.css_profiles import CSS_PROFILES  # type: ignore[import-untyped]
    from inscriptis.html_engine import Inscriptis  # type: ignore[import-untyped]
    from inscriptis.model.config import ParserConfig  # type: ignore[import-untyped]

    return str(Inscriptis(tree, ParserConfig(css=CSS_PROFILES["strict"].copy())).get_text())


def _depth(tree: Any) -> int:
    deepest = depth = 0
    from lxml import etree

    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return deepest


def _stripped(html: str) -> str:
    """The text without any layout, for what cannot be taken apart."""
    kept: list[str] = []
    hidden = ""
    at = 0
    for match in _UNSEEN.finditer(html):
        if not hidden:
            kept.append(html[at : match.start()])
        name = match[2].lower()
        if hidden in ("", name):
            hidden = "" if match[1] else name
        at = match.end()
    html = _BLOCK.sub("\n", " ".join([*kept, html[at:]]))
    return unescape(re.sub(r"<[/!?a-zA-Z][^<>]{0,2000}>", " ", html))


def _tidy(text: str) -> str:
    """Marks become quote signs; no blanks at line ends, no more than two empty lines together."""
    out: list[str] = []
    depth = empty = 0
    for line in text.split("\n"):
        for mark in _MARKS.findall(line):
            depth = max(0, depth + (mark == _QUOTE) - (mark == _END))
            if mark == _SIGNATURE:
                out.append("-- ")
        plain = _MARKS.sub("", line).replace("\xa0", " ").rstrip()
        if _BLANK.fullmatch(plain):
            empty += 1
            if empty > 2 or (_MARKS.search(line) and _EMPTY not in line):
                continue
            plain = ""
        else:
            empty = 0
        out.append(f"{'>' * min(depth, 50)} {plain}".rstrip() if depth else plain)
    return "\n".join(out).strip("\n")


# ---------------------------------------------------------------- the tree made simple


def _simplify(tree: Any) -> None:
    """Change the tree so that laying it out gives a readable text."""
    for element in list(tree.iter()):
        _simplify_element(element)
    for table in list(tree.iter("table")):
        if not _is_data(table):
            _flatten_table(table)
    quotes, signatures, answered = _foreign(tree)
    for quote in quotes:
        _put_first(quote, _QUOTE)
        quote.append(_line(quote, _END))
        quote.tag = "div"
    for signature in signatures:
        _put_first(signature, _SIGNATURE)
    if answered is not None and answered.getparent() is not None:
        answered.addprevious(_line(answered, _QUOTE))


def _simplify_element(element: Any) -> None:
    tag = element.tag
    if element.text and element.text.strip(" \r\n\t") == "\xa0":
        element.text = _EMPTY  # how Outlook writes an empty line
    if tag in _DROPPED or _HIDDEN.search(element.get("style", "")):
        _replace(element, "")
    elif tag == "img":
        alt = element.get("alt", "").strip()
        pixel = "1" in (element.get("width"), element.get("height"))
        _replace(element, f"[{alt[:TABLE_CELL]}]" if alt and not pixel else "")
    elif tag == "a":
        _show_link(element)
    elif tag == "hr":
        element.tag, element.text = "div", "---"
    elif tag == "p" and ("MsoNormal" in element.get("class", "") or _FLUSH.search(element.get("style", ""))):
        element.tag = "div"


def _replace(element: Any, text: str) -> None:
    """Put text in the place of an element; what follows the element stays."""
    parent = element.getparent()
    if parent is None:
        return
    text = f"{text}{element.tail or ''}"
    before = element.getprevious()
    if before is not None:
        before.tail = _legal(f"{before.tail or ''}{text}")
    else:
        parent.text = _legal(f"{parent.text or ''}{text}")
    parent.remove(element)


def _show_link(element: Any) -> None:
    """The address behind the words, unless the words are that address."""
    target = element.get("href", "").strip()
    label = " ".join("".join(element.itertext()).split())
    if not label or not re.match(r"(?:https?|mailto|tel):", target, re.I):
        return
    plain = re.sub(r"^(?:https?://|mailto:|tel:)", "", target, flags=re.I).rstrip("/")
    if plain.partition("?")[0].rstrip("/").lower() in label.lower() or plain.lower() in label.lower():
        return
    if len(target) > LINK_LIMIT:
        target = f"{target[:LINK_LIMIT]}…"
    _append_text(element, f" <{target}>")


def _append_text(element: Any, text: str) -> None:
    if len(element):
        element[-1].tail = _legal(f"{element[-1].tail or ''}{text}")
    else:
        element.text = _legal(f"{element.text or ''}{text}")


def _legal(text: str) -> str:
    """Text that lxml lets us put into a tree: it reads control characters, but does not take them back."""
    return _ILLEGAL.sub("", text)


def _line(near: Any, text: str) -> Any:
    """A block of its own with this text."""
    line = near.makeelement("div")
    line.text = text
    return line


def _put_first(element: Any, text: str) -> None:
    line = _line(element, text)
    line.tail, element.text = _legal(element.text or ""), None
    element.insert(0, line)


def _is_data(table: Any) -> bool:
    """Whether a table holds data in short cells; most tables in mails only place things."""
    if any(True for _ in table.iterdescendants("table", "blockquote", "ul", "ol", "p", "pre")):
        return False
    rows = list(table.iterdescendants("tr"))
    if len(rows) > TABLE_ROWS or not any(len(row) > 1 for row in rows):
        return False
    return all(len("".join(cell.itertext())) <= TABLE_CELL for row in rows for cell in row)


def _flatten_table(table: Any) -> None:
    """Rows as blocks, cells beside each other if there are no blocks in them."""
    for element in table.iter("table", "tbody", "thead", "tfoot", "tr", "td", "th", "caption", "colgroup"):
        if element.tag in ("td", "th") and not any(True for _ in element.iterchildren(*_BLOCKS)):
            element.tag = "span"
            element.tail = _legal(f"{element.tail or ''} ")
        else:
            element.tag = "div"


def _foreign(tree: Any) -> tuple[list[Any], list[Any], Any]:
    """What was not written now: quotes, signatures, and where Outlook's answered mail begins.

    A signature with own text below it is none. An answered mail with nothing written above it is a forwarded one.
    """
    from lxml import etree

    quotes: list[Any] = []
    signatures: list[Any] = []
    inside: list[Any] = []
    written = False
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if event == "start":
            name = f"{element.get('class', '')} {element.get('id', '')}"
            if element.tag == "blockquote" or _QUOTED.search(name):
                quotes.append(element)
                inside.append(element)
            elif written and not inside and _REPLY_ABOVE.search(name):
                return quotes, signatures, element
            elif not inside and _SIGNATURES.search(name):
                signatures.append(element)
                inside.append(element)
            elif not inside and _INTRODUCES.search(name):
                inside.append(element)
            text = element.text
        else:
            if inside and inside[-1] is element:
                inside.pop()
            text = element.tail
        if text and not inside and not text.isspace():
            written = True
            signatures.clear()
    return quotes, signatures, None
