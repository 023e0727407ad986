"""Calls a server with each client of docs/adopting.md and the key of the project. The tests with Better Auth run it."""

from __future__ import annotations

import asyncio
import json

import httpx
import libatmn
import libatmn.httpx
import libatmn.requests
import requests
from autumn_sdk import Autumn
from libatmn import aio

client = libatmn.Client()
auth = libatmn.httpx.Auth(client)
url = f"{client.server}/v1/customers"


async def with_async_httpx() -> int:
    """Use an asynchronous client of httpx."""
    async with httpx.AsyncClient(auth=libatmn.httpx.Auth(aio.Client())) as http:
        return (await http.get(url)).status_code


def plans(http: httpx.Client | None = None) -> list[str]:
    """Use Autumn's own SDK."""
    sdk = Autumn(secret_key=libatmn.secret_key, server_url=client.server, client=http)
    return [plan.id for plan in sdk.plans.list().list]


with httpx.Client(auth=auth) as with_key:
    results = {
        "Client.request": client.request("GET", "/v1/customers").status,
        "httpx.Client": with_key.get(url).status_code,
        "httpx.AsyncClient": asyncio.run(with_async_httpx()),
        "requests": requests.get(url, auth=libatmn.requests.Auth(client), timeout=30).status_code,
        "autumn-sdk with client": plans(with_key),
        "autumn-sdk with secret_key": plans(),
    }
print(json.dumps(results))  # noqa: T201 - the result of the program
