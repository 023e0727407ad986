"""Authentication for httpx, in sync and async clients. Needs httpx: ``pip install libatmn[httpx]``.

>>> import httpx, libatmn.httpx
>>> auth = libatmn.httpx.Auth()
>>> with httpx.Client(base_url=auth.server, auth=auth) as client:
...     client.get("/v1/customers", params={"limit": 10}).json()
{...}

Autumn's SDK takes such a client: ``Autumn(secret_key=libatmn.secret_key, client=client, server_url=auth.server)``.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from http import HTTPStatus
from typing import Union

import httpx

from libatmn import Client, aio
from libatmn._client import session_of
from libatmn._loop import wait_on_loop
from libatmn._wait import wait

__all__ = ["Auth"]


class Auth(httpx.Auth):
    """Sends the active key to the server of a client, and replaces it after a 401 as the client does.

    ``client`` decides which key is used, for which server, and whether a rejected key leads to a login (``reauth``).
    Without one, it is ``libatmn.Client()``, which never logs in. Async clients of httpx take a ``libatmn.aio.Client``,
    or a ``libatmn.Client`` whose listener need not be awaited. Requests to other origins get no key.

    If the key was replaced, the request is sent once more with the new one. Otherwise the caller gets the response,
    with its body. Raises as :meth:`libatmn.Client.request` if there is no key, or if a login failed.
    """

    def __init__(self, client: Union[Client, aio.Client, None] = None) -> None:
        """Use the key and the logins of a client."""
        client = Client() if client is None else client
        if not isinstance(client, (Client, aio.Client)):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"client must be a libatmn.Client or libatmn.aio.Client, not {type(client).__name__}")
        #: The base URL of the server.
        self.server: str = client.server
        self._is_async = isinstance(client, aio.Client)
        self._session = session_of(client)

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        """Send a request of a ``httpx.Client``."""
        if self._is_async:
            raise TypeError("httpx.Client needs the key of a libatmn.Client, not of a libatmn.aio.Client")
        if not self._session.sends_key_to(str(request.url)):
            yield request
            return
        request.read()  # to send the body again
        key = self._session.key()
        request.headers["authorization"] = f"Bearer {key.reveal()}"
        response = yield request
        if response.status_code != HTTPStatus.UNAUTHORIZED:
            return
        call = self._session.replace(request.method, key, response.status_code, response.read())
        for found in wait(call, self._session.on_event):
            request.headers["authorization"] = f"Bearer {found.key.reveal()}"
            yield request

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Send a request of a ``httpx.AsyncClient``, with asyncio."""
        if not self._session.sends_key_to(str(request.url)):
            yield request
            return
        await request.aread()
        key = self._session.key()
        request.headers["authorization"] = f"Bearer {key.reveal()}"
        response = yield request
        if response.status_code != HTTPStatus.UNAUTHORIZED:
            return
        call = self._session.replace(request.method, key, response.status_code, await response.aread())
        for found in await wait_on_loop(call, self._session.on_event):
            request.headers["authorization"] = f"Bearer {found.key.reveal()}"
            yield request
