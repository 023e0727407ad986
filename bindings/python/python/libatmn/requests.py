"""Authentication for requests. Needs requests: ``pip install libatmn[requests]``.

>>> import requests, libatmn.requests
>>> session = requests.Session()
>>> session.auth = auth = libatmn.requests.Auth()
>>> session.get(f"{auth.server}/v1/customers", params={"limit": 10}, timeout=30).json()
{...}
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Callable, Optional

import requests
from requests.auth import AuthBase

from libatmn import Client
from libatmn._client import session_of
from libatmn._wait import wait

if TYPE_CHECKING:
    from libatmn import ApiKey

__all__ = ["Auth"]


class Auth(AuthBase):
    """Sends the active key to the server of a client, and replaces it after a 401 as the client does.

    ``client`` decides which key is used, for which server, and whether a rejected key leads to a login (``reauth``).
    Without one, it is ``libatmn.Client()``, which never logs in. Requests to other origins get no key.

    If the key was replaced, the request is sent once more with the new one. Otherwise the caller gets the response,
    with its body. Raises as :meth:`libatmn.Client.request` if there is no key, or if a login failed. Raises a
    ``TypeError`` for a body that can be sent only once, such as a generator: pass bytes.
    """

    def __init__(self, client: Optional[Client] = None) -> None:
        """Use the key and the logins of a client."""
        client = Client() if client is None else client
        if not isinstance(client, Client):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"client must be a libatmn.Client, not {type(client).__name__}")
        #: The base URL of the server.
        self.server: str = client.server
        self._session = session_of(client)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the key, and what happens after a 401."""
        if not self._session.sends_key_to(request.url or ""):
            return request
        start = _position(request.body)
        key = self._session.key()

        def after_401(response: requests.Response, **options: Any) -> requests.Response:  # noqa: ANN401
            return self._send_again(response, key, start, options)

        request.headers["Authorization"] = f"Bearer {key.reveal()}"
        request.hooks["response"].append(after_401)
        return request

    def _send_again(
        self, response: requests.Response, key: ApiKey, start: Optional[int], options: dict[str, Any]
    ) -> requests.Response:
        request = response.request
        sent = request.headers.get("Authorization") == f"Bearer {key.reveal()}"
        if response.status_code != HTTPStatus.UNAUTHORIZED or not sent:
            return response
        call = self._session.replace(request.method or "", key, response.status_code, response.content)
        for found in wait(call, self._session.on_event):
            response.close()
            again = request.copy()
            seek: Optional[Callable[[int], object]] = getattr(again.body, "seek", None)
            if seek and start is not None:
                seek(start)
            again.headers["Authorization"] = f"Bearer {found.key.reveal()}"
            repeated = response.connection.send(again, **options)
            repeated.history.append(response)
            repeated.request = again
            return repeated
        return response


def _position(body: object) -> Optional[int]:
    """Return where a file begins to be sent; refuse a body that cannot be sent again after a login."""
    if body is None or isinstance(body, (str, bytes, bytearray, memoryview)):
        return None
    tell: Optional[Callable[[], int]] = getattr(body, "tell", None)
    seek: Optional[Callable[[int], object]] = getattr(body, "seek", None)
    try:
        if tell and seek:
            start = tell()
            seek(start)
            return start
    except OSError:  # a pipe
        pass
    if hasattr(body, "__next__") or hasattr(body, "read") or not isinstance(body, Iterable):
        raise TypeError("data: a stream can be sent only once, and a request may be repeated; read it into bytes first")
    return None
