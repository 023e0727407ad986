"""Arguments in the exact types that the native half takes.

A conversion may run code of the program, such as ``__float__``. Python ends a daemon thread at exit wherever it runs
such code, and no native frame may be on its stack then. So conversions are Python code, and run before a native call.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import inf
from operator import index
from typing import TYPE_CHECKING, Any, Callable, Optional, cast

from libatmn import _native
from libatmn._errors import InvalidArgument
from libatmn._host import conceal, text_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from libatmn._native import Concealed


def native(options: Mapping[str, object]) -> dict[str, Any]:
    """Return options as the native half takes them; it refuses other types, and values out of range.

    All are concealed, since a key may have been passed as any of them by mistake.
    """
    __tracebackhide__ = True
    return {name: _CONVERSIONS.get(name, _same)(name, conceal(value)) for name, value in options.items()}


def check_names(function: str, options: Iterable[str], kind: type) -> None:
    """Refuse options that the function does not have, as Python does; ``kind`` lists those that it has."""
    __tracebackhide__ = True
    for name in options:
        if name not in kind.__annotations__:
            known, masked = ", ".join(sorted(kind.__annotations__)), _native.masked_name(name)
            raise TypeError(f"{function}() got an unexpected keyword argument '{masked}'; there are {known}")


def number(name: str, value: Concealed[Any]) -> Optional[float]:
    """Return a number of seconds; the native half refuses other types."""
    if value is None or not _is_like_number(value.reveal(), "__float__", "__index__"):  # pyright: ignore[reportUnnecessaryComparison]
        return cast("Optional[float]", value)
    try:
        return float(value.reveal())
    except OverflowError:  # out of range, as the native half says
        return inf
    except TypeError as error:
        raise TypeError(f"{name}: {error}") from None


def content(concealed: Optional[Concealed[Any]]) -> Optional[bytes]:
    """Return the body of a request, which must be in memory: it is sent again after a failure or a login."""
    __tracebackhide__ = True
    kind = cast("type[object]", type(None) if concealed is None else type(concealed.reveal()))
    if concealed is None or kind is bytes:
        return cast("Optional[bytes]", concealed)
    if kind is str:
        return _utf8(concealed)
    if issubclass(kind, str) or not issubclass(kind, Iterable):
        return cast("Optional[bytes]", concealed)
    if issubclass(kind, Iterator) or hasattr(concealed.reveal(), "read"):
        raise TypeError("body: a stream can be sent only once, and a request may be repeated; read it into bytes first")
    try:
        return conceal(bytes(concealed.reveal()))
    except ValueError:
        context = {"option": "body"}
        raise InvalidArgument("invalid_argument", "`body` must have numbers from 0 to 255.", context=context) from None
    except TypeError as error:
        raise TypeError(f"body: {error}") from None


def _utf8(text: Concealed[str]) -> bytes:
    __tracebackhide__ = True
    try:
        return conceal(text.reveal().encode())
    except UnicodeEncodeError:  # it would carry the text, which may be a secret
        raise TypeError("body: the text cannot be encoded as UTF-8") from None


def _texts(name: str, value: Concealed[Any]) -> Optional[list[str]]:
    __tracebackhide__ = True
    if value is None:  # pyright: ignore[reportUnnecessaryComparison]
        return None
    kind = cast("type[object]", type(value.reveal()))
    if issubclass(kind, (str, bytes)) or not issubclass(kind, Iterable):
        raise TypeError(f"{name} must be a list of str, not {kind.__name__}")
    texts = _native.conceal(list(value.reveal()))
    if texts is None or not all(isinstance(text, str) for text in texts.reveal()):
        raise TypeError(f"{name} must contain only str")
    return cast("list[str]", texts)


def _whole(name: str, value: Concealed[Any]) -> Optional[int]:
    if value is None or not _is_like_number(value.reveal(), "__index__"):  # pyright: ignore[reportUnnecessaryComparison]
        return cast("Optional[int]", value)
    try:
        return index(value.reveal())
    except TypeError as error:
        raise TypeError(f"{name}: {error}") from None


def _is_like_number(value: object, *methods: str) -> bool:
    """Return whether a value of another type becomes a number. ``True`` is one too, but passed by mistake."""
    kind = type(value)
    return kind not in (bool, float, int) and any(hasattr(kind, method) for method in methods)


def _same(_name: str, value: object) -> object:
    return value


_CONVERSIONS: dict[str, Callable[[str, Any], object]] = {
    "directory": text_path,
    "boundary": text_path,
    "timeout": number,
    "login_timeout": number,
    "response_limit": _whole,
    "retries": _whole,
    "scopes": _texts,
}
