"""The environment of a call, taken on the caller's thread: ``os.environ``, which tests patch, and ``os.getcwd``."""

import os
import sys

from libatmn import _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    import libatmn
    from libatmn._native import Concealed
    from libatmn._types import Host

    _T = TypeVar("_T")

if sys.platform != "win32":
    import pwd  # noqa: F401 # pyright: ignore[reportUnusedImport] - `expanduser` imports it, which may fail later


def conceal(argument: "_T") -> "_T":
    """Conceal an argument from tools that print the variables of a traceback; the native half reveals it."""
    concealed: Any = _native.conceal(argument)
    return concealed  # type: ignore[no-any-return]


def conceal_all(options: "Any") -> None:  # noqa: ANN401 - the dictionary of any options
    """Conceal all options: a key may have been passed as any of them by mistake."""
    for name in options:
        options[name] = _native.conceal(options[name])


def host() -> "Host":
    """Return what a call needs that may do more than find a key."""
    # A list, because another thread may change the mapping during the iteration.
    variables = _present(list(os.environ))
    home = None if "HOME" in os.environ else os.path.expanduser("~")
    return variables, _working_directory(), home


def host_for_resolution() -> "Host":
    """Return what a call needs that finds a key, which is less to copy."""
    return _present(_native.RESOLUTION_VARIABLES), _working_directory(), None


def text_path(name: str, path: "Concealed[Any] | libatmn.StrPath | None") -> "Any":  # noqa: ANN401
    """Return a path as ``str``, concealed, as :func:`os.fsdecode` does. The native half refuses other types."""
    __tracebackhide__ = True
    concealed: Any = _native.conceal(path)
    path = None
    if concealed is None or not isinstance(concealed.reveal(), (bytes, os.PathLike)):
        return concealed
    try:
        return _native.conceal(os.fsdecode(concealed.reveal()))
    except TypeError as error:  # of `__fspath__`
        raise TypeError(f"{name}: {error}") from None


def _present(names: "list[str] | tuple[str, ...]") -> "list[tuple[str, str]]":
    pairs = [(name, os.environ.get(name)) for name in names]
    return [(name, value) for name, value in pairs if value is not None]


def _working_directory() -> "str | None":
    try:
        return os.getcwd()
    except OSError:  # it was deleted
        return None
