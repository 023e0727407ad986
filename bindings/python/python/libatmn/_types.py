"""What operations return and listeners hear: frozen dataclasses, and the few names that their fields take."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from os import PathLike
from typing import Any, Literal, Optional, Union

from libatmn._native import ApiKey

Environment = Literal["sandbox", "live"]
KeyKind = Literal["secret", "publishable"]
Origin = Literal["argument", "process", "secret_file", "env_file"]
Outcome = Literal["used", "absent", "empty", "shadowed", "refused", "skipped", "removed"]
Git = Literal["none", "ignored", "added", "not_ignored", "tracked", "unknown"]
Gitignore = Literal["add", "never"]
Level = Literal["info", "debug"]
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

Path = Union[str, bytes, "PathLike[str]", "PathLike[bytes]"]
"""A path as :func:`os.fsdecode` takes it."""


@dataclass(frozen=True)
class KeyClass:
    """What a key is, told from its text alone."""

    kind: KeyKind
    environment: Environment


@dataclass(frozen=True)
class Place:
    """A place where a key is, was, or could have been. ``str()`` is ready to print.

    ``variable`` is ``None`` for an argument and for a file that could not be read; ``line`` counts from 1; ``masked``
    is the key it holds, masked; ``reason`` says why it was refused or skipped and completes "it …".
    """

    origin: Origin
    variable: Optional[str]
    path: Optional[str]
    line: Optional[int]
    outcome: Outcome
    masked: Optional[str]
    reason: Optional[str]
    text: str = field(repr=False)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Event:
    """What a running call has to tell: a stable code, and a sentence that is ready to print. Never a secret.

    Events of level ``info`` are for the person who waits, those of level ``debug`` for whoever looks for a fault.
    """

    code: EventCode
    level: Level
    message: str
    context: Mapping[str, str]


OnEvent = Callable[[Event], object]
"""Hears events. An exception that it raises cancels the call, and is what the caller gets."""


@dataclass(frozen=True)
class ResolvedKey:
    """A key, the place that it came from, and the places that were passed over although they may hold one."""

    key: ApiKey
    source: Place
    skipped: tuple[Place, ...]


@dataclass(frozen=True)
class Saved:
    """What was saved.

    ``path`` is the file that holds the keys now (behind a link); ``git`` what git thinks of it; ``replaced`` the keys
    that stood there before, masked; ``shadowed_by`` the nearer places whose keys come before the saved ones; ``locked``
    tells whether other processes were kept out meanwhile.
    """

    path: str
    created: bool
    git: Git
    replaced: tuple[Place, ...]
    shadowed_by: tuple[Place, ...]
    locked: bool


@dataclass(frozen=True)
class LoggedOut:
    """What was taken out of ``path``, and what is left.

    ``remaining`` lists every place that still holds a key, from the nearest on; ``note``, ready to print, says that
    keys are not revoked, and where to do that.
    """

    path: str
    removed: tuple[Place, ...]
    remaining: tuple[Place, ...]
    note: str
    locked: bool


@dataclass(frozen=True)
class Organization:
    """Whose keys they are. ``id`` is ``None`` where the server does not tell it."""

    id: Optional[str]
    name: str
    slug: str


@dataclass(frozen=True)
class LoggedIn:
    """A login that is done.

    ``organization`` is ``None`` if the server did not tell in time; ``keys`` are those in the file, for
    ``environments``; ``saved`` is ``None`` if the keys that were there still work and were kept.
    """

    organization: Optional[Organization]
    environments: tuple[Environment, ...]
    keys: tuple[ApiKey, ...]
    saved: Optional[Saved]


@dataclass(frozen=True)
class PendingLogin:
    """A login that waits to be completed: the address, for the person alone; until when; a note to print with it."""

    url: str = field(repr=False)
    deadline: datetime
    note: str


@dataclass(frozen=True)
class Identity:
    """Whose a key is, who said so, and where it was found."""

    organization: Organization
    server: str
    key: ApiKey
    source: Place
    skipped: tuple[Place, ...]


@dataclass(frozen=True)
class Credential:
    """What a request claims to be allowed by; nothing of it is proved yet.

    A dashboard request has neither key nor environment: ``verify`` has to check its session by its own means.
    """

    kind: Literal["secret", "publishable", "dashboard"]
    environment: Optional[Environment]
    key: Optional[ApiKey]


@dataclass(frozen=True)
class Response:
    """An answer of the API, 2xx. Names in ``headers`` are in lower case; one that came twice is joined by ``, ``."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:  # noqa: ANN401 - whatever the server said
        """The body, read as JSON."""
        return json.loads(self.body)
