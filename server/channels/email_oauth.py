"""How a mailbox is signed in to with OAuth 2, from the channel's settings; what the large providers want is known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from server.channels import checked
from server.channels.base import BadSettings, Option
from server.channels.oauth import GRANTS, Client


class _Provider(NamedTuple):
    """Where a provider's endpoints are, and what to ask for: for somebody's mailbox, and as an application."""

    token_url: str = ""
    authorize_url: str = ""
    device_url: str = ""
    scope: str = ""
    own_scope: str = ""


_MICROSOFT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0"
_OUTLOOK = "https://outlook.office.com"

#: the words of `sign_in` besides `password`. Microsoft: learn.microsoft.com/exchange/client-developer/legacy-protocols/
#: how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth
#: Google: developers.google.com/workspace/gmail/imap/xoauth2-protocol; its device flow does not give the mail scope
#: (developers.google.com/identity/protocols/oauth2/limited-input-device, allowed scopes)
PROVIDERS: dict[str, _Provider] = {
    "microsoft": _Provider(
        token_url=f"{_MICROSOFT}/token",
        authorize_url=f"{_MICROSOFT}/authorize",
        device_url=f"{_MICROSOFT}/devicecode",
        scope=f"{_OUTLOOK}/IMAP.AccessAsUser.All {_OUTLOOK}/SMTP.Send offline_access",
        own_scope="https://outlook.office365.com/.default",
    ),
    "google": _Provider(
        token_url="https://oauth2.googleapis.com/token",
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
        scope="https://mail.google.com/",
    ),
    "oauth2": _Provider(),
}

OPTIONS: tuple[Option, ...] = (
    Option(
        name="sign_in",
        help="password, microsoft, google, or oauth2 for another provider that takes no passwords",
        required=False,
        default="password",
    ),
    Option(name="client_id", help="OAuth 2: the application's id at the provider", required=False),
    Option(name="client_secret", help="OAuth 2: its secret, if it has one", secret=True, required=False),
    Option(name="tenant", help="Microsoft: the directory's id or domain", required=False),
    Option(name="grant", help="OAuth 2: refresh_token, or client_credentials", required=False, default=GRANTS[0]),
    Option(name="refresh_token", help="OAuth 2: what channel authorize brings", secret=True, required=False),
    Option(name="scope", help="OAuth 2: what is asked for", required=False),
    Option(name="token_url", help="OAuth 2: where tokens come from", required=False),
    Option(name="authorize_url", help="OAuth 2: where people sign in", required=False),
    Option(name="device_url", help="OAuth 2: where codes to sign in with come from, or none", required=False),
)

_TENANT = re.compile(r"[A-Za-z0-9.-]{1,253}")


def oauth_client(settings: Mapping[str, str]) -> Client | None:
    """How tokens are had; None if the mailbox is signed in to with a password. Raises BadSettings."""
    how, grant = settings["sign_in"], settings["grant"]
    checked.one_of("sign_in", how, ("password", *PROVIDERS))
    checked.one_of("grant", grant, GRANTS)
    if how == "password":
        return None
    known = PROVIDERS[how]
    own = grant == "client_credentials"
    needed = ["client_id"]
    if how == "microsoft":
        needed.append("tenant")
    if how == "oauth2":
        needed.append("token_url")
    if own:
        needed.append("client_secret")
    for name in needed:
        if not settings[name]:
            option = next(option for option in OPTIONS if option.name == name)
            detail = f"missing setting {name!r}: {option.help}"
            raise BadSettings("missing", detail, channel="email", setting=name, help=option.help)
    if settings["tenant"] and not _TENANT.fullmatch(settings["tenant"]):
        detail = "tenant must be the directory's id or a domain like coop.example"
        raise BadSettings("tenant", detail, setting="tenant")
    for name in ("client_id", "client_secret", "refresh_token", "scope"):
        checked.one_line(name, settings[name])

    # many organisations forbid codes; and a provider's own are no use where another gives the tokens
    no_codes = settings["device_url"] == "none" or bool(settings["token_url"] and not settings["device_url"])

    def url(name: str) -> str:
        return _url(name, settings[name] or getattr(known, name).format(tenant=settings["tenant"]))

    return Client(
        token_url=url("token_url"),
        authorize_url=url("authorize_url"),
        device_url="" if no_codes else url("device_url"),
        client_id=settings["client_id"],
        client_secret=settings["client_secret"],
        scope=settings["scope"] or (known.own_scope if own else known.scope),
        grant=grant,
    )


def _url(name: str, url: str) -> str:
    """An endpoint's address. Secrets go there: in clear only to this machine itself."""
    if not url:
        return ""
    example = "https://login.example.com/token"
    parts = checked.web_address(name, url, example)
    if parts.username or (parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1")):
        detail = f"{name} must be an https URL like {example}: secrets go there"
        raise BadSettings("https_only", detail, setting=name, example=example)
    return url
