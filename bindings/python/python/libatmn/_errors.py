"""The exceptions. Each is an :class:`AtmnError` with a stable code, a sentence, and a hint on what to do.

Every program imports this module, so annotations are texts here too; see ``_keys``.
"""

import sys

import libatmn
from libatmn import _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Optional, Union
else:
    from _collections_abc import Mapping

    class _Later:
        """A name of ``typing``, which is imported only when something evaluates an annotation."""

        def __init__(self, name) -> None:  # noqa: ANN001
            self.name = name

        def __getitem__(self, parameters):  # noqa: ANN001, ANN204
            import typing  # noqa: PLC0415

            return getattr(typing, self.name)[parameters]

    Any = object
    Optional, Union = _Later("Optional"), _Later("Union")

__all__ = ["Optional", "Union"]


class AtmnError(Exception):
    """Any failure of libatmn.

    ``code`` is stable; ``str()`` is one sentence; ``hint`` says what to do, and tracebacks of Python 3.11 and later
    show it; ``context`` holds details (``path``, ``line``, ``variable``, ``option``, ``url``, …); ``__cause__`` is the
    exception that led to this one. None of them ever holds a secret. Classes that derive from ``OSError`` have the
    system's ``errno``, or ``None``.

    >>> import libatmn
    >>> try:
    ...     libatmn.ApiKey("hunter2")
    ... except libatmn.AtmnError as error:
    ...     print(error.code, "-", error)
    malformed_key - This is not an Autumn API key.
    """

    code: "libatmn.ErrorCode"
    message: str
    hint: "Optional[str]"
    context: "dict[str, str]"

    def __init__(
        self,
        code: "libatmn.ErrorCode",
        message: str,
        *,
        hint: "Optional[str]" = None,
        context: "Optional[Mapping[str, str]]" = None,
    ) -> None:
        """Create an error. Only libatmn does, and tests of programs that use it.

        The native half sets the same attributes itself; see ``exception`` in ``src/errors.rs``.
        """
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.context = dict(context or {})
        if hint is not None and sys.version_info >= (3, 11):
            self.add_note(hint)

    def __str__(self) -> str:
        return self.message

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.code!r}, {self.message!r})"

    def __reduce__(self) -> "tuple[object, ...]":
        return _restored, (type(self), self.code, self.message, self.hint, self.context, getattr(self, "errno", None))


def _restored(
    kind: "type[AtmnError]",
    code: "libatmn.ErrorCode",
    message: str,
    hint: "Optional[str]",
    context: "Mapping[str, str]",
    number: "Optional[int]" = None,
) -> AtmnError:
    error = kind(code, message, hint=hint, context=context)
    if isinstance(error, OSError):
        error.errno = number
    return error


def again(error: AtmnError) -> AtmnError:
    """Return an equal error without a traceback, for another caller."""
    parts: Any = error.__reduce__()
    copy: AtmnError = parts[0](*parts[1])
    if error.__cause__ is not None:
        copy.__cause__ = error.__cause__
    return copy


def system_limit(what: str, error: OSError) -> AtmnError:
    """Return the error for a thread or a descriptor that the system does not give, as the native half makes it."""
    from errno import errorcode  # noqa: PLC0415 - rarely needed

    number = error.errno
    context = {"system_code": errorcode[number]} if number is not None and number in errorcode else {}
    hint = "Close files and connections, and end threads, that the program no longer needs, or raise its limits."
    return AtmnError("system_limit", f"{what}: {error.strerror}.", hint=hint, context=context)


class InvalidArgument(AtmnError, ValueError):
    """An argument has an unusable value; ``context["option"]`` names it. A wrong type is a ``TypeError``."""


class LoginTimeout(AtmnError, TimeoutError):
    """The user did not log in before the deadline."""


class LoginError(AtmnError):
    """A login failed, or is required: codes 100 to 199."""


class ApiKeyError(AtmnError):
    """There is no key, or not the requested one: codes 200 to 299."""


class FileError(AtmnError):
    """A file cannot be read, or must not be written: codes 300 to 399."""


class FilePermissionError(FileError, PermissionError):
    """The operating system denied access to a file."""


class RequestError(AtmnError):
    """A request was not sent, or got no usable response."""


class RequestTimeout(RequestError, TimeoutError):
    """A request got no response in time."""


class ServerConnectionError(RequestError, ConnectionError):
    """The connection to the server failed or was lost."""


class ApiError(RequestError):
    """The server answered with a status other than 2xx: ``api_error``, ``unauthorized``, or a refusal code."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.context["status"])

    @property
    def api_code(self) -> "Optional[str]":
        """The server's own error code."""
        return self.context.get("api_code")

    @property
    def environment(self) -> "Optional[libatmn.Environment]":
        """The environment of the key, if it is known."""
        environments: dict[str, libatmn.Environment] = {"sandbox": "sandbox", "live": "live"}
        return environments.get(self.context.get("env", ""))

    @property
    def request_id(self) -> "Optional[str]":
        """The id of the request in the server's log."""
        return self.context.get("request_id")


class AuthenticationError(AtmnError):
    """``authenticate`` refused a request, with one of the codes 500 to 599: respond with ``status`` and ``body``."""

    @property
    def status(self) -> int:
        """The HTTP status to respond with."""
        return 401

    @property
    def body(self) -> "dict[str, str]":
        """The JSON body to respond with: ``message``, ``code`` and ``env``."""
        return _native.refusal_body(self.code, self.context.get("env"))


for _error in (
    *(AtmnError, InvalidArgument, LoginTimeout, LoginError, ApiKeyError, FileError, FilePermissionError),
    *(RequestError, RequestTimeout, ServerConnectionError, ApiError, AuthenticationError),
):
    _error.__module__ = "libatmn"
