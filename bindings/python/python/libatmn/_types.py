"""What comes of calls that wait: results and events; and the few names that arguments and fields take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from os import PathLike
from typing import Any, Literal, Optional, Union

from libatmn._keys import Location, SaveResult
from libatmn._native import ApiKey
from libatmn._record import Record

Environment = Literal["sandbox", "live"]
KeyKind = Literal["secret", "publishable"]
Origin = Literal["argument", "process", "secret_file", "env_file"]
Outcome = Literal["used", "absent", "empty", "shadowed", "refused", "skipped", "removed"]
Git = Literal["none", "ignored", "added", "not_ignored", "tracked", "unknown"]
Gitignore = Literal["add", "never"]
Reauth = Literal["never", "auto", "always"]
EventCode = Literal[
    "login_url",
    "browser_opened",
    "browser_failed",
    "hint",
    "callback_received",
    "keys_received",
    "keys_saved",
    "retrying",
    "key_rejected",
    "login_waiting",
    "request_repeated",
    "request_refused",
]
ErrorCode = Literal[
    "null_argument",
    "not_utf8",
    "invalid_argument",
    "cancelled",
    "timed_out",
    "panic",
    "busy",
    "ports_in_use",
    "login_denied",
    "login_unattended",
    "state_mismatch",
    "exchange_refused",
    "exchange_unreadable",
    "keys_refused",
    "login_needed",
    "no_pending_login",
    "key_not_found",
    "malformed_key",
    "wrong_key_kind",
    "wrong_environment",
    "key_file_unreadable",
    "file_unreadable",
    "file_unwritable",
    "env_file_tracked",
    "file_locked",
    "env_file_not_replaceable",
    "file_untrusted",
    "disk_full",
    "not_a_file",
    "link_refused",
    "connect_failed",
    "tls_failed",
    "api_error",
    "unauthorized",
    "organization_changed",
    "resolve_failed",
    "proxy_failed",
    "request_timed_out",
    "response_too_large",
    "connection_lost",
    "response_unreadable",
    "no_secret_key",
    "invalid_secret_key",
    "invalid_auth_header",
    "no_publishable_key",
    "invalid_publishable_key",
    "endpoint_not_public",
    "failed_to_verify_secret_key",
    "failed_to_verify_publishable_key",
]

StrPath = Union[str, bytes, "PathLike[str]", "PathLike[bytes]"]
"""A path as :func:`os.fsdecode` takes it."""


class Event(Record):
    """What a running call has to tell: a stable code, and a sentence that is ready to print. Never a secret.

    Events of level ``info`` are for the person who waits, those of level ``debug`` for whoever looks for a fault.
    """

    code: EventCode
    message: str
    context: Mapping[str, str]


OnEvent = Callable[[Event], object]
"""Hears events. An exception that it raises cancels the call, and is what the caller gets."""


class Organization(Record):
    """Whose keys they are. ``id`` is ``None`` where the server does not tell it."""

    id: Optional[str]
    name: str
    slug: str


class LoginResult(Record):
    """A login that is done.

    ``organization`` is ``None`` if the server did not tell in time; ``keys`` are those in the file, for
    ``environments``; ``saved`` is ``None`` if the keys that were there still work and were kept.
    """

    organization: Optional[Organization]
    environments: tuple[Environment, ...]
    keys: tuple[ApiKey, ...]
    saved: Optional[SaveResult]


class PendingLogin(Record, unshown="url"):
    """A login that waits to be completed: the address, for the person alone; until when; a note to print with it."""

    url: str
    deadline: datetime
    note: str


class Identity(Record):
    """Whose a key is, who said so, and where it was found."""

    organization: Organization
    server: str
    key: ApiKey
    source: Location
    skipped: tuple[Location, ...]


class Credential(Record):
    """What a request claims to be allowed by; nothing of it is proved yet.

    A dashboard request has neither key nor environment: ``verify`` has to check its session by its own means.
    """

    kind: Literal["secret", "publishable", "dashboard"]
    environment: Optional[Environment]
    key: Optional[ApiKey]


class Response(Record, unshown="body"):
    """An answer of the API, 2xx. Names in ``headers`` are in lower case; one that came twice is joined by ``, ``."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:  # noqa: ANN401 - whatever the server said
        """The body, read as JSON."""
        import json  # noqa: PLC0415 - whoever only looks for a key does not load it

        return json.loads(self.body)
