"""Responses that are not 2xx, what a request may contain, and typed events."""

from __future__ import annotations

import copy
import io
import json
import pickle
from collections.abc import Iterator
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import libatmn
import pytest
from autumn import Autumn
from vectors import VECTORS

KEY = "am_sk_test_plantedAnswersKey0123"


class Handler(BaseHTTPRequestHandler):
    """Answers with what the server is told, and repeats the request."""

    def do_POST(self) -> None:
        """Answer."""
        length = int(self.headers.get("content-length", 0))
        body = self.rfile.read(length)
        self.server.seen.append((self.path, dict(self.headers), body))  # type: ignore[attr-defined]
        self.send_response(self.server.status)  # type: ignore[attr-defined]
        for name, value in self.server.headers:  # type: ignore[attr-defined]
            self.send_header(name, value)
        text = json.dumps({"errors": ["email"], "echo": self.headers["authorization"]}).encode()
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST  # noqa: N815 - a name of the standard library

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
        """Print nothing."""


@pytest.fixture
def web() -> Iterator[Any]:
    """A server that answers 422 until a test says otherwise."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.status, server.seen = 422, []  # type: ignore[attr-defined]
    server.headers = [  # type: ignore[attr-defined]
        *[("X-Many", "one"), ("X-Many", "two"), ("X-Request-Id", "req_7"), ("Retry-After", "60")],
        ("X-Echo", f"Bearer {KEY}"),
    ]
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def client(web: Any, **options: Any) -> libatmn.Client:
    return libatmn.Client(key=KEY, server=f"http://127.0.0.1:{web.server_port}", **options)


def test_api_error_carries_the_whole_response_and_its_request(web: Any) -> None:
    with pytest.raises(libatmn.ApiError) as caught:
        client(web).request("post", "/v1/x?token=planted", json={})
    error = caught.value
    assert (error.status, error.method, error.request_id, error.retry_after) == (422, "POST", "req_7", 60)
    assert error.url == f"http://127.0.0.1:{web.server_port}/v1/x"
    assert error.json()["errors"] == ["email"]
    assert json.loads(error.text) == json.loads(error.body) == error.json()
    assert (error.header("x-MANY"), error.header("none")) == ("one, two", None)
    assert (error.header_values("X-Many"), error.headers["x-many"]) == (["one", "two"], "one, two")
    again = pickle.loads(pickle.dumps(error))
    assert (again.json(), again.header("x-request-id")) == (error.json(), "req_7")
    assert copy.copy(error).status == 422
    shown = f"{error!r} {error} {error.text} {error.headers} {vars(error)}"
    assert "planted" not in shown


def test_api_error_without_a_response_is_empty() -> None:
    error = libatmn.ApiError("api_error", "Busy.", context={"status": "503"})
    assert (error.text, error.body, error.headers, error.header("x")) == ("", b"", {}, None)
    assert (error.retry_after, error.method, error.url) == (None, None, None)


def test_long_pause_ends_at_once(web: Any) -> None:
    web.status = 503
    with pytest.raises(libatmn.ApiError) as caught:
        client(web).request("GET", "/v1/x")
    assert (caught.value.status, caught.value.retry_after, len(web.seen)) == (503, 60, 1)


def test_request_without_raise_for_status_returns_any_response(web: Any) -> None:
    response = client(web).request("GET", "/v1/x", raise_for_status=False)
    assert (response.status, response.header("X-Request-Id")) == (422, "req_7")
    assert response.header_values("x-many") == ["one", "two"]
    with pytest.raises(libatmn.ApiError):
        client(web).request("GET", "/v1/x", raise_for_status=True)


def test_retries_are_limited_per_client_and_per_request(web: Any) -> None:
    web.status, web.headers = 503, []
    for number, of_request, tries in ((0, None, 1), (0, 1, 2), (1, None, 2)):
        web.seen.clear()
        client(web, retries=number).request("GET", "/v1/x", raise_for_status=False, retries=of_request)
        assert len(web.seen) == tries
    for wrong in (-1, 2**40):
        with pytest.raises(libatmn.InvalidArgument):
            client(web).request("GET", "/v1/x", retries=wrong)
    with pytest.raises(TypeError):
        client(web).request("GET", "/v1/x", retries="1")  # type: ignore[arg-type]


def test_query_takes_numbers_and_skips_none(web: Any) -> None:
    web.status = 200
    query = {"limit": 10, "ratio": 1.5, "all": True, "cursor": None, "name": "Ada"}
    client(web).request("GET", "/v1/x", query=query, headers={"x-one": 1, "x-none": None})
    path, headers, _ = web.seen[0]
    assert path == "/v1/x?limit=10&ratio=1.5&all=true&name=Ada"
    assert (headers["x-one"], "x-none" in headers) == ("1", False)
    with pytest.raises(TypeError, match="query"):
        client(web).request("GET", "/v1/x", query={"a": object()})  # type: ignore[arg-type]


def test_body_is_bytes_or_text_and_no_stream(web: Any) -> None:
    web.status = 200
    for body in (b"gr\xc3\xbcn", "grün", bytearray("grün".encode()), memoryview("grün".encode())):
        client(web).request("POST", "/v1/x", body=body, content_type="text/plain")
        assert web.seen[-1][2] == "grün".encode()
    for stream in (io.BytesIO(b"a"), io.StringIO("a"), iter([b"a"]), (part for part in (b"a",))):
        with pytest.raises(TypeError, match="read it into bytes first"):
            client(web).request("POST", "/v1/x", body=stream)  # type: ignore[arg-type]


def test_events_have_a_class_and_typed_attributes(autumn: Autumn) -> None:
    browser = autumn.browser()
    libatmn.login(on_event=browser, open_browser=False)
    url, saved = browser.events[0], browser.events[-1]
    assert isinstance(url, libatmn.LoginUrlEvent)
    assert (url.url, url.port) == (url.context["url"], url.context["port"])
    assert isinstance(url.port, int)
    assert url.deadline > datetime.now(timezone.utc)
    assert isinstance(saved, libatmn.KeysSavedEvent)
    assert saved.path.endswith(".env")
    assert pickle.loads(pickle.dumps(saved)) == saved
    assert type(saved.__replace__(message="Done.")) is libatmn.KeysSavedEvent


def test_each_code_has_a_class_with_the_names_of_its_context() -> None:
    renamed = {"code": "refusal", "pause_ms": "pause"}
    for row in json.loads((VECTORS / "errors.json").read_text())["events"]:
        kind = getattr(libatmn, f"{row['name'].title().replace('_', '')}Event")
        for name in (*row["always"], *row["sometimes"]):
            assert hasattr(kind, str(renamed.get(name, name)))
