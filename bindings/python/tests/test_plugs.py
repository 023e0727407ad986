"""Logging, settings, middleware, notebooks, and the Autumn for users' tests, each with the real package."""

from __future__ import annotations

import asyncio
import importlib
import logging
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Optional

import httpx
import libatmn
import pytest
from autumn import PORTS, Autumn, free, until
from conftest import LIVE, SANDBOX
from fastapi import FastAPI, Request, WebSocket
from flask import Flask
from flask import request as flask_request
from libatmn.middleware import ASGIMiddleware, WSGIMiddleware
from libatmn.settings import KeySource
from pydantic import BaseModel, Field, SecretStr, TypeAdapter
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource
from werkzeug.test import EnvironBuilder, run_wsgi_app

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = {SANDBOX: "Night Library"}


def verify(credential: libatmn.Credential) -> Optional[str]:
    """Know one key."""
    return KNOWN.get(credential.key.reveal()) if credential.key else None


def test_import_of_the_package_imports_no_client() -> None:
    script = """
import sys, libatmn
libatmn.Client, libatmn.secret_key, libatmn.load_env, libatmn.logging_listener, libatmn.notebook_login
heavy = {"httpx", "requests", "pydantic", "pydantic_settings", "pytest", "fastapi", "flask", "IPython", "ipywidgets"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_logging_listener_logs_everything_but_the_login_url(
    autumn: Autumn, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, listener = autumn.browser(), libatmn.logging_listener()

    def on_event(event: libatmn.Event) -> None:
        browser(event)
        listener(event)

    with caplog.at_level(logging.INFO, "libatmn"):
        libatmn.login(on_event=on_event)
    assert [record.__dict__["event"] for record in caplog.records] == browser.codes
    url = browser.events[0].context["url"]
    for record in caplog.records:
        assert url not in record.getMessage() + repr(record.__dict__)
    assert "(login URL)" in caplog.records[0].getMessage()
    levels = {record.__dict__["event"]: record.levelno for record in caplog.records}
    assert levels["browser_failed"] == logging.WARNING
    assert levels["keys_saved"] == logging.INFO


def test_asgi_middleware_protects_fastapi() -> None:
    app, events = FastAPI(), list[libatmn.Event]()
    app.add_middleware(ASGIMiddleware, verify=verify, prefix="/v1", on_event=events.append)

    @app.get("/v1/hello")
    def hello(request: Request) -> str:
        return str(request.state.principal)

    @app.get("/health")
    def health() -> str:
        return "ok"

    def get(path: str, key: Optional[str] = None) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://shop.example") as client:
                return await client.get(path, headers={"authorization": f"Bearer {key}"} if key else {})

        return asyncio.run(send())

    answer = get("/v1/hello", SANDBOX)
    assert (answer.status_code, answer.json()) == (200, "Night Library")
    assert get("/health").json() == "ok"
    refused = get("/v1/hello", LIVE)
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert refused.json() == {"message": "Invalid secret key", "code": "invalid_secret_key", "env": "live"}
    assert [event.code for event in events] == ["request_refused"]


def test_asgi_middleware_awaits_verify_and_closes_websockets() -> None:
    app = FastAPI()

    async def slowly(credential: libatmn.Credential) -> Optional[str]:
        return verify(credential)

    app.add_middleware(ASGIMiddleware, verify=slowly)

    @app.websocket("/v1/live")
    async def live(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(str(socket.state.principal))

    def connect(headers: list[tuple[bytes, bytes]]) -> list[Any]:
        sent: list[Any] = []

        async def receive() -> dict[str, str]:
            return {"type": "websocket.connect"}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "websocket", "path": "/v1/live", "headers": headers, "query_string": b"", "subprotocols": []}
        asyncio.run(app(scope, receive, send))
        return sent

    accepted = connect([(b"authorization", f"Bearer {SANDBOX}".encode())])
    assert [each["type"] for each in accepted][:2] == ["websocket.accept", "websocket.send"]
    assert accepted[1]["text"] == "Night Library"
    assert connect([]) == [{"type": "websocket.close", "code": 1008, "reason": "no_secret_key"}]


def test_wsgi_middleware_protects_flask() -> None:
    app, events = Flask("shop"), list[libatmn.Event]()

    @app.get("/v1/hello")
    def hello() -> str:
        return str(flask_request.environ["libatmn.principal"])

    @app.get("/health")
    def health() -> str:
        return "ok"

    app.wsgi_app = WSGIMiddleware(app.wsgi_app, verify, prefix="/v1", on_event=events.append)  # type: ignore[method-assign]
    client = app.test_client()
    assert client.get("/v1/hello", headers={"authorization": f"Bearer {SANDBOX}"}).text == "Night Library"
    assert client.get("/health").text == "ok"
    refused = client.get("/v1/hello")
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert refused.json is not None
    assert refused.json["code"] == "no_secret_key"
    assert [event.code for event in events] == ["request_refused"]


@pytest.mark.parametrize("path", ["/v1/hello", "//v1/hello", "v1/hello", "/v1//hello", "/v1"])
@pytest.mark.parametrize("prefix", ["/", "/v1", "/v1/", "//v1"])
def test_wsgi_middleware_protects_every_spelling_of_a_path(path: str, prefix: str) -> None:
    app = Flask("shop")
    app.add_url_rule("/v1/hello", view_func=lambda: "served")
    app.add_url_rule("/v1/", view_func=lambda: "served", endpoint="root", strict_slashes=False)
    protected = WSGIMiddleware(app.wsgi_app, verify, prefix=prefix)
    environ = EnvironBuilder().get_environ()
    # As a server passes the path of a request, which Flask routes after removing slashes in front.
    environ["PATH_INFO"] = path
    _, status, _ = run_wsgi_app(protected, environ)
    assert status == "401 Unauthorized"


@pytest.mark.parametrize("prefix", ["/", "/v1", "/api/v1"])
@pytest.mark.parametrize("root", ["/api", "/api/", "/other"])
def test_asgi_middleware_protects_an_application_behind_a_proxy(prefix: str, root: str) -> None:
    app = FastAPI()
    app.add_middleware(ASGIMiddleware, verify=verify, prefix=prefix)
    app.add_api_route("/v1/hello", lambda: "served")
    app.add_api_route("/api/v1/hello", lambda: "served")
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    # The root path is a part of the path (ASGI, "Connection Scope"), and FastAPI routes by the rest.
    scope = {"type": "http", "method": "GET", "path": "/api/v1/hello", "root_path": root, "headers": []}
    asyncio.run(app({**scope, "query_string": b"", "http_version": "1.1", "scheme": "http"}, receive, send))
    assert sent[0]["status"] == 401 or (prefix, root) == ("/v1", "/other")


@pytest.mark.parametrize("middleware", [ASGIMiddleware, WSGIMiddleware])
def test_middleware_refuses_wrong_options_when_it_is_made(middleware: Any) -> None:
    app = Flask("shop").wsgi_app
    for prefix in (["/v1", "/admin"], ("/v1",), None, b"/v1", 5, True):
        with pytest.raises(TypeError, match="prefix"):
            middleware(app, verify, prefix=prefix)
    for wrong in ("/v1/*", "v1", "", "/v?", "/v1#"):
        with pytest.raises(libatmn.InvalidArgument) as refused:
            middleware(app, verify, prefix=wrong)
        assert refused.value.context["option"] == "prefix"
    for name, value in {"verify": None, "on_event": 5, "on_error": 5}.items():
        with pytest.raises(TypeError, match=name):
            middleware(app, **{"verify": verify, name: value})
    with pytest.raises(TypeError, match="app"):
        middleware(None, verify)
    with pytest.raises(libatmn.InvalidArgument, match="accepts"):
        middleware(app, verify, accepts="zz")


def failing(_credential: libatmn.Credential) -> str:
    """Fail as a dictionary without the key does."""
    raise KeyError(SANDBOX)


def test_wsgi_middleware_reports_what_verify_raised(caplog: pytest.LogCaptureFixture) -> None:
    app, errors = Flask("shop"), list[libatmn.AuthenticationError]()
    environ = EnvironBuilder(headers=[("authorization", f"Bearer {SANDBOX}")]).get_environ()
    _, status, _ = run_wsgi_app(WSGIMiddleware(app.wsgi_app, failing, on_error=errors.append), environ)
    assert status == "401 Unauthorized"
    assert isinstance(errors[0].__cause__, KeyError)
    assert caplog.records == []
    _, status, _ = run_wsgi_app(WSGIMiddleware(app.wsgi_app, failing), environ)
    assert status == "401 Unauthorized"
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("libatmn", "ERROR")
    assert "KeyError" in record.getMessage()
    assert SANDBOX not in caplog.text


def test_asgi_middleware_reports_what_verify_raised(caplog: pytest.LogCaptureFixture) -> None:
    app, errors, sent = FastAPI(), list[libatmn.AuthenticationError](), list[Any]()

    async def on_error(error: libatmn.AuthenticationError) -> None:
        errors.append(error)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"authorization", f"Bearer {SANDBOX}".encode())]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": headers}
    asyncio.run(ASGIMiddleware(app, failing, on_error=on_error)(scope, receive, send))
    assert isinstance(errors[0].__cause__, KeyError)
    asyncio.run(ASGIMiddleware(app, failing)(scope, receive, send))
    assert [each["status"] for each in sent if "status" in each] == [401, 401]
    assert "KeyError" in caplog.text
    assert SANDBOX not in caplog.text


def test_logging_listener_refuses_what_is_no_logger() -> None:
    with pytest.raises(TypeError, match="logger"):
        libatmn.logging_listener(5)  # type: ignore[arg-type]


def test_key_source_finds_the_keys_of_settings(project: Path) -> None:
    class Settings(BaseSettings):
        autumn_secret_key: libatmn.ApiKey = Field(default=...)
        autumn_prod_secret_key: Optional[SecretStr] = None
        other: str = "default"

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, KeySource(settings_cls), env_settings

    with pytest.raises(ValueError, match="autumn_secret_key"):
        Settings()
    (project / ".env").write_text(f"AUTUMN_SECRET_KEY={SANDBOX}\n")
    (project / ".env").chmod(0o600)
    settings = Settings()
    assert settings.autumn_secret_key.reveal() == SANDBOX
    assert settings.autumn_prod_secret_key is None
    (project / ".env").write_text(f"AUTUMN_SECRET_KEY={SANDBOX}\nAUTUMN_PROD_SECRET_KEY={LIVE}\n")
    live = Settings().autumn_prod_secret_key
    assert live is not None
    assert live.get_secret_value() == LIVE
    (project / ".env").write_text("AUTUMN_SECRET_KEY=am_sk_test_planted!\n")
    with pytest.raises(libatmn.ApiKeyError) as caught:
        Settings()
    assert "planted" not in str(caught.value)


def test_models_with_keys_dump_them_masked() -> None:
    class Shop(BaseModel):
        key: libatmn.ApiKey
        spare: Optional[libatmn.ApiKey] = None

    shop = Shop.model_validate_json(f'{{"key": "{SANDBOX}"}}')
    assert shop.key.reveal() == SANDBOX
    assert shop.model_dump()["key"] == shop.key
    assert shop.model_dump(mode="json") == {"key": "am_sk_test_…dbox", "spare": None}
    assert SANDBOX not in shop.model_dump_json() + repr(shop) + str(shop.model_dump())
    assert Shop.model_json_schema()["properties"]["key"]["type"] == "string"
    assert TypeAdapter(libatmn.ApiKey).validate_python(SANDBOX) == shop.key


def test_notebook_login_returns_at_once_and_shows_a_link(autumn: Autumn) -> None:
    shown = libatmn.notebook_login()
    html: Any = shown._repr_html_()
    assert shown.url.replace("&", "&amp;") in html
    assert str(shown) == f"Log in at {shown.url}"
    with pytest.raises(TimeoutError):
        shown.wait(0)
    with pytest.raises(libatmn.AtmnError):
        shown.submit("nonsense")
    shown.submit(f" {autumn.approved(shown.url)}\n")
    assert shown.wait().saved is not None
    assert "Logged in to Night Library." in shown._repr_html_()
    assert "Logged in" in str(libatmn.notebook_login()) or libatmn.notebook_login().wait().saved is None


def test_cancelled_notebook_login_frees_the_port(autumn: Autumn) -> None:
    shown = libatmn.notebook_login()
    shown.cancel()
    until(lambda: all(free(port) for port in PORTS), "the port is free")
    with pytest.raises(libatmn.AtmnError) as caught:
        shown.wait()
    assert caught.value.code == "cancelled"
    assert str(caught.value) in shown._repr_html_()


def test_notebook_login_shows_a_field_with_ipywidgets(autumn: Autumn, capsys: pytest.CaptureFixture[str]) -> None:
    ipywidgets = importlib.import_module("ipywidgets")
    shown = libatmn.notebook_login()
    shown._ipython_display_()
    box: Any = shown.widget(ipywidgets)
    page, field = box.children
    field.value = "nonsense"
    assert "callback" in page.value or "URL" in page.value
    field.value = autumn.approved(shown.url)
    assert "Logged in to Night Library." in page.value
    assert field.value == ""
    assert shown.url not in page.value
