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
        rest = getattr(self, "errno", None), getattr(self, "response", None)
        return _restored, (type(self), self.code, self.message, self.hint, self.context, *rest)


def _restored(
    kind: "type[AtmnError]",
    code: "libatmn.ErrorCode",
    message: str,
    hint: "Optional[str]",
    context: "Mapping[str, str]",
    number: "Optional[int]" = None,
    response: "Optional[libatmn.Response]" = None,
) -> AtmnError:
    error = kind(code, message, hint=hint, context=context)
    if isinstance(error, ApiError):
        error.response = response
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
    """The server answered with a status other than 2xx.

    The code is ``api_error``, ``unauthorized``, ``login_needed`` (:class:`LoginNeeded`), or a refusal code. The error
    has the whole response; where the server repeats a key, the key is masked. A request with
    ``raise_for_status=False`` returns any response.

    >>> import libatmn
    >>> try:
    ...     libatmn.Client().request("GET", "/v1/nothing")
    ... except libatmn.ApiError as error:
    ...     print(error.status, error.method, error.json()["code"], error.retry_after)
    404 GET not_found None
    """

    _response: "Optional[libatmn.Response]" = None

    @property
    def response(self) -> "Optional[libatmn.Response]":
        """The whole response; ``None`` in an error that a program constructs without one."""
        return self._response

    @response.setter
    def response(self, response: "Optional[libatmn.Response]") -> None:
        self._response = response

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

    @property
    def method(self) -> "Optional[str]":
        """The method of the request."""
        return self.context.get("method")

    @property
    def url(self) -> "Optional[str]":
        """The URL of the request, without its query, which may be secret."""
        return self.context.get("url")

    @property
    def retry_after(self) -> "Optional[int]":
        """How many seconds the server asks to wait, from ``Retry-After`` in seconds or as a date."""
        seconds = self.context.get("retry_after")
        return None if seconds is None else int(seconds)

    @property
    def headers(self) -> "Mapping[str, str]":
        """The headers of the response, in lower case. Values of a repeated header are joined by ``, ``."""
        return self._answer.headers

    @property
    def body(self) -> bytes:
        """The body of the response."""
        return self._answer.body

    @property
    def text(self) -> str:
        """The body of the response as text."""
        return self._answer.text

    def json(self) -> "Any":
        """Return the body of the response, parsed as JSON."""
        return self._answer.json()

    def header(self, name: str) -> "Optional[str]":
        """Return a header by its name in any case, or ``None``."""
        return self._answer.header(name)

    def header_values(self, name: str) -> "list[str]":
        """Return all values of a header by its name in any case."""
        return self._answer.header_values(name)

    @property
    def _answer(self) -> "libatmn.Response":
        return self.response or _native.Response(self.status)


class LoginNeeded(ApiError, LoginError):
    """The server rejected a key from ``.env``, and no login is allowed: code ``login_needed``, with the response."""


class ExchangeError(ApiError, LoginError):
    """The server refused the code of a login, or sent no usable token or keys.

    The codes are ``exchange_refused``, ``exchange_unreadable`` and ``keys_refused``. The error has the response,
    without code, tokens and keys.
    """


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
    *(RequestError, RequestTimeout, ServerConnectionError, ApiError, LoginNeeded, ExchangeError),
    AuthenticationError,
):
    _error.__module__ = "libatmn"
