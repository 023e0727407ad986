"""What can go wrong. Every exception is an :class:`AtmnError` with a stable code, a sentence, and what to do."""

from __future__ import annotations

import sys

from libatmn import _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Optional

    from libatmn._types import Environment, ErrorCode


class AtmnError(Exception):
    """Any failure of libatmn.

    ``code`` never changes its meaning; ``str()`` is one sentence; ``hint`` says what to do, and stands below the
    sentence in a traceback; ``context`` names what it is about (``path``, ``line``, ``variable``, ``option``,
    ``url``, …); the reason behind it is ``__cause__``. None of them ever holds a secret.

    >>> import libatmn
    >>> try:
    ...     libatmn.ApiKey("hunter2")
    ... except libatmn.AtmnError as error:
    ...     print(error.code, "-", error)
    malformed_key - This is not an Autumn API key.
    """

    def __init__(
        self,
        code: ErrorCode,
        message: str,
        *,
        hint: Optional[str] = None,
        context: Optional[Mapping[str, str]] = None,
    ) -> None:
        """Made by libatmn; by others in their tests."""
        super().__init__(message)
        self.code: ErrorCode = code
        self.message = message
        self.hint = hint
        self.context = dict(context or {})
        # Python 3.11 and later show notes below the message.
        if hint is not None and sys.version_info >= (3, 11):
            self.add_note(hint)

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self.code, self.message, self.hint, self.context)


def _restored(
    kind: type[AtmnError], code: ErrorCode, message: str, hint: Optional[str], context: Mapping[str, str]
) -> AtmnError:
    return kind(code, message, hint=hint, context=context)


class InvalidArgument(AtmnError, ValueError):
    """An argument has a value that cannot be used; ``context["option"]`` names it. Wrong types are ``TypeError``."""


class LoginTimeout(AtmnError, TimeoutError):
    """The deadline of a login passed."""


class LoginError(AtmnError):
    """A login did not come about: codes 100 to 199."""


class ApiKeyError(AtmnError):
    """There is no key, or not the one that was asked for: codes 200 to 299."""


class FileError(AtmnError):
    """A file could not be read, or must not be written: codes 300 to 399."""


class RequestError(AtmnError):
    """The server was not reached or not understood, or was not asked at all."""


class ApiError(RequestError):
    """The server answered, and not with 2xx: ``api_error``, ``unauthorized``, or a code of a refused request."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.context["status"])

    @property
    def api_code(self) -> Optional[str]:
        """The server's own code."""
        return self.context.get("api_code")

    @property
    def environment(self) -> Optional[Environment]:
        """The environment of the key, where it is known."""
        from typing import cast  # noqa: PLC0415 - slow to load, and whoever has no key waits for this module

        return cast("Optional[Environment]", self.context.get("env"))

    @property
    def request_id(self) -> Optional[str]:
        """By what the server's own log knows the request."""
        return self.context.get("request_id")


class AuthenticationError(AtmnError):
    """Raised by ``authenticate``, with one of the codes 500 to 599: answer with ``status`` and ``body``."""

    @property
    def status(self) -> int:
        """The HTTP status to answer with."""
        return 401

    @property
    def body(self) -> dict[str, str]:
        """The answer to give, as JSON with ``status``: ``message``, ``code`` and ``env``."""
        return _native.refusal_body(self.code, self.context.get("env"))
