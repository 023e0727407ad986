"""The HTTP clients and SDKs of docs/adopting.md, each as three functions."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Optional

import httpx
import libatmn
import libatmn.httpx
import libatmn.requests
import pytest
import requests
from autumn_sdk import Autumn as Sdk
from autumn_sdk.errors import AutumnDefaultError
from libatmn import aio

if TYPE_CHECKING:
    from contextlib import ExitStack

    from autumn import Browser


class Current:
    """The user of the current test."""

    listener: Optional[Browser] = None

    def get(self, event: libatmn.Event) -> None:
        """Pass the event on."""
        assert self.listener is not None
        self.listener(event)


BROWSER = Current()


class Api(NamedTuple):
    """A client as three functions."""

    customers: Callable[[], list[str]]
    create: Callable[[str], str]
    # Makes a call that Autumn answers with 404; returns status and code of the answer.
    fail: Callable[[], tuple[int, str]]


def of_client(client: libatmn.Client, stack: ExitStack) -> Api:
    """Use the client itself."""
    stack.enter_context(client)

    def fail() -> tuple[int, str]:
        with pytest.raises(libatmn.ApiError) as refused:
            client.request("GET", "/v1/customers/none")
        return refused.value.status, refused.value.json()["code"]

    return Api(
        lambda: [each["id"] for each in client.request("GET", "/v1/customers").json()["list"]],
        lambda name: str(client.request("POST", "/v1/customers", json={"id": name}).json()["id"]),
        fail,
    )


def of_httpx(client: libatmn.Client, stack: ExitStack) -> Api:
    """Use a synchronous client of httpx."""
    auth = libatmn.httpx.Auth(client)
    http = stack.enter_context(httpx.Client(base_url=auth.server, auth=auth))

    def fail() -> tuple[int, str]:
        answer = http.get("/v1/customers/none")
        return answer.status_code, answer.json()["code"]

    return Api(
        lambda: [each["id"] for each in http.get("/v1/customers").json()["list"]],
        lambda name: str(http.post("/v1/customers", json={"id": name}).json()["id"]),
        fail,
    )


def of_async_httpx(client: libatmn.Client, stack: ExitStack) -> Api:
    """Use an asynchronous client of httpx."""
    del client, stack
    options: Any = {"reauth": "always", "open_browser": False, "on_event": BROWSER.get}
    auth = libatmn.httpx.Auth(aio.Client(**options))

    def ask(method: str, path: str, body: Optional[dict[str, str]] = None) -> httpx.Response:
        async def send() -> httpx.Response:
            async with httpx.AsyncClient(base_url=auth.server, auth=auth) as http:
                return await http.request(method, path, json=body)

        return asyncio.run(send())

    def fail() -> tuple[int, str]:
        answer = ask("GET", "/v1/customers/none")
        return answer.status_code, answer.json()["code"]

    return Api(
        lambda: [each["id"] for each in ask("GET", "/v1/customers").json()["list"]],
        lambda name: str(ask("POST", "/v1/customers", {"id": name}).json()["id"]),
        fail,
    )


def of_requests(client: libatmn.Client, stack: ExitStack) -> Api:
    """Use a session of requests."""
    session = stack.enter_context(requests.Session())
    session.auth = auth = libatmn.requests.Auth(client)

    def fail() -> tuple[int, str]:
        answer = session.get(f"{auth.server}/v1/customers/none", timeout=30)
        return answer.status_code, answer.json()["code"]

    return Api(
        lambda: [each["id"] for each in session.get(f"{auth.server}/v1/customers", timeout=30).json()["list"]],
        lambda name: str(session.post(f"{auth.server}/v1/customers", json={"id": name}, timeout=30).json()["id"]),
        fail,
    )


def of_sdk(sdk: Sdk) -> Api:
    """Use Autumn's own SDK."""

    def fail() -> tuple[int, str]:
        with pytest.raises(AutumnDefaultError) as caught:
            sdk.check(customer_id="none", feature_id="messages")
        return caught.value.status_code, json.loads(caught.value.body)["code"]

    def customers() -> list[str]:
        found = sdk.customers.list()
        assert found is not None
        return [str(each.id) for each in found.list]

    return Api(customers, lambda name: str(sdk.customers.get_or_create(customer_id=name).id), fail)


def of_sdk_with_auth(client: libatmn.Client, stack: ExitStack) -> Api:
    """Use the SDK with a client of httpx that logs in."""
    auth = libatmn.httpx.Auth(client)
    http = stack.enter_context(httpx.Client(auth=auth))
    return of_sdk(stack.enter_context(Sdk(secret_key=libatmn.secret_key, server_url=auth.server, client=http)))


def of_sdk_with_key(client: libatmn.Client, stack: ExitStack) -> Api:
    """Use the SDK with the function that finds the key."""
    return of_sdk(stack.enter_context(Sdk(secret_key=libatmn.secret_key, server_url=client.server)))


# By the rows of the table in docs/adopting.md.
CLIENTS = {
    "Client.request": of_client,
    "httpx.Client with libatmn.httpx.Auth": of_httpx,
    "httpx.AsyncClient with libatmn.httpx.Auth": of_async_httpx,
    "requests with libatmn.requests.Auth": of_requests,
    "autumn-sdk with client": of_sdk_with_auth,
    "autumn-sdk with secret_key": of_sdk_with_key,
}
