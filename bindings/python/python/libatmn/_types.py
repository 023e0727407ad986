"""The types of arguments: aliases, and the options that several operations share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any, Optional, Union

from libatmn._enumerations import (
    Accepts,
    CheckOutcome,
    CheckSubject,
    EnvFile,
    Environment,
    ErrorCode,
    EventCode,
    Git,
    Gitignore,
    KeyKind,
    Origin,
    Outcome,
    Reauth,
)
from libatmn._native import ApiKey, Event

if sys.version_info >= (3, 12):
    from typing import TypedDict, Unpack
elif TYPE_CHECKING:
    from typing_extensions import TypedDict, Unpack
else:
    try:
        # pydantic reads no others before Python 3.12, and depends on this package itself.
        from typing_extensions import TypedDict, Unpack
    except ImportError:
        from typing import TypedDict

        class Unpack:
            """Replaces ``typing.Unpack``, which Python 3.11 introduced."""

            def __class_getitem__(cls, options: object) -> object:
                """Return the options' type."""
                return options


__all__ = [
    "Accepts",
    "BeginLoginOptions",
    "CheckOutcome",
    "CheckSubject",
    "ClientOptions",
    "DiagnoseOptions",
    "EnvFile",
    "Environment",
    "ErrorCode",
    "EventCode",
    "Git",
    "Gitignore",
    "KeyKind",
    "LoginOptions",
    "OnEvent",
    "Origin",
    "Outcome",
    "PairValue",
    "Pairs",
    "Reauth",
    "RequestOptions",
    "ResolveOptions",
    "StrPath",
    "Unpack",
    "WhoamiOptions",
]

StrPath = Union[str, bytes, PathLike[str], PathLike[bytes]]
"""A path, as :func:`os.fsdecode` takes it."""

PairValue = Union[str, int, float, bool, None]
"""A value of a query parameter or header. ``None`` is skipped, and a bool is ``true`` or ``false``."""

Pairs = Union[Mapping[str, PairValue], Mapping[str, str], Iterable[tuple[str, PairValue]]]
"""Names and values. As pairs, a name may occur twice."""

Body = Union[bytes, bytearray, memoryview, str]
"""A body of a request: bytes, or text, which is sent as UTF-8."""

Host = tuple[list[tuple[str, str]], Optional[str], Optional[str]]
"""The environment of a call: variables, working directory, and the home directory if no variable names it."""

OnEvent = Callable[[Event], object]
"""A listener. An exception that it raises cancels the call and propagates to its caller."""


class BeginLoginOptions(TypedDict, total=False):
    """The options of :func:`begin_login`."""

    server: Optional[str]
    directory: Optional[StrPath]
    file: Optional[EnvFile]
    force: bool
    sandbox_only: bool
    allow_tracked: bool
    gitignore: Gitignore
    organization: Optional[str]
    scopes: Optional[Sequence[str]]


class LoginOptions(BeginLoginOptions, total=False):
    """The options of :func:`login` and :func:`start_login`."""

    login_timeout: Optional[float]
    open_browser: bool


class ResolveOptions(TypedDict, total=False):
    """The options of :func:`resolve_key` and :func:`explain_key`."""

    key: Union[ApiKey, str, None]
    environment: Optional[Environment]
    directory: Optional[StrPath]
    boundary: Optional[StrPath]


class WhoamiOptions(ResolveOptions, total=False):
    """The options of :func:`whoami`."""

    server: Optional[str]
    timeout: Optional[float]


class DiagnoseOptions(TypedDict, total=False):
    """The options of :func:`diagnose`."""

    directory: Optional[StrPath]
    server: Optional[str]
    offline: bool
    timeout: Optional[float]


class ClientOptions(WhoamiOptions, total=False):
    """The options of :class:`Client`."""

    retries: Optional[int]
    response_limit: Optional[int]
    reauth: Reauth
    organization: Optional[str]
    login_timeout: Optional[float]
    open_browser: bool


class RequestOptions(TypedDict, total=False):
    """The options of :meth:`Client.request`."""

    query: Optional[Pairs]
    headers: Optional[Pairs]
    json: Any
    body: Optional[Body]
    content_type: Optional[str]
    idempotency_key: Optional[str]
    timeout: Optional[float]
    retries: Optional[int]
    raise_for_status: Optional[bool]
