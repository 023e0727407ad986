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
from libatmn._host import text_path

if TYPE_CHECKING:
    from collections.abc import Mapping


def native(options: Mapping[str, object]) -> dict[str, Any]:
    """Return options as the native half takes them; it refuses other types, and values out of range."""
    return {name: _CONVERSIONS[name](name, value) if name in _CONVERSIONS else value for name, value in options.items()}


def check_names(function: str, options: Iterable[str], kind: type) -> None:
    """Refuse options that the function does not have, as Python does; ``kind`` lists those that it has."""
    __tracebackhide__ = True
    for name in options:
        if name not in kind.__annotations__:
            raise TypeError(f"{function}() got an unexpected keyword argument '{_native.masked_name(name)}'")


def number(name: str, value: object) -> Optional[float]:
    """Return a number of seconds."""
    if type(value) in (float, int) or not (hasattr(type(value), "__float__") or hasattr(type(value), "__index__")):
        return cast("Optional[float]", value)
    try:
        return float(cast("float", value))
    except OverflowError:  # out of range, as the native half says
        return inf
    except TypeError as error:
        raise TypeError(f"{name}: {error}") from None


def content(body: object) -> Optional[bytes]:
    """Return the body of a request, which must be in memory: it is sent again after a failure or a login."""
    if type(body) is str:
        return _utf8(body)
    if type(body) is bytes or isinstance(body, str) or not isinstance(body, Iterable):
        return cast("Optional[bytes]", body)
    if isinstance(body, Iterator) or hasattr(cast("object", body), "read"):
        raise TypeError("body: a stream can be sent only once, and a request may be repeated; read it into bytes first")
    try:
        return bytes(cast("Iterable[int]", body))
    except ValueError:
        context = {"option": "body"}
        raise InvalidArgument("invalid_argument", "`body` is out of range.", context=context) from None
    except TypeError as error:
        raise TypeError(f"body: {error}") from None


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:  # it would carry the text, which may be a secret
        raise TypeError("body: the text cannot be encoded as UTF-8") from None


def _whole(name: str, value: object) -> Optional[int]:
    if type(value) is int or not hasattr(type(value), "__index__"):
        return cast("Optional[int]", value)
    try:
        return index(cast("int", value))
    except TypeError as error:
        raise TypeError(f"{name}: {error}") from None


_CONVERSIONS: dict[str, Callable[[str, Any], object]] = {
    "directory": text_path,
    "boundary": text_path,
    "timeout": number,
    "login_timeout": number,
    "response_limit": _whole,
    "retries": _whole,
}
