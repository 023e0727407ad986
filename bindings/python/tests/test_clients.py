"""The HTTP clients and SDKs that programs already use, with the keys and logins of libatmn.

Each test is a cell of the table in docs/adopting.md.
"""

from __future__ import annotations

import asyncio
import io
import os
import threading
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any, Callable, Optional

import httpx
import libatmn
import libatmn.httpx
import libatmn.requests
import pytest
import requests
from autumn import Autumn
from autumn_sdk import Autumn as Sdk
from autumn_sdk.errors import AutumnDefaultError
from clients import BROWSER, CLIENTS
from conftest import SANDBOX
from libatmn import aio
from program import interrupt, python

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@pytest.fixture
def client(autumn: Autumn) -> libatmn.Client:
    """A client that may log in, with working keys in `.env`."""
    libatmn.login(on_event=autumn.browser(), open_browser=False)
    BROWSER.listener = autumn.browser()
    return libatmn.Client(reauth="always", open_browser=False, on_event=BROWSER.get)


@pytest.fixture
def stack() -> Generator[ExitStack]:
    """Closes the clients of a test."""
    with ExitStack() as stack:
        yield stack


@pytest.mark.parametrize("name", CLIENTS)
def test_gets_the_key(name: str, client: libatmn.Client, stack: ExitStack) -> None:
    api = CLIENTS[name](client, stack)
    assert "cus_first" in api.customers()
    assert api.create("cus_ada") == "cus_ada"


@pytest.mark.parametrize("name", CLIENTS)
def test_follows_a_re_login(name: str, client: libatmn.Client, autumn: Autumn, stack: ExitStack) -> None:
    api, old = CLIENTS[name](client, stack), libatmn.resolve_key().key
    autumn.control("revoke", {"key": old.reveal()})
    if name == "autumn-sdk with secret_key":
        with pytest.raises(AutumnDefaultError) as caught:
            api.customers()
        assert caught.value.status_code == 401
        client.reauthenticate(old)
    assert api.create("cus_bob") == "cus_bob"
    assert BROWSER.listener is not None
    assert len(BROWSER.listener.threads) == 1
    assert "cus_bob" in api.customers()
    assert libatmn.resolve_key().key != old


@pytest.mark.parametrize("name", CLIENTS)
def test_sees_error_bodies(name: str, client: libatmn.Client, stack: ExitStack, autumn: Autumn) -> None:
    libatmn.save_keys([autumn.unlimited_key()])
    assert CLIENTS[name](client, stack).fail() == (404, "customer_not_found")


def test_async_httpx_cancels_a_request_and_a_login(client: libatmn.Client, autumn: Autumn) -> None:
    autumn.control("faults", {"path": "/v1/customers", "fault": "delay", "milliseconds": 60_000})

    async def cancelled(auth: libatmn.httpx.Auth, begun: asyncio.Event) -> None:
        async with httpx.AsyncClient(base_url=auth.server, auth=auth) as http:
            task = asyncio.ensure_future(http.get("/v1/customers"))
            await begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    async def main() -> None:
        begun = asyncio.Event()
        begun.set()
        await cancelled(libatmn.httpx.Auth(client), begun)
        autumn.reset()
        autumn.control("revoke", {"key": libatmn.resolve_key().key.reveal()})
        waiting = asyncio.Event()
        seen: list[str] = []

        def on_event(event: libatmn.Event) -> None:
            seen.append(event.code)
            if event.code == "login_url":
                waiting.set()

        await cancelled(libatmn.httpx.Auth(aio.Client(reauth="always", open_browser=False, on_event=on_event)), waiting)
        assert "login_url" in seen

    asyncio.run(main())


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in CLIENTS
        if name not in ("httpx.AsyncClient with libatmn.httpx.Auth", "autumn-sdk with secret_key")
    ],
)
def test_listener_cancels_a_login(name: str, client: libatmn.Client, autumn: Autumn, stack: ExitStack) -> None:
    autumn.control("revoke", {"key": libatmn.resolve_key().key.reveal()})

    def stop(event: libatmn.Event) -> None:
        if event.code == "login_url":
            raise KeyboardInterrupt

    api = CLIENTS[name](libatmn.Client(reauth="always", open_browser=False, on_event=stop), stack)
    with pytest.raises(KeyboardInterrupt):
        api.customers()


INTERRUPTED = """
import signal, sys, httpx, requests, libatmn, libatmn.httpx, libatmn.requests
from autumn_sdk import Autumn
# A test run in the background ignores SIGINT, and its children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
name, server = sys.argv[1], libatmn.Client().server
auth = libatmn.httpx.Auth()
try:
    print("begun", flush=True)
    if name == "Client.request":
        libatmn.Client(timeout=60).request("GET", "/v1/customers")
    elif name == "httpx.Client with libatmn.httpx.Auth":
        httpx.get(f"{server}/v1/customers", auth=auth, timeout=60)
    elif name == "requests with libatmn.requests.Auth":
        requests.get(f"{server}/v1/customers", auth=libatmn.requests.Auth(), timeout=60)
    elif name == "autumn-sdk with client":
        sdk = Autumn(secret_key=libatmn.secret_key, server_url=server, client=httpx.Client(auth=auth, timeout=60))
        sdk.customers.list(timeout_ms=60_000)
    else:
        Autumn(secret_key=libatmn.secret_key, server_url=server).customers.list(timeout_ms=60_000)
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.parametrize("name", [name for name in CLIENTS if "AsyncClient" not in name])
def test_ctrl_c_cancels_a_request(name: str, client: libatmn.Client, autumn: Autumn) -> None:
    path = "/v1/customers.list" if "sdk" in name else "/v1/customers"
    autumn.control("faults", {"path": path, "fault": "delay", "milliseconds": 60_000})
    with python(INTERRUPTED, name) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        interrupt(process)
        out, err = process.communicate()
    assert (out, process.returncode) == ("interrupted\n", 0), err


class Recorder(BaseHTTPRequestHandler):
    """Answers each request, and records the credential and the body."""

    seen: list[tuple[Optional[str], bytes]]
    status = 200
    location: Optional[str] = None

    def do_GET(self) -> None:
        """Record it."""
        self.do_POST()

    def do_POST(self) -> None:
        """Record it."""
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        type(self).seen.append((self.headers.get("authorization"), body))
        self.send_response(self.status)
        if self.location:
            self.send_header("location", self.location)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Print nothing."""


@pytest.fixture
def recorder() -> Generator[Callable[..., tuple[str, type[Recorder]]]]:
    """Start servers that record."""
    servers: list[HTTPServer] = []

    def start(**options: Any) -> tuple[str, type[Recorder]]:
        handler = type("Handler", (Recorder,), {"seen": [], **options})
        server = HTTPServer(("127.0.0.1", 0), handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        return f"http://127.0.0.1:{server.server_port}", handler

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_the_key_goes_to_no_other_origin(recorder: Callable[..., tuple[str, type[Recorder]]], stack: ExitStack) -> None:
    other, other_seen = recorder()
    own, own_seen = recorder(status=307, location=f"{other}/taken")
    client = libatmn.Client(server=own, key=SANDBOX)
    session = stack.enter_context(requests.Session())
    session.auth = libatmn.requests.Auth(client)
    http = stack.enter_context(httpx.Client(auth=libatmn.httpx.Auth(client), follow_redirects=True))
    for url in (f"{other}/direct", f"{own}/redirected", own.replace("127.0.0.1", "localhost")):
        assert session.get(url, timeout=30).status_code == 200
        assert http.get(url).status_code == 200
    assert [key for key, _ in other_seen.seen] == [None] * 6
    assert {key for key, _ in own_seen.seen} == {f"Bearer {SANDBOX}", None}


def test_without_a_login_the_caller_gets_the_answer(client: libatmn.Client, autumn: Autumn) -> None:
    autumn.control("revoke", {"key": libatmn.resolve_key().key.reveal()})
    for auth in (libatmn.httpx.Auth(), libatmn.httpx.Auth(libatmn.Client())):
        answer = httpx.get(f"{auth.server}/v1/customers", auth=auth)
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_secret_key")
    session = libatmn.requests.Auth()
    again = requests.get(f"{session.server}/v1/customers", auth=session, timeout=30)
    assert (again.status_code, again.json()["code"]) == (401, "invalid_secret_key")


@pytest.mark.parametrize("kind", ["bytes", "file", "stream"])
def test_bodies_are_sent_again(kind: str, client: libatmn.Client, autumn: Autumn) -> None:
    text = b'{"id": "cus_body"}'
    headers = {"content-type": "application/json"}
    autumn.control("revoke", {"key": libatmn.resolve_key().key.reveal()})
    if kind == "stream":
        auth = libatmn.httpx.Auth(client)
        chunks = iter([text[:5], text[5:]])
        made = httpx.post(f"{auth.server}/v1/customers", content=chunks, headers=headers, auth=auth)
        assert made.json().get("id") == "cus_body", made.text
        return
    session = libatmn.requests.Auth(client)
    data = io.BytesIO(text) if kind == "file" else text
    again = requests.post(f"{session.server}/v1/customers", data=data, headers=headers, auth=session, timeout=30)
    assert again.json()["id"] == "cus_body"
    assert [each.status_code for each in again.history] == [401]


def test_requests_refuses_a_body_that_can_be_sent_only_once(client: libatmn.Client, autumn: Autumn) -> None:
    session = libatmn.requests.Auth(client)
    read, write = os.pipe()
    os.close(write)
    with open(read, "rb") as pipe:
        for body in (iter([b"{}"]), (part for part in [b"{}"]), pipe):
            with pytest.raises(TypeError, match="bytes"):
                requests.post(f"{session.server}/v1/customers", data=body, auth=session, timeout=30)
    for wrong in ("am_sk_test_planted", aio.Client(key=SANDBOX)):
        with pytest.raises(TypeError, match="client") as refused:
            libatmn.requests.Auth(wrong)  # type: ignore[arg-type]
        assert "planted" not in str(refused.value)
    with pytest.raises(TypeError, match="client"):
        libatmn.httpx.Auth("am_sk_test_planted")  # type: ignore[arg-type]


def test_missing_keys_and_wrong_clients_are_errors(autumn: Autumn) -> None:
    auth = libatmn.httpx.Auth(libatmn.Client(boundary="."))
    with pytest.raises(libatmn.ApiKeyError):
        httpx.get(f"{auth.server}/v1/customers", auth=auth)
    with pytest.raises(TypeError, match=r"libatmn\.Client"):
        httpx.get(f"{auth.server}/v1/customers", auth=libatmn.httpx.Auth(aio.Client(key=SANDBOX)))
    assert SANDBOX not in repr(vars(libatmn.httpx.Auth(libatmn.Client(key=SANDBOX))))


def test_customer_who_runs_out_of_credits_is_refused(client: libatmn.Client, autumn: Autumn, stack: ExitStack) -> None:
    libatmn.save_keys([autumn.unlimited_key()])
    sdk = stack.enter_context(Sdk(secret_key=libatmn.secret_key, server_url=client.server, fail_open=False))
    sdk.customers.get_or_create(customer_id="cus_heavy")
    feature: Any = {"customer_id": "cus_heavy", "feature_id": "messages"}
    assert sdk.check(**feature).allowed
    used = sdk.track(**feature, value=100).balance
    assert used is not None
    assert used.remaining == 0
    assert not sdk.check(**feature).allowed
    assert [plan.id for plan in sdk.plans.list().list] == ["free", "pro"]
    url = sdk.billing.attach(customer_id="cus_heavy", plan_id="pro").payment_url
    assert not sdk.check(**feature).allowed
    assert url is not None
    assert "Paid" in httpx.get(url).text
    assert sdk.check(**feature).allowed
    assert sdk.billing.attach(customer_id="cus_heavy", plan_id="pro").payment_url is None


def test_sdk_reads_all_that_the_local_autumn_answers(client: libatmn.Client, autumn: Autumn, stack: ExitStack) -> None:
    libatmn.save_keys([autumn.unlimited_key()])
    sdk = stack.enter_context(Sdk(secret_key=libatmn.secret_key, server_url=client.server, fail_open=False))
    customer: Any = {"customer_id": "cus_sdk"}
    sdk.customers.get_or_create(**customer)
    assert sdk.customers.update(**customer, email="a@example.com").email == "a@example.com"
    sdk.balances.update(**customer, feature_id="messages", remaining=7)
    balance = sdk.check(**customer, feature_id="messages").balance
    assert balance is not None
    assert balance.remaining == 7
    sdk.billing.attach(**customer, plan_id="pro", redirect_mode="never")
    flag = sdk.check(**customer, feature_id="priority_support").flag
    assert flag is not None
    assert flag.plan_id == "pro"
    # `sdk.features` of this version cannot be imported: it names a type before it defines it.
    items = [(item.feature_id, item.included) for item in sdk.plans.get(plan_id="pro").items]
    assert items == [("messages", 1000), ("priority_support", 0)]
    assert sdk.billing.open_customer_portal(**customer).url == client.server
    sdk.billing.update(**customer, plan_id="pro", cancel_action="cancel_immediately")
    assert sdk.customers.get_or_create(**customer).subscriptions[0].plan_id == "free"
    assert sdk.customers.delete(**customer).success


def test_load_env_sets_the_variable(client: libatmn.Client, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setenv("AUTUMN_SECRET_KEY", "")
    found = libatmn.load_env()
    assert found.source.path == str(project / ".env")
    assert os.environ["AUTUMN_SECRET_KEY"] == found.key.reveal()
    assert libatmn.load_env().source.origin == "process"
    live = libatmn.load_env(environment="live")
    assert os.environ["AUTUMN_SECRET_KEY"] == live.key.reveal() != found.key.reveal()
