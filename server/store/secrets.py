"""Channel secrets at rest: encrypted with a key that lies beside the database, never in it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from pathlib import Path

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class KeyLost(Exception):
    """The key file does not fit the stored secrets: put the right one back, or set the secrets again."""


class SecretBox:
    """Encrypts and opens small dictionaries of secrets. The key file has one key a line; the first one encrypts."""

    def __init__(self, keys: list[bytes]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        self._keys = keys

    @classmethod
    def load(cls, path: Path) -> SecretBox:
        """Read the key file, or make one that only its owner can read."""
        if not path.exists():
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(fd, "wb") as file:
                file.write(Fernet.generate_key() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        return cls([line for line in path.read_bytes().split() if line])

    def sign(self, text: str) -> str:
        """A signature of `text` (32 characters fit for an address) that only this server can make."""
        return self._signed(self._keys[0], text)

    def is_signed(self, text: str, signature: str) -> bool:
        """Whether `sign` made that, with the first key or one before it."""
        given = signature.encode("utf-8", "replace")
        return any(hmac.compare_digest(self._signed(key, text).encode(), given) for key in self._keys)

    @staticmethod
    def _signed(key: bytes, text: str) -> str:
        purpose = hmac.digest(key, b"signed links", hashlib.sha256)
        return base64.urlsafe_b64encode(hmac.digest(purpose, text.encode(), hashlib.sha256)[:24]).decode()

    def seal(self, secrets: dict[str, str]) -> str:
        return self._fernet.encrypt(msgspec.json.encode(secrets)).decode() if secrets else ""

    def open(self, sealed: str) -> dict[str, str]:
        """Raises KeyLost if no key of the file opens it."""
        if not sealed:
            return {}
        try:
            return msgspec.json.decode(self._fernet.decrypt(sealed.encode()), type=dict[str, str])
        except InvalidToken:
            raise KeyLost("secret.key does not open the stored channel secrets") from None
