"""Requests that come in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal, Union
from urllib.parse import quote
from wsgiref.util import setup_testing_defaults

import libatmn
import pytest
from autumn import unasked

VECTORS = Path(__file__).resolve().parents[3] / "tests" / "vectors"
CASES = json.loads((VECTORS / "authenticate.json").read_text())
KEY = "am_sk_test_plantedSandboxKey0123dbox"


def wsgi(case: dict[str, Any]) -> dict[str, Any]:
    """The request as a WSGI server shows it."""
    path, _, query = case["path"].partition("?")
    environ: dict[str, Any] = {"REQUEST_METHOD": case["method"], "PATH_INFO": path, "QUERY_STRING": query}
    for name, value in case.get("headers", {}).items():
        environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    setup_testing_defaults(environ)
    return environ


def asgi(case: dict[str, Any]) -> dict[str, Any]:
    """The request as an ASGI server shows it."""
    path, _, query = case["path"].partition("?")
    headers = [(name.encode(), value.encode()) for name, value in case.get("headers", {}).items()]
    return {"type": "http", "method": case["method"], "path": path, "query_string": query.encode(), "headers": headers}


def plain(case: dict[str, Any]) -> dict[str, Any]:
    """The request as it is."""
    return {"method": case["method"], "path": case["path"], "headers": case.get("headers", {})}


def verify(case: dict[str, Any]) -> Any:
    """Answer as the vector's store does."""

    def answer(credential: libatmn.Credential) -> Union[libatmn.Credential, Literal[False], None]:
        if case["store"] == "cannot_tell":
            raise ConnectionError("store is down")
        return {"valid": credential, "unknown": None, "false": False}[case["store"]]

    # Where the vector names no store, nobody may be asked.
    return answer if "store" in case else unasked


def on_the_wire(case: dict[str, Any]) -> bool:
    """Tell whether servers hand on the path as it is; quoted ones are decoded before anybody sees them."""
    path = case["path"].partition("?")[0]
    return bool(quote(path) == path)


@pytest.mark.parametrize("form", [plain, wsgi, asgi])
def test_the_vectors_hold_for_every_form_of_request(form: Any) -> None:
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
        ("/v1/customers/cus 1", True),
        ("/v1/customers/é", True),
        ("/v1/customers/a/b", False),
        ("/v1/customers/x?/../../admin", False),
        ("/v1/customers/a\\b", False),
        ("/v1/customers/..", False),
    ],
)
def test_a_path_that_came_decoded_is_taken_as_it_is_routed(path: str, allowed: bool) -> None:
    """What stood quoted in the request is no query and no slash of ours."""
    header = "Bearer am_pk_test_0123456789ab"
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path.encode().decode("latin-1"), "HTTP_AUTHORIZATION": header}
    scope = {"type": "http", "method": "GET", "path": path, "headers": [(b"authorization", header.encode())]}
    for request in (environ, scope):
        if allowed:
            assert libatmn.authenticate(request, lambda credential: credential.kind) == "publishable"
            continue
        with pytest.raises(libatmn.AuthenticationError) as caught:
            libatmn.authenticate(request, unasked)
        assert caught.value.code == "endpoint_not_public"


def test_a_mounted_application_sees_its_own_paths() -> None:
    header = [(b"authorization", b"Bearer am_pk_test_0123456789ab")]
    scope = {"type": "http", "method": "GET", "root_path": "/api", "path": "/api/v1/products", "headers": header}
    assert libatmn.authenticate(scope, lambda credential: credential.kind) == "publishable"
    with pytest.raises(libatmn.AuthenticationError):
        libatmn.authenticate({**scope, "path": "/apiary/v1/products"}, unasked)


def test_two_keys_are_none() -> None:
    twice = [(b"authorization", f"Bearer {KEY}".encode())] * 2
    scope = {"type": "http", "method": "GET", "path": "/v1/customers", "headers": twice}
    with pytest.raises(libatmn.AuthenticationError) as caught:
        libatmn.authenticate(scope, unasked)
    assert caught.value.code == "invalid_auth_header"


def test_the_dashboard_is_let_through_by_verify_alone() -> None:
    request = {"method": "GET", "path": "/v1/customers", "headers": {"X-Client-Type": "dashboard"}}
    seen: list[libatmn.Credential] = []
    with pytest.raises(libatmn.AuthenticationError) as caught:
        libatmn.authenticate(request, seen.append)
    assert caught.value.code == "no_secret_key"
    assert seen == [libatmn.Credential(kind="dashboard", environment=None, key=None)]


def test_only_an_answer_lets_anybody_in() -> None:
    request = {"method": "GET", "path": "/", "headers": {"authorization": f"Bearer {KEY}"}}
    known: set[str] = set()
    # What is meant for a check, and written in a hurry.
    with pytest.raises(libatmn.AuthenticationError) as caught:
        libatmn.authenticate(request, lambda credential: credential.key and credential.key.reveal() in known)
    assert caught.value.code == "invalid_secret_key"


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
def test_a_verify_that_waits_lets_nobody_in_where_nobody_waits() -> None:
    async def verify(credential: libatmn.Credential) -> None: ...

    request = {"method": "GET", "path": "/", "headers": {"authorization": f"Bearer {KEY}"}}
    with pytest.raises(TypeError, match=r"aio\.authenticate"):
        _ = libatmn.authenticate(request, verify)


@pytest.mark.parametrize("somebody", [True, 0, "", ()])
def test_any_other_answer_is_somebody(somebody: object) -> None:
    request = {"method": "GET", "path": "/", "headers": {"authorization": f"Bearer {KEY}"}}
    assert libatmn.authenticate(request, lambda _: somebody) is somebody


def test_what_interrupts_verify_is_no_refusal() -> None:
    def verify(credential: libatmn.Credential) -> str:
        raise KeyboardInterrupt

    request = {"method": "GET", "path": "/", "headers": {"authorization": f"Bearer {KEY}"}}
    with pytest.raises(KeyboardInterrupt):
        libatmn.authenticate(request, verify)


def test_texts_that_are_not_utf8_are_refused_as_any_other() -> None:
    for value in ("Bearer \ud800", f"Bearer {KEY}\udcff", "\udfff"):
        request = {"method": "GET", "path": "/\ud800", "headers": {"authorization": value}}
        with pytest.raises(libatmn.AuthenticationError):
            libatmn.authenticate(request, unasked)


def test_misuse() -> None:
    request = {"method": "GET", "path": "/", "headers": {"authorization": f"Bearer {KEY}"}}
    with pytest.raises(libatmn.InvalidArgument) as caught:
        libatmn.authenticate(request, str, accepts="everything")  # type: ignore[arg-type]
    assert caught.value.context["option"] == "accepts"
    with pytest.raises(KeyError):
        libatmn.authenticate({}, str)
    with pytest.raises(TypeError):
        libatmn.authenticate(request, str, accepts=True)  # type: ignore[arg-type]
