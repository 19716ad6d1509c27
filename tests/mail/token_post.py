"""A mail provider that takes no passwords, for tests: the stand-ins for its mail servers and for its sign-in."""

from __future__ import annotations

import contextlib

from server.sandbox import oauth
from server.sandbox.mail import Settings
from server.sandbox.oauth import CLIENT_ID, CLIENT_SECRET, Authority
from tests.mail.post import ADDRESS, Post


class TokenPost(Post):
    """A `Post` whose mailbox is opened with what `authority` gives out."""

    def __init__(self) -> None:
        super().__init__(Settings(address=ADDRESS, user=ADDRESS))
        self.authority = Authority(ADDRESS)
        self.world.state.takes = self.authority.takes
        self.url = ""
        self._serving = contextlib.AsyncExitStack()

    def __enter__(self) -> TokenPost:
        super().__enter__()
        self.url = self.wait(self._serving.enter_async_context(oauth.serve(self.authority)))
        return self

    def __exit__(self, *error: object) -> None:
        self.wait(self._serving.aclose())
        super().__exit__(*error)

    def channel(self, **settings: str) -> dict[str, str]:
        own = super().channel(
            sign_in="oauth2",
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            token_url=f"{self.url}/token",
            device_url=f"{self.url}/device",
            scope="mail offline_access",
            **settings,
        )
        return {name: value for name, value in own.items() if name != "password"}

    def expire(self) -> None:
        """Mail servers refuse every access token there is, and cut who came in with one."""
        self.do(self.authority.expire)
        self.do(self.world.cut)

    def revoke(self) -> None:
        """The provider ends the sign-in."""
        self.do(self.authority.revoke)
        self.do(self.world.cut)
