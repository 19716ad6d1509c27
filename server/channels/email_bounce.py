"""What a mail server says of a mail of ours that it could not deliver: RFC 3464 reports, and free text."""

from __future__ import annotations

import re
from itertools import islice

import msgspec

from server.channels.email_headers import line, mailboxes, message_id, message_ids, one_line
from server.channels.email_mime import Tree

#: so much of a report, of a server's words and of a returned mail is read
REPORT_LIMIT = 200_000
WORDS_LIMIT = 50_000
RETURNED_LIMIT = 5

_REPORTS = ("message/delivery-status", "message/global-delivery-status")
_RETURNED = (
    "message/rfc822",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global",
    "message/global-headers",
)
#: a letter outside ASCII in an address of type utf-8 (RFC 6533)
_ESCAPED = re.compile(r"\\x\{(10[0-9A-F]{4}|[0-9A-F]{1,5})\}", re.I)

_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.])([45])\d\d[ -]")
_DAEMON = re.compile(r"(?:mailer|mail)[-_.]?daemon|postmaster|double-bounce|mdaemon", re.I)
_SUBJECT = re.compile(
    r"undeliver(?:ed|able)|delivery (?:status notification|failure|failed|has failed|incomplete|delayed|notification)"
    r"|mail delivery (?:failed|failure|subsystem|system|error)|failure notice|returned (?:mail|to sender)|mail failure"
    r"|could not be delivered|not delivered|non remis|échec de (?:la )?remise|unzustellbar|nicht zustellbar"
    r"|no se (?:ha podido|pudo|puede) entregar|(?:correo|mensaje) (?:devuelto|no entregado)|error (?:de|en la) entrega"
    r"|notificación de(?:l)? estado de (?:la )?entrega|no entregable|falha na entrega|não entregue"
    r"|mancat[oa] (?:recapito|consegna)"
    r"|onbestelbaar|kunne ikke leveres|kunde inte levereras|niedostarcz|не доставлено|недоставлен|退信"
    r"|配信(?:不能|エラー)",
    re.I,
)
_ADDRESS_LINE = re.compile(
    r"^[ \t>*]*(?:(?:to|rcpt to|recipient|final-recipient|original-recipient|para|destinatario)"
    r"[ \t]{0,9}:?[ \t]{0,9}(?:(?:rfc822|utf-8);)?[ \t]{0,9})?"
    r"<?([^\s<>@:;,\"()]{1,64}@[\w.-]{3,255}\w)>?[ \t]{0,9}(?::|\(|$|\.\.\.|-)",
    re.I | re.M,
)
_RETURNED_ID = re.compile(r"^[ \t>]*message-id:\s*<([^<>\s]{3,900})>", re.I | re.M)
_DELAYED = re.compile(
    r"delay(?:ed)?\b|will (?:be retried|keep trying|continue)|not yet|demorad|retras|se seguirá intentando"
    r"|verzöger|retard",
    re.I,
)


class Bounce(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a mail we sent. `originals`: the message ids it may have had, without brackets.

    `action`: failed, delayed, delivered, relayed or expanded (RFC 3464); `status`: the enhanced code, like 5.1.1, or
    "". `permanent`: the mail will not arrive; if False, it is late or on its way.
    """

    originals: tuple[str, ...] = ()
    recipient: str = ""
    status: str = ""
    action: str = "failed"
    diagnostic: str = ""
    permanent: bool = True


def bounce_of(tree: Tree, text: str) -> Bounce | None:
    """What a delivery report says, by the standard or in a server's own words; None if it is no such report.

    `text`: the mail's readable text.
    """
    reports = [part for part in tree.root.leaves() if part.mime in _REPORTS]
    if reports and (tree.root.mime == "multipart/report" or tree.root is reports[0] or _from_server(tree)):
        return _by_the_standard(tree, b"\n\n".join(tree.content(part) for part in reports[:RETURNED_LIMIT]))
    if tree.root.mime == "multipart/report" and tree.root.params.get("report-type", "").lower() != "delivery-status":
        return None  # a receipt, a complaint
    return _in_own_words(tree, text[:WORDS_LIMIT])


def _by_the_standard(tree: Tree, report: bytes) -> Bounce:
    text = report[:REPORT_LIMIT].decode("utf-8", "replace").replace("\r", "")
    groups = [_fields(block) for block in re.split(r"\n[ \t]*\n", text)]
    recipients = [group for group in groups if group.keys() & {"action", "final-recipient", "status"}]
    about = min(recipients, key=_severity, default={})
    status = _STATUS.search(about.get("status", "")) or _STATUS.search(about.get("diagnostic-code", ""))
    action = "".join(re.findall(r"^[a-z]+", about.get("action", "").lower())) or "failed"
    kind, semicolon, diagnostic = about.get("diagnostic-code", "").partition(";")
    return Bounce(
        originals=_originals(tree, ""),
        recipient=_recipient(about.get("final-recipient", "")) or _recipient(about.get("original-recipient", "")),
        status=status[0] if status else "",
        action=action,
        diagnostic=one_line(diagnostic if semicolon else kind, 500),
        permanent=action == "failed",
    )


def _severity(group: dict[str, str]) -> int:
    """Of several recipients the one that did not get it is told of."""
    action = group.get("action", "").lower()
    return 0 if action.startswith("failed") else 1 if action.startswith("delayed") else 2


def _fields(block: str) -> dict[str, str]:
    """The fields of one group of a report, names in lower case, the first of each."""
    fields: dict[str, str] = {}
    name = ""
    for row in block.split("\n"):
        if row[:1] in (" ", "\t") and name:
            fields[name] = f"{fields[name]} {row.strip()}"[:2_000]
        elif ":" in row:
            key, _, value = row.partition(":")
            name = key.strip().lower()
            fields.setdefault(name, value.strip())
    return fields


def _recipient(field: str) -> str:
    """The address in "rfc822; someone@example.com" or "utf-8; pe\\x{F1}a@example.com"."""
    address = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), field.rpartition(";")[2])
    found = mailboxes(address.encode("utf-8", "replace"))
    return found[0].address if found else ""


def _in_own_words(tree: Tree, text: str) -> Bounce | None:
    """A report without a standard: from a mail server, and of a delivery. Whoever forwards one is a person."""
    root = tree.root
    failed = mailboxes(root.header("x-failed-recipients"))
    if not failed and not (_SUBJECT.search(line(root.header("subject"))) and _from_server(tree)):
        return None
    status = _STATUS.search(text)
    code = _REPLY_CODE.search(text)
    temporary = (status[0] if status else code[1] if code else "").startswith("4")
    delayed = temporary and _DELAYED.search(f"{line(root.header('subject'))}\n{text}") is not None
    address = _ADDRESS_LINE.search(text)
    return Bounce(
        originals=_originals(tree, text),
        recipient=failed[0].address if failed else address[1] if address else "",
        status=status[0] if status else "",
        action="delayed" if delayed else "failed",
        diagnostic=_diagnostic(text),
        permanent=not delayed,
    )


def _from_server(tree: Tree) -> bool:
    """Whether a mail server wrote it itself: nobody can answer it."""
    root = tree.root
    sender = [box for name in ("from", "sender", "return-path") for box in mailboxes(root.header(name))]
    daemon = any(_DAEMON.match(box.address or box.name) for box in sender)
    return daemon or not root.header("from") or root.header("return-path").replace(b" ", b"") == b"<>"


def _diagnostic(text: str) -> str:
    """The line with the code, else the first one."""
    rows = [row.strip() for row in text.split("\n") if row.strip()]
    found = next((row for row in rows if _STATUS.search(row) or _REPLY_CODE.search(row)), rows[0] if rows else "")
    return one_line(found, 500)


def _originals(tree: Tree, text: str) -> tuple[str, ...]:
    """Ids of the mail that came back: from what is returned of it, the text, and what the report answers."""
    found: list[str] = []
    returned = (part for part in tree.root.leaves() if part.mime in _RETURNED)
    for part in islice(returned, RETURNED_LIMIT):
        found.append(message_id(Tree(tree.content(part)[:REPORT_LIMIT]).root.header("message-id")))
    found += _RETURNED_ID.findall(text)
    found += message_ids(tree.root.header("in-reply-to"))
    found += reversed(message_ids(tree.root.header("references")))
    own = message_id(tree.root.header("message-id"))
    return tuple(dict.fromkeys(id_ for id_ in found if id_ and id_ != own))[:20]
