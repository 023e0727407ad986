"""Checking incoming requests."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Literal, Union
from urllib.parse import quote
from wsgiref.util import setup_testing_defaults

import libatmn
import pytest
from autumn import not_called
from libatmn import aio
from vectors import VECTORS

CASES = json.loads((VECTORS / "authenticate.json").read_text())
KEY = "am_sk_test_plantedSandboxKey0123dbox"


def wsgi(case: dict[str, Any]) -> dict[str, Any]:
    """The request as a WSGI environ."""
    path, _, query = case["path"].partition("?")
    environ: dict[str, Any] = {"REQUEST_METHOD": case["method"], "PATH_INFO": path, "QUERY_STRING": query}
    for name, value in case.get("headers", {}).items():
        environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    setup_testing_defaults(environ)
    return environ


def asgi(case: dict[str, Any]) -> dict[str, Any]:
    """The request as an ASGI scope."""
    path, _, query = case["path"].partition("?")
    headers = [(name.encode(), value.encode()) for name, value in case.get("headers", {}).items()]
    return {"type": "http", "method": case["method"], "path": path, "query_string": query.encode(), "headers": headers}


def plain(case: dict[str, Any]) -> dict[str, Any]:
    """The request as a mapping."""
    return {"method": case["method"], "path": case["path"], "headers": case.get("headers", {})}


def verify(case: dict[str, Any]) -> Any:
    """Make a `verify` that returns what the vector's store says."""

    def answer(credential: libatmn.Credential) -> Union[libatmn.Credential, Literal[False], None]:
        if case["store"] == "cannot_tell":
            raise ConnectionError("store is down")
        return {"valid": credential, "unknown": None, "false": False}[case["store"]]

    # A vector without a store must not reach `verify`.
    return answer if "store" in case else not_called


def on_the_wire(case: dict[str, Any]) -> bool:
    """Return whether servers pass the path on unchanged; they decode quoted paths."""
    path = case["path"].partition("?")[0]
    return bool(quote(path) == path)


@pytest.mark.parametrize("form", [plain, wsgi, asgi])
def test_vectors_hold_for_every_form_of_request(form: Any) -> None:
    cases = [case for case in CASES if form is plain or on_the_wire(case)]
    assert len(cases) > 100
    for case in cases:
        expected, accepts = case["expect"], case.get("accepts", "any")
        events: list[libatmn.Event] = []
        if "kind" in expected:
            credential = libatmn.authenticate(form(case), verify(case), accepts=accepts, on_event=events.append)
            assert (credential.kind, credential.environment) == (expected["kind"], expected["environment"]), case
            assert events == []
            continue
        with pytest.raises(libatmn.AuthenticationError) as caught:
            libatmn.authenticate(form(case), verify(case), accepts=accepts, on_event=events.append)
        assert (caught.value.status, caught.value.body) == (expected["status"], expected["body"]), case
        assert [(event.code, event.context["code"]) for event in events] == [("request_refused", caught.value.code)]
        assert isinstance(caught.value.__cause__, ConnectionError) == (case.get("store") == "cannot_tell")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/v1/customers/cus+1", True),
        ("/v1/customers/cus 1", False),
        ("/v1/customers/é", True),
        ("/v1/customers/a/b", False),
        ("/v1/customers/x?/../../admin", False),
        ("/v1/customers/a\\b", False),
        ("/v1/customers/..", False),
    ],
)
def test_decoded_paths_match_the_routes_of_the_server(path: str, allowed: bool) -> None:
    """A quoted `?` or `/` in the request does not begin a query or a segment."""
    header = "Bearer am_pk_test_0123456789ab"
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path.encode().decode("latin-1"), "HTTP_AUTHORIZATION": header}
    scope = {"type": "http", "method": "GET", "path": path, "headers": [(b"authorization", header.encode())]}
    for request in (environ, scope):
        if allowed:
            assert libatmn.authenticate(request, lambda credential: credential.kind) == "publishable"
            continue
        with pytest.raises(libatmn.AuthenticationError) as caught:
            libatmn.authenticate(request, not_called)
        assert caught.value.code == "endpoint_not_public"


def test_mounted_application_is_matched_below_its_root_path() -> None:
    header = [(b"authorization", b"Bearer am_pk_test_0123456789ab")]
    scope = {"type": "http", "method": "GET", "root_path": "/api", "path": "/api/v1/products", "headers": header}
    assert libatmn.authenticate(scope, lambda credential: credential.kind) == "publishable"
    with pytest.raises(libatmn.AuthenticationError):
        libatmn.authenticate({**scope, "path": "/apiary/v1/products"}, not_called)


def test_repeated_authorization_header_is_refused() -> None:
    twice = [(b"authorization", f"Bearer {KEY}".encode())] * 2
    scope = {"type": "http", "method": "GET", "path": "/v1/customers", "headers": twice}
    with pytest.raises(libatmn.AuthenticationError) as caught:
        libatmn.authenticate(scope, not_called)
    assert caught.value.code == "invalid_auth_header"


def test_dashboard_request_passes_through_verify() -> None:
    request = {"method": "GET", "path": "/v1/customers", "headers": {"X-Client-Type": "dashboard"}}
    seen: list[libatmn.Credential] = []
    with pytest.raises(libatmn.AuthenticationError) as caught:
        libatmn.authenticate(request, seen.append)
    assert caught.value.code == "no_secret_key"
    assert seen == [libatmn.Credential(kind="dashboard", environment=None, key=None)]


def test_false_from_verify_refuses_the_request() -> None:
    request = {"method": "GET", "path": "/", "headers": {"authorization": f"Bearer {KEY}"}}
    known: set[str] = set()
    # A check that returns a bool instead of the owner.
    with pytest.raises(libatmn.AuthenticationError) as caught:
        libatmn.authenticate(request, lambda credential: credential.key and credential.key.reveal() in known)
    assert caught.value.code == "invalid_secret_key"


def test_coroutine_verify_is_refused_outside_aio() -> None:
    async def verify(credential: libatmn.Credential) -> None: ...

    request = {"method": "GET", "path": "/", "headers": {"authorization": f"Bearer {KEY}"}}
    with pytest.raises(TypeError, match=r"aio\.authenticate"):
        _ = libatmn.authenticate(request, verify)


class NoTruth:
    """A value whose truth is an error, as an array's is."""

    def __bool__(self) -> bool:
        """Fail."""
        raise ValueError("ambiguous")


def test_missing_await_or_return_in_verify_admits_no_request() -> None:
    request = {"method": "GET", "path": "/", "headers": {"authorization": f"Bearer {KEY}"}}

    async def owner() -> str:
        return "ada"

    async def without_await(_credential: Any) -> Any:
        return owner()

    def generator(_credential: Any) -> Any:
        yield "ada"

    async def asynchronous_generator(_credential: Any) -> Any:
        yield "ada"

    for verify in (without_await, generator, asynchronous_generator):
        with pytest.raises(TypeError, match=r"verify returned an? "):
            asyncio.run(aio.authenticate(request, verify))
    for verify in (generator, asynchronous_generator):
        with pytest.raises(TypeError, match="verify returned a generator"):
            _ = libatmn.authenticate(request, verify)


@pytest.mark.parametrize("answer", [None, False, 0, 0.0, "", b"", (), [], {}, set()])
def test_falsy_results_of_verify_refuse_the_request(answer: object) -> None:
    request = {"method": "GET", "path": "/", "headers": {"authorization": f"Bearer {KEY}"}}
    for call in (libatmn.authenticate, run_aio):
        with pytest.raises(libatmn.AuthenticationError) as caught:
            call(request, lambda _: answer)
        assert caught.value.code == "invalid_secret_key"


def test_result_without_a_truth_value_refuses_the_request() -> None:
    request = {"method": "GET", "path": "/", "headers": {"authorization": f"Bearer {KEY}"}}
    for call in (libatmn.authenticate, run_aio):
        with pytest.raises(libatmn.AuthenticationError) as caught:
            call(request, lambda _: NoTruth())
        assert caught.value.code == "failed_to_verify_secret_key"
        assert isinstance(caught.value.__cause__, ValueError)


def run_aio(request: Any, verify: Any) -> Any:
    """Run `aio.authenticate`."""
    return asyncio.run(aio.authenticate(request, verify))


@pytest.mark.parametrize("owner", [True, "shop", ("shop",), object()])
def test_truthy_result_of_verify_is_the_owner(owner: object) -> None:
    request = {"method": "GET", "path": "/", "headers": {"authorization": f"Bearer {KEY}"}}
    assert libatmn.authenticate(request, lambda _: owner) is owner


async def _lookup() -> None:
    """A verify function that knows no key."""


async def _forgotten(credential: libatmn.Credential) -> Any:
    assert credential
    return _lookup()  # without `await`


def _generator(credential: libatmn.Credential) -> Any:
    yield credential


async def _async_generator(credential: libatmn.Credential) -> Any:
    yield credential


@pytest.mark.parametrize("verify", [_forgotten, _generator, _async_generator])
def test_what_still_has_to_run_is_no_owner(verify: Any) -> None:
    request = {"method": "GET", "path": "/", "headers": {"authorization": f"Bearer {KEY}"}}
    with pytest.raises(TypeError, match="verify returned"):
        asyncio.run(aio.authenticate(request, verify))
    with pytest.raises(TypeError, match="verify returned"):
        libatmn.authenticate(request, verify)


def test_keyboard_interrupt_in_verify_is_not_a_refusal() -> None:
    def verify(credential: libatmn.Credential) -> str:
        raise KeyboardInterrupt

    request = {"method": "GET", "path": "/", "headers": {"authorization": f"Bearer {KEY}"}}
    with pytest.raises(KeyboardInterrupt):
        libatmn.authenticate(request, verify)


def test_texts_that_are_not_utf8_are_refused() -> None:
    for value in ("Bearer \ud800", f"Bearer {KEY}\udcff", "\udfff"):
        request = {"method": "GET", "path": "/\ud800", "headers": {"authorization": value}}
        with pytest.raises(libatmn.AuthenticationError):
            libatmn.authenticate(request, not_called)


@pytest.mark.parametrize(
    "scope",
    [
        {"type": "websocket", "path": "/v1/products", "headers": [], "method": None},
        {"type": "http", "method": "GET", "path": "/v1/products", "headers": ()},
        {"type": "http", "method": "GET", "path": "/v1/products", "headers": [["x-other", "text"]], "root_path": None},
    ],
)
def test_unusual_asgi_scopes_are_accepted(scope: dict[str, Any]) -> None:
    with pytest.raises(libatmn.AuthenticationError) as caught:
        libatmn.authenticate(scope, not_called)
    assert caught.value.code == "no_secret_key"


@pytest.mark.parametrize(
    "request_like",
    [
        {},
        {"method": "GET", "path": "/"},
        {"method": None, "path": "/", "headers": {}},
        {"method": "GET", "path": "/", "headers": 7},
        {"method": "GET", "path": "/", "headers": {"authorization": 7}},
        {"REQUEST_METHOD": 7},
        {"type": "lifespan"},
        {"type": "http", "method": "GET", "path": b"/", "headers": []},
        {"type": "http", "method": "GET", "path": "/", "headers": [(b"authorization",)]},
    ],
)
def test_requests_of_another_form_are_invalid_arguments(request_like: dict[str, Any]) -> None:
    with pytest.raises(libatmn.InvalidArgument) as caught:
        libatmn.authenticate(request_like, not_called)
    assert caught.value.context["option"] == "request"


def test_coroutine_listener_is_refused_outside_aio() -> None:
    async def listener(event: libatmn.Event) -> None: ...

    request = {"method": "GET", "path": "/", "headers": {}}
    with pytest.raises(TypeError, match="on_event"):
        libatmn.authenticate(request, not_called, on_event=listener)


def test_wrong_arguments_are_errors_that_name_them() -> None:
    request = {"method": "GET", "path": "/", "headers": {"authorization": f"Bearer {KEY}"}}
    with pytest.raises(libatmn.InvalidArgument) as caught:
        libatmn.authenticate(request, str, accepts="everything")  # type: ignore[arg-type]
    assert caught.value.context["option"] == "accepts"
    with pytest.raises(TypeError, match="request"):
        libatmn.authenticate("GET /", str)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        libatmn.authenticate(request, str, accepts=True)  # type: ignore[arg-type]
