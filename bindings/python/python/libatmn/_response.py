"""``Response.json``, which is Python because Python may end a daemon thread while it parses."""

from libatmn import _errors
from libatmn._native import Response

__all__ = ["Response"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
else:
    Any = object  # `typing` is slow to import, and the annotation must have a value


def json(self: Response) -> "Any":
    """Return the body, parsed as JSON.

    Raises :class:`RequestError` (``response_unreadable``) for a body that is not JSON, such as an empty one.
    """
    # Many programs read no JSON. The module of the client, from which responses come, has imported this one.
    from json import loads  # noqa: PLC0415

    try:
        return loads(self.body)
    except (ValueError, RecursionError) as error:  # values that are nested too deeply are a RecursionError
        raise _errors.RequestError("response_unreadable", "The response body is not JSON.") from error


json.__module__, json.__qualname__ = "libatmn", "Response.json"
Response.json = json  # type: ignore[method-assign]
