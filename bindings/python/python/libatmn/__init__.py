"""Log in to Autumn, keep its API keys in ``.env``, find them again, and call its API with them.

>>> import libatmn
>>> found = libatmn.resolve_key()
>>> print(found.key)  # masked; found.key.reveal() returns the text
am_sk_test_…dbox

Durations are seconds, times are aware datetimes, and absent values are ``None``. Every failure is an
:class:`AtmnError`, or a ``TypeError`` for an argument of the wrong type. Ctrl-C ends every wait of
the main thread. :mod:`libatmn.aio` has the same operations for asyncio. The library prints nothing.
"""

import errno
import sys

from libatmn import _errors, _native
from libatmn._errors import (
    ApiError,
    ApiKeyError,
    AtmnError,
    AuthenticationError,
    ExchangeError,
    FileError,
    FilePermissionError,
    InvalidArgument,
    LoginError,
    LoginNeeded,
    LoginTimeout,
    RequestError,
    RequestTimeout,
    ServerConnectionError,
)
from libatmn._keys import (
    classify_key,
    configure,
    explain_key,
    find_key,
    load_env,
    logout,
    resolve_key,
    save_keys,
    secret_key,
    server_info,
)
from libatmn._native import (
    ApiKey,
    BrowserFailedEvent,
    BrowserOpenedEvent,
    CallbackReceivedEvent,
    Check,
    Credential,
    Diagnosis,
    Event,
    HintEvent,
    Identity,
    KeyClass,
    KeyRejectedEvent,
    KeysReceivedEvent,
    KeysSavedEvent,
    Location,
    LoginResult,
    LoginUrlEvent,
    LoginWaitingEvent,
    LogoutResult,
    Organization,
    PendingLogin,
    RequestRefusedEvent,
    RequestRepeatedEvent,
    ResolvedKey,
    RetryingEvent,
    SaveResult,
    ServerFacts,
    __version__,
)
from libatmn._response import Response

# The annotations of the exception classes use these names, and Python evaluates them here.
libatmn, Optional = sys.modules[__name__], _errors.Optional

TYPE_CHECKING = False
if TYPE_CHECKING:
    from libatmn import aio
    from libatmn._authenticate import authenticate
    from libatmn._client import Client, diagnose, whoami
    from libatmn._logging import logging_listener
    from libatmn._login import LoginAttempt, begin_login, complete_login, login, start_login, terminal_listener
    from libatmn._notebook import NotebookLogin, notebook_login
    from libatmn._types import (
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
        OnEvent,
        Origin,
        Outcome,
        Pairs,
        PairValue,
        Reauth,
        StrPath,
    )

__all__ = [
    "Accepts",
    "ApiError",
    "ApiKey",
    "ApiKeyError",
    "AtmnError",
    "AuthenticationError",
    "BrowserFailedEvent",
    "BrowserOpenedEvent",
    "CallbackReceivedEvent",
    "Check",
    "CheckOutcome",
    "CheckSubject",
    "Client",
    "Credential",
    "Diagnosis",
    "EnvFile",
    "Environment",
    "ErrorCode",
    "Event",
    "EventCode",
    "ExchangeError",
    "FileError",
    "FilePermissionError",
    "Git",
    "Gitignore",
    "HintEvent",
    "Identity",
    "InvalidArgument",
    "KeyClass",
    "KeyKind",
    "KeyRejectedEvent",
    "KeysReceivedEvent",
    "KeysSavedEvent",
    "Location",
    "LoginAttempt",
    "LoginError",
    "LoginNeeded",
    "LoginResult",
    "LoginTimeout",
    "LoginUrlEvent",
    "LoginWaitingEvent",
    "LogoutResult",
    "NotebookLogin",
    "OnEvent",
    "Organization",
    "Origin",
    "Outcome",
    "PairValue",
    "Pairs",
    "PendingLogin",
    "Reauth",
    "RequestError",
    "RequestRefusedEvent",
    "RequestRepeatedEvent",
    "RequestTimeout",
    "ResolvedKey",
    "Response",
    "RetryingEvent",
    "SaveResult",
    "ServerConnectionError",
    "ServerFacts",
    "StrPath",
    "__version__",
    "aio",
    "authenticate",
    "begin_login",
    "classify_key",
    "complete_login",
    "configure",
    "diagnose",
    "explain_key",
    "find_key",
    "load_env",
    "logging_listener",
    "login",
    "logout",
    "notebook_login",
    "resolve_key",
    "save_keys",
    "secret_key",
    "server_info",
    "start_login",
    "terminal_listener",
    "whoami",
]


# Type checkers know the names by their imports above, and report all others.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Import the rest of the package when it is first used (PEP 562).

        ``typing``, ``threading`` and ``asyncio`` take several times longer to import than a key takes to find. A
        program that cannot open its files later imports the name when it starts: ``from libatmn import Client``.
        """
        if name in __all__:
            try:
                return _late(name)
            except OSError as error:
                if error.errno not in (errno.EMFILE, errno.ENFILE):
                    raise
                raise _native.system_limit(f"Could not import libatmn.{name}", error.errno) from error
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _late(name: str) -> object:
    if name == "aio":
        import libatmn.aio as module  # noqa: PLC0415

        return module
    from libatmn import _authenticate, _client, _logging, _login, _notebook, _types  # noqa: PLC0415

    homes = (_authenticate, _client, _logging, _login, _notebook, _types)
    found = next(vars(home)[name] for home in homes if name in vars(home))
    return globals().setdefault(name, found)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__} - {"Optional", "errno", "libatmn", "sys"})
