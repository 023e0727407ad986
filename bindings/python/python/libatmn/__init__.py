"""Log in to Autumn, keep its API keys in ``.env``, find them again, and call its API with them.

>>> import libatmn
>>> found = libatmn.resolve_key()
>>> print(found.key)  # masked; found.key.reveal() is the text
am_sk_test_…dbox

Durations are seconds, times are aware datetimes, what is absent is ``None``. Every failure is an :class:`AtmnError`,
or a ``TypeError`` for an argument of the wrong type. What waits can be ended by Ctrl-C; :mod:`libatmn.aio` has the
same for asyncio. The library prints nothing.
"""

_HOMES = {
    "Accepts": "_authenticate",
    "ApiError": "_errors",
    "ApiKey": "_native",
    "ApiKeyError": "_errors",
    "AtmnError": "_errors",
    "AuthenticationError": "_errors",
    "Client": "_client",
    "Credential": "_types",
    "Environment": "_types",
    "ErrorCode": "_types",
    "Event": "_types",
    "EventCode": "_types",
    "FileError": "_errors",
    "Git": "_types",
    "Gitignore": "_types",
    "Identity": "_types",
    "InvalidArgument": "_errors",
    "KeyClass": "_keys",
    "KeyKind": "_types",
    "LoginResult": "_types",
    "LogoutResult": "_keys",
    "LoginAttempt": "_login",
    "LoginError": "_errors",
    "OnEvent": "_types",
    "Organization": "_types",
    "Origin": "_types",
    "Outcome": "_types",
    "Pairs": "_client",
    "StrPath": "_types",
    "PendingLogin": "_types",
    "Place": "_keys",
    "Reauth": "_types",
    "RequestError": "_errors",
    "ResolvedKey": "_keys",
    "Response": "_types",
    "Saved": "_keys",
    "LoginTimeout": "_errors",
    "__version__": "_native",
    "authenticate": "_authenticate",
    "begin_login": "_login",
    "classify_key": "_keys",
    "complete_login": "_login",
    "explain_key": "_keys",
    "login": "_login",
    "logout": "_keys",
    "resolve_key": "_keys",
    "save_keys": "_keys",
    "start_login": "_login",
    "terminal_listener": "_login",
    "whoami": "_client",
}
"""The names of this package, each with the module to load when it is first asked for (PEP 562)."""

__all__ = list(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll] - it reads `__init__.pyi`


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = __import__(f"{__name__}.{_HOMES[name]}", fromlist=[name])  # what `importlib` does, without loading it
    return globals().setdefault(name, getattr(home, name))


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
