"""API calls, and the login after a rejected key."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import libatmn
import pytest
from autumn import PORTS, Autumn, Browser, free, until
from libatmn import aio

if TYPE_CHECKING:
    from pathlib import Path

MINT = "/cli/api-keys"


@pytest.fixture
def login_result(autumn: Autumn) -> libatmn.LoginResult:
    """Working keys in `.env`."""
    return libatmn.login(on_event=autumn.browser(), open_browser=False)


def revoke(autumn: Autumn, done: libatmn.LoginResult) -> None:
    """Revoke the sandbox key."""
    assert autumn.control("revoke", {"key": done.keys[0].reveal()}) == {"revoked": True}


def test_request_returns_the_response(autumn: Autumn, login_result: libatmn.LoginResult) -> None:
    client = libatmn.Client()
    made = client.request("POST", "/v1/customers", json={"id": "cus_1", "name": "Ada"}, idempotency_key="make-cus_1")
    assert made.status == 200
    assert made.headers["content-type"].startswith("application/json")
    assert json.loads(made.text) == made.json() == json.loads(made.body)
    listed = client.request("get", "/v1/customers", query=[("limit", "1"), ("offset", "1")], headers={"X-Source": "t"})
    assert (listed.json()["limit"], listed.json()["offset"]) == (1, 1)
    assert autumn.log("/v1/customers")[-1]["method"] == "GET"
    assert login_result.keys[0].reveal() not in repr(client) + repr(listed)


def test_api_error_has_status_and_code(autumn: Autumn, login_result: libatmn.LoginResult) -> None:
    assert login_result.saved
    with pytest.raises(libatmn.ApiError) as missing:
        libatmn.Client().request("GET", "/v1/customers/unknown")
    assert (missing.value.code, missing.value.status) == ("api_error", 404)
    assert missing.value.api_code
    public = libatmn.Client(key="am_pk_test_0123456789ab")
    before = len(autumn.log("/v1/customers"))
    with pytest.raises(libatmn.RequestError) as caught:
        public.request("POST", "/v1/customers", json={})
    assert caught.value.code == "endpoint_not_public"
    assert not isinstance(caught.value, libatmn.ApiError), "nothing was sent"
    assert len(autumn.log("/v1/customers")) == before


def test_unknown_key_is_an_api_error(autumn: Autumn) -> None:
    key = "am_sk_test_unknownkey0"
    for call in (lambda: libatmn.whoami(key=key), lambda: libatmn.Client(key=key).request("GET", "/v1/customers")):
        with pytest.raises(libatmn.ApiError) as caught:
            call()
        error = caught.value
        assert (error.code, error.status, error.api_code) == ("invalid_secret_key", 401, "invalid_secret_key")
        assert error.environment == "sandbox"
    assert autumn.log("/v1/customers")[-1]["status"] == 401


def test_busy_server_leads_to_a_retry(autumn: Autumn, login_result: libatmn.LoginResult) -> None:
    assert login_result.saved
    busy = {"path": "/v1/customers", "fault": "answer", "status": 503, "headers": {"retry-after": "0"}}
    autumn.control("faults", busy)
    events: list[libatmn.Event] = []
    assert libatmn.Client(on_event=events.append).request("GET", "/v1/customers").status == 200
    assert [event.code for event in events] == ["retrying"]


def test_rejected_key_without_permission_is_login_needed(autumn: Autumn, login_result: libatmn.LoginResult) -> None:
    revoke(autumn, login_result)
    for client in (libatmn.Client(), libatmn.Client(reauth="always")):
        with pytest.raises(libatmn.LoginNeeded) as caught:
            client.request("GET", "/v1/customers")
        assert isinstance(caught.value, libatmn.LoginError)
        assert (caught.value.code, caught.value.status) == ("login_needed", 401)
        assert caught.value.json()["code"] == "invalid_secret_key"
        assert isinstance(caught.value.__cause__, Exception)


def test_rejected_key_is_replaced_by_a_login(autumn: Autumn, login_result: libatmn.LoginResult) -> None:
    revoke(autumn, login_result)
    browser = autumn.browser()
    client = libatmn.Client(reauth="always", open_browser=False, on_event=browser)
    assert client.request("GET", "/v1/customers").status == 200
    assert browser.codes[:3] == ["key_rejected", "hint", "login_url"]
    assert browser.codes[-1] == "request_repeated"
    renewed = libatmn.resolve_key()
    assert renewed.key.reveal() != login_result.keys[0].reveal()
    again = client.reauthenticate(login_result.keys[0])
    assert again.key.reveal() == renewed.key.reveal()


def test_fifty_threads_share_one_login(autumn: Autumn, login_result: libatmn.LoginResult) -> None:
    revoke(autumn, login_result)
    before, answers = len(autumn.log(MINT)), list[int]()
    browser, alone = autumn.browser(), threading.Lock()

    def listener(event: libatmn.Event) -> None:
        with alone:
            browser(event)

    client = libatmn.Client(reauth="always", open_browser=False, on_event=listener)
    threads = [
        threading.Thread(target=lambda: answers.append(client.request("GET", "/v1/customers").status))
        for _ in range(50)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 50
    assert len(autumn.log(MINT)) == before + 1
    assert len(browser.threads) == 1
    assert all(free(port) for port in PORTS)


def test_submit_finishes_the_login_of_a_client(autumn: Autumn, login_result: libatmn.LoginResult) -> None:
    revoke(autumn, login_result)

    def paste(event: libatmn.Event) -> None:
        if event.code == "login_url":
            client.submit(autumn.approved(event.context["url"]))

    client = libatmn.Client(reauth="always", open_browser=False, on_event=paste)
    with pytest.raises(libatmn.LoginError) as caught:
        client.submit("code=abcdefghijklmnopqrst")
    assert caught.value.code == "no_pending_login"
    assert client.request("GET", "/v1/customers").status == 200


def test_keys_of_another_organization_are_refused(
    autumn: Autumn, login_result: libatmn.LoginResult, project: Path
) -> None:
    revoke(autumn, login_result)
    before = (project / ".env").read_bytes()
    browser = Browser(lambda url: autumn.approved(url, "copper-kettle"))
    client = libatmn.Client(reauth="always", open_browser=False, organization="night-library", on_event=browser)
    with pytest.raises(libatmn.RequestError) as caught:
        client.request("GET", "/v1/customers")
    assert caught.value.code == "organization_changed"
    assert (project / ".env").read_bytes() == before


def test_exception_of_a_listener_ends_the_call(autumn: Autumn, login_result: libatmn.LoginResult) -> None:
    revoke(autumn, login_result)

    def listener(event: libatmn.Event) -> None:
        if event.code == "login_url":
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        libatmn.Client(reauth="always", open_browser=False, on_event=listener).request("GET", "/v1/customers")
    until(lambda: all(free(port) for port in PORTS), "the port is free")


@pytest.mark.parametrize(
    ("call", "option"),
    [
        (lambda client: client.request("BREW", "/"), "method"),
        (lambda client: client.request("GET", "//evil.example"), "path"),
        (lambda client: client.request("GET", "/", headers={"Authorization": "x"}), "headers"),
        (lambda client: client.request("GET", "/", headers={"x": str(libatmn.resolve_key(key=KEY).key)}), "headers"),
        (lambda client: client.request("POST", "/", body=b"", content_type="\n"), "content_type"),
        (lambda client: client.request("POST", "/", idempotency_key="\u2026"), "idempotency_key"),
        (lambda _: libatmn.Client(timeout=0), "timeout"),
        (lambda _: libatmn.Client(timeout=-1), "timeout"),
        (lambda _: libatmn.Client(login_timeout=0), "login_timeout"),
        (lambda _: libatmn.Client(response_limit=0), "response_limit"),
        (lambda _: libatmn.Client(response_limit=-1), "response_limit"),
        (lambda _: libatmn.Client(response_limit=10**30), "response_limit"),
        (lambda _: libatmn.Client(timeout=10**400), "timeout"),
        (lambda _: libatmn.Client(timeout=float("inf")), "timeout"),
        (lambda _: libatmn.Client(reauth="sometimes"), "reauth"),  # type: ignore[arg-type]
        (lambda _: libatmn.Client(server="ftp://example.com"), "server"),
        (lambda _: libatmn.Client(environment="prod"), "environment"),  # type: ignore[arg-type]
    ],
)
def test_invalid_values_are_errors_that_name_their_option(call: object, option: str) -> None:
    assert callable(call)
    with pytest.raises(libatmn.InvalidArgument) as caught:
        call(libatmn.Client(key=KEY))
    assert caught.value.context["option"] == option


KEY = "am_sk_test_plantedSandboxKey0123dbox"


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda client: client.request("GET"), "path"),
        (lambda client: client.request(b"GET", "/"), "method"),
        (lambda client: client.request("GET", "/", query={"limit": object()}), "query"),
        (lambda client: client.request("GET", "/", query="limit"), "query"),
        (lambda client: client.request("GET", "/", headers=7), "headers"),
        (lambda client: client.request("POST", "/", body=7), "body"),
        (lambda client: client.request("POST", "/", json={}, body=b"{}"), "json and body"),
        (lambda client: client.request("POST", "/", json=object()), "JSON"),
        (lambda client: client.request("POST", "/", other=1), "other"),
        (lambda client: client.reauthenticate(None), "rejected"),
        (lambda client: client.submit(7), "text"),
        (lambda _: libatmn.Client(response_limit=1.5), "response_limit"),  # type: ignore[arg-type]
        (lambda _: libatmn.Client(timeout="30"), "timeout"),  # type: ignore[arg-type]
        (lambda _: libatmn.Client(open_browser=1), "open_browser"),  # type: ignore[arg-type]
        (lambda _: libatmn.Client(on_event="print"), "on_event"),  # type: ignore[arg-type]
        (lambda _: libatmn.Client(on_event=coroutine_listener), "on_event"),
        (lambda _: libatmn.Client("cloud"), r"by name, such as Client\(key=key\)"),  # type: ignore[arg-type]
        (lambda _: aio.Client("cloud"), r"by name, such as Client\(key=key\)"),  # type: ignore[arg-type]
        (lambda _: libatmn.Client(api_key=KEY), "'api_key'; there are boundary, directory, environment, key, "),  # type: ignore[call-arg]
    ],
)
def test_wrong_types_are_type_errors_that_name_the_argument(call: object, argument: str) -> None:
    assert callable(call)
    with pytest.raises(TypeError, match=argument):
        call(libatmn.Client(key=KEY))


async def coroutine_listener(event: libatmn.Event) -> None:
    """Do nothing."""


def test_awaitable_of_a_listener_cancels_the_call(autumn: Autumn, login_result: libatmn.LoginResult) -> None:
    revoke(autumn, login_result)
    client = libatmn.Client(reauth="always", open_browser=False, on_event=lambda event: coroutine_listener(event))
    with pytest.raises(TypeError, match="on_event"):
        client.request("GET", "/v1/customers")
    until(lambda: all(free(port) for port in PORTS), "the port is free")


def test_request_errors_are_also_standard_exceptions(autumn: Autumn) -> None:
    with pytest.raises(ConnectionError) as refused:
        libatmn.Client(key=KEY, server="http://127.0.0.1:9").request("POST", "/v1/customers", json={})
    assert isinstance(refused.value, libatmn.RequestError)
    autumn.control("faults", {"path": "/v1/organization/me", "fault": "delay", "milliseconds": 20_000})
    with pytest.raises(TimeoutError) as late:
        libatmn.whoami(key=KEY, timeout=0.2)
    assert isinstance(late.value, libatmn.RequestError)
    assert repr(late.value).startswith("RequestTimeout('request_timed_out', ")


def test_request_has_its_own_timeout(autumn: Autumn, login_result: libatmn.LoginResult) -> None:
    assert login_result.saved
    autumn.control("faults", {"path": "/v1/customers", "fault": "delay", "milliseconds": 20_000})
    with pytest.raises(libatmn.RequestTimeout) as late:
        libatmn.Client().request("POST", "/v1/customers", json={}, timeout=0.2)
    assert "0.2 seconds" in str(late.value)
    autumn.reset()
    # The client's own limit is too short for any request.
    impatient = libatmn.Client(timeout=1e-6)
    assert impatient.request("GET", "/v1/customers", timeout=30).status == 200


def test_closed_client_refuses_calls(autumn: Autumn, login_result: libatmn.LoginResult) -> None:
    with libatmn.Client() as client:
        assert client.request("GET", "/v1/customers").status == 200
    client.close()
    for call in (
        lambda: client.request("GET", "/v1/customers"),
        lambda: client.reauthenticate(login_result.keys[0]),
        lambda: client.submit("code=abcdefghijklmnopqrst"),
        lambda: client.__enter__(),
    ):
        with pytest.raises(ValueError, match=r"^The client is closed\.") as caught:
            call()
        assert isinstance(caught.value, libatmn.InvalidArgument)
        assert caught.value.context == {"option": "client"}


def test_close_lets_running_calls_end(autumn: Autumn, login_result: libatmn.LoginResult) -> None:
    assert login_result.saved
    client, seen = libatmn.Client(), len(autumn.log("/v1/customers"))
    autumn.control("faults", {"path": "/v1/customers", "fault": "delay", "milliseconds": 500})
    answers: list[int] = []
    thread = threading.Thread(target=lambda: answers.append(client.request("GET", "/v1/customers").status))
    thread.start()
    until(lambda: len(autumn.log("/v1/customers")) > seen or bool(answers), "the server has the request")
    client.close()
    thread.join()
    assert answers == [200]
