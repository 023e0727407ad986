"""The environment of a call, taken on the caller's thread: ``os.environ``, which tests patch, and ``os.getcwd``."""

import os

from libatmn import _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    import libatmn
    from libatmn._types import Host


def host() -> "Host":
    """Return what a call needs that may do more than find a key."""
    # A list, because another thread may change the mapping during the iteration.
    variables = _present(list(os.environ))
    home = None if "HOME" in os.environ else os.path.expanduser("~")
    return variables, _working_directory(), home


def host_for_resolution() -> "Host":
    """Return what a call needs that finds a key, which is less to copy."""
    return _present(_native.RESOLUTION_VARIABLES), _working_directory(), None


def text_path(name: str, path: "libatmn.StrPath | None") -> "str | None":
    """Return a path as ``str``, as :func:`os.fsdecode` does. The native half refuses other types."""
    try:
        return os.fsdecode(path) if isinstance(path, (bytes, os.PathLike)) else path
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
