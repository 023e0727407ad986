"""Log in to Autumn, keep its API keys in ``.env``, find them again, and call its API with them.

>>> import libatmn
>>> found = libatmn.resolve_key()
>>> print(found.key)  # masked; found.key.reveal() is the text
am_sk_test_…dbox

Durations are seconds, times are aware datetimes, what is absent is ``None``. Every failure is an :class:`AtmnError`,
or a ``TypeError`` for an argument of the wrong type. What waits can be ended by Ctrl-C; :mod:`libatmn.aio` has the
same for asyncio. The library prints nothing.
"""

from libatmn._access import Accepts, authenticate
from libatmn._client import Client, Pairs, whoami
from libatmn._errors import (
    ApiError,
    ApiKeyError,
    AtmnError,
    AuthenticationError,
    ErrorCode,
    FileError,
    InvalidArgument,
    LoginError,
    RequestError,
    TimedOut,
)
from libatmn._keys import classify_key, explain_key, logout, resolve_key, save_keys
from libatmn._login import LoginAttempt, begin_login, complete_login, login, start_login, terminal_listener
from libatmn._native import ApiKey, __version__
from libatmn._types import (
    Credential,
    Environment,
    Event,
    EventCode,
    Git,
    Gitignore,
    Identity,
    KeyClass,
    KeyKind,
    Level,
    LoggedIn,
    LoggedOut,
    OnEvent,
    Organization,
    Origin,
    Outcome,
    Path,
    PendingLogin,
    Place,
    Reauth,
    ResolvedKey,
    Response,
    Saved,
)

__all__ = [
    "Accepts",
    "ApiError",
    "ApiKey",
    "ApiKeyError",
    "AtmnError",
    "AuthenticationError",
    "Client",
    "Credential",
    "Environment",
    "ErrorCode",
    "Event",
    "EventCode",
    "FileError",
    "Git",
    "Gitignore",
    "Identity",
    "InvalidArgument",
    "KeyClass",
    "KeyKind",
    "Level",
    "LoggedIn",
    "LoggedOut",
    "LoginAttempt",
    "LoginError",
    "OnEvent",
    "Organization",
    "Origin",
    "Outcome",
    "Pairs",
    "Path",
    "PendingLogin",
    "Place",
    "Reauth",
    "RequestError",
    "ResolvedKey",
    "Response",
    "Saved",
    "TimedOut",
    "__version__",
    "authenticate",
    "begin_login",
    "classify_key",
    "complete_login",
    "explain_key",
    "login",
    "logout",
    "resolve_key",
    "save_keys",
    "start_login",
    "terminal_listener",
    "whoami",
]
