"""The Autumn for users' tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from threading import Thread
from typing import TYPE_CHECKING, Any, Callable
from urllib.parse import parse_qs

import libatmn
import pytest
from autumn import HANG
from conftest import LIVE, SANDBOX
from libatmn.testing import LocalAutumn

if TYPE_CHECKING:
    from pathlib import Path


def test_local_autumn_is_an_autumn_for_tests() -> None:
    with LocalAutumn.start() as local, local.client() as client:
        assert client.server == local.url
        assert client.request("GET", "/v1/customers").status == 200
        local.answer("/v1/customers", 429, '{"code": "busy"}', headers={"retry-after": "60"})
        with pytest.raises(libatmn.ApiError) as busy:
            client.request("GET", "/v1/customers")
        assert busy.value.status == 429
        local.delay("/v1/customers", 60)
        with pytest.raises(libatmn.RequestTimeout):
            client.request("POST", "/v1/customers", json={}, timeout=0.2)
        assert local.requests()[0].path == "/v1/customers"
        local.reset()
        assert local.requests() == []
        done = libatmn.login(server=local.url, on_event=local.on_event, open_browser=False)
        assert done.organization is not None
        local.revoke(done.keys[0])
        with pytest.raises(libatmn.LoginError):
            libatmn.Client(server=local.url).request("GET", "/v1/customers")
        with pytest.raises(libatmn.LoginError) as denied:
            attempt = libatmn.start_login(server=local.url, force=True, open_browser=False)
            local.deny(attempt.url) if attempt.poll(0) is None else None
            attempt.wait()
        assert denied.value.code == "login_denied"


def test_a_listener_may_choose_the_organization() -> None:
    def listener(event: libatmn.Event) -> None:
        if event.code == "login_url":
            local.approve(event.context["url"], organization="copper-kettle")

    with LocalAutumn.start() as local:
        done = libatmn.login(server=local.url, on_event=listener, open_browser=False, login_timeout=60)
        assert done.organization is not None
        assert done.organization.slug == "copper-kettle"


def test_requests_have_what_a_test_asserts_on_and_no_key() -> None:
    with LocalAutumn.start() as local, local.client() as client:
        key = local.secret_key()
        body = {"customer_id": "cus_log", "metadata": {"key": key.reveal()}}
        client.request("POST", "/v1/customers", json=body, query={"expand": "a b"}, headers={"X-Tag": "7"})
        (entry,) = local.requests()
        assert (entry.method, entry.path, entry.status) == ("POST", "/v1/customers", 200)
        assert parse_qs(entry.query) == {"expand": ["a b"]}
        assert (entry.headers["x-tag"], entry.headers["authorization"]) == ("7", f"Bearer {key}")
        assert json.loads(entry.body) == {"customer_id": "cus_log", "metadata": {"key": "am_sk_\u2026"}}


def test_keys_are_of_an_environment_and_an_organization_and_have_all_scopes() -> None:
    check: Any = {"json": {"customer_id": "cus_first", "feature_id": "messages"}}
    with LocalAutumn.start() as local:
        other = local.secret_key("live", organization="copper-kettle")
        for key, slug, env in ((local.secret_key(), "night-library", "sandbox"), (other, "copper-kettle", "live")):
            me = local.client(key=key).request("GET", "/v1/organization/me").json()
            assert (me["slug"], me["env"]) == (slug, env)
        libatmn.login(server=local.url, on_event=local.on_event, open_browser=False)
        with pytest.raises(libatmn.ApiError) as refused:
            local.client(directory=".").request("POST", "/v1/check", **check)
        assert refused.value.api_code == "insufficient_scopes"
        assert local.client().request("POST", "/v1/check", **check).json()["allowed"]


def test_client_for_live_calls_has_a_live_key() -> None:
    with LocalAutumn.start() as local, local.client(environment="live") as client:
        assert client.request("GET", "/v1/organization/me").json()["env"] == "live"


def test_variables_are_for_a_child_process_and_this_one_keeps_its_own() -> None:
    before = dict(os.environ)
    with LocalAutumn.start() as local:
        variables = local.variables(organization="copper-kettle")
        assert dict(os.environ) == before
        program = "import libatmn; print(libatmn.whoami().organization.slug)"
        command = [sys.executable, "-c", program]
        env = {**os.environ, **variables}
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=HANG, env=env)
        assert done.stdout.strip() == "copper-kettle"


def slug_of_login(local: LocalAutumn, organization: str) -> str | None:
    """Log in for an organization; return the one that the result names."""
    attempt = libatmn.start_login(server=local.url, open_browser=False, force=True)
    browser = Thread(target=local.approve, args=(attempt.url,), kwargs={"organization": organization})
    browser.start()
    done = attempt.wait()
    browser.join()
    return done.organization and done.organization.slug


def test_login_is_approved_for_the_organization_that_the_test_chooses() -> None:
    with LocalAutumn.start() as local:
        assert slug_of_login(local, "copper-kettle") == "copper-kettle"


@pytest.mark.parametrize("name", [".env", ".env.local"])
def test_login_that_would_overwrite_a_key_of_another_server_ends(name: str, project: Path, tmp_path: Path) -> None:
    file, content = project / name, f"AUTUMN_SECRET_KEY={SANDBOX}\nAUTUMN_PROD_SECRET_KEY={LIVE}\n"
    file.write_text(content)
    with LocalAutumn.start() as local:
        with pytest.raises(libatmn.InvalidArgument) as refused:
            libatmn.login(server=local.url, on_event=local.on_event, open_browser=False)
        assert refused.value.context["option"] == "directory"
        assert "directory" in str(refused.value.hint)
        assert file.read_text() == content
        for _ in range(2):  # The second login replaces keys of this server.
            libatmn.login(server=local.url, directory=tmp_path, on_event=local.on_event, open_browser=False, force=True)


def test_client_without_a_server_is_one_of_this_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATMN_BACKEND_URL", "http://localhost:1")
    with LocalAutumn.start() as local, local.client(server=None) as client:
        assert client.server == local.url


def test_client_and_login_are_of_the_organization_that_the_test_names() -> None:
    with LocalAutumn.start() as local:
        me = local.client(organization="paper-lantern").request("GET", "/v1/organization/me").json()
        assert me["slug"] == "paper-lantern"
        for name in ("paper-lantern", "org_3HsBpY7fPaperLantern"):
            assert local.secret_key(organization=name)
            assert slug_of_login(local, name) == "paper-lantern"


def test_client_logs_in_again_with_the_listener_of_the_local_autumn() -> None:
    with LocalAutumn.start() as local:
        done = libatmn.login(server=local.url, on_event=local.on_event, open_browser=False)
        local.revoke(done.keys[0])
        with local.client(directory=".", on_event=local.on_event, reauth="always", open_browser=False) as client:
            assert client.request("GET", "/v1/customers").status == 200


def test_login_of_another_server_ends_at_once() -> None:
    with LocalAutumn.start() as first, LocalAutumn.start() as second:
        with pytest.raises(libatmn.InvalidArgument) as refused:
            libatmn.login(server=first.url, on_event=second.on_event, open_browser=False)
        assert refused.value.context["option"] == "login_url"


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda local: local.secret_key(7), "environment"),
        (lambda local: local.secret_key(organization=7), "organization"),
        (lambda local: local.client(colour="red"), "colour"),
        (lambda local: local.revoke(7), "key"),
        (lambda local: local.approve(None), "login_url"),
        (lambda local: local.deny(7), "login_url"),
        (lambda local: local.answer(7, 200), "path"),
        (lambda local: local.answer("/", "200"), "status"),
        (lambda local: local.answer("/", 200, headers=7), "headers"),
        (lambda local: local.answer("/", 200, count="1"), "count"),
        (lambda local: local.answer("/", 200, headers={"retry-after": 60}), "headers"),
        (lambda local: local.on_event(None), "event"),
        (lambda local: local.delay("/", "5"), "seconds"),
        (lambda _: LocalAutumn(7), "url"),  # type: ignore[arg-type]
    ],
)
def test_wrong_types_are_type_errors_of_the_local_autumn(call: Callable[[Any], object], argument: str) -> None:
    with LocalAutumn.start() as local, pytest.raises(TypeError, match=argument):
        call(local)


@pytest.mark.parametrize(
    ("call", "option"),
    [
        (lambda local: local.secret_key("prod"), "environment"),
        (lambda local: local.secret_key(organization="unknown"), "organization"),
        (lambda local: local.revoke("am_sk_test_unknown"), "key"),
        (lambda local: local.approve("http://localhost:1/"), "login_url"),
        (lambda local: local.approve("nonsense", organization="unknown"), "organization"),
        (lambda local: local.deny("nonsense"), "login_url"),
        (lambda local: local.answer("v1", 200), "path"),
        (lambda local: local.answer("/v1?a=b", 200), "path"),
        (lambda local: local.answer("/", 99), "status"),
        (lambda local: local.answer("/", 200, headers={"a b": "c"}), "headers"),
        (lambda local: local.answer("/", 200, count=0), "count"),
        (lambda local: local.answer("/", 200, count=10**400), "count"),
        (lambda local: local.answer("/", 10**400), "status"),
        (lambda local: local.answer("/", 200, "\ud800"), "body"),
        (lambda local: local.answer("/", 200, float("nan")), "body"),
        (lambda local: local.answer("/", 200, "a" * 100_000), "body"),
        (lambda local: local.answer("/", 200, "short", headers={"x": "a" * 100_000}), "headers"),
        (lambda local: local.answer("/" + "a" * 100_000, 200, "short"), "path"),
        (lambda local: local.delay("/" + "a" * 100_000, 5), "path"),
        (lambda local: local.deny("a" * 100_000), "login_url"),
        (lambda local: local.approve("nonsense", organization="a" * 100_000), "organization"),
        (lambda local: local.answer("/", 200, headers={"x": "\ud800"}), "headers"),
        (lambda local: local.answer("/v1/a b", 200), "path"),
        (lambda local: local.answer("/_test/log", 200), "path"),
        (lambda local: local.approve("nonsense", organization="\ud800"), "organization"),
        (lambda local: local.delay("/", -1), "seconds"),
    ],
)
def test_wrong_values_are_refused_by_the_local_autumn(call: Callable[[Any], object], option: str) -> None:
    with LocalAutumn.start() as local, pytest.raises(libatmn.InvalidArgument) as refused:
        call(local)
    assert refused.value.context["option"] == option


def test_stopped_local_autumn_is_an_error_of_the_library() -> None:
    with LocalAutumn.start() as local:
        pass
    for call in (local.secret_key, local.requests, local.reset):
        with pytest.raises(libatmn.RequestError) as failed:
            call()
        assert failed.value.code == "connect_failed"


def test_local_autumns_run_at_once_without_a_program_on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("ATMN", raising=False)
    with LocalAutumn.start() as first, LocalAutumn.start() as second:
        assert first.url != second.url
        with second.client() as client:
            assert client.request("GET", "/v1/customers").status == 200
    with pytest.raises(libatmn.RequestError):
        client = libatmn.Client(server=first.url, key=SANDBOX, retries=0)
        client.request("GET", "/v1/customers")


def test_local_autumn_ends_with_its_process_and_not_in_a_forked_child() -> None:
    program = """
import os
from libatmn.testing import LocalAutumn
block = LocalAutumn.start()
autumn = block.__enter__()
child = os.fork()
if child == 0:
    block.__exit__(None, None, None)
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
with autumn.client() as client:
    assert client.request("GET", "/v1/customers").status == 200
print(autumn.url)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=HANG, check=True)
    with pytest.raises(libatmn.RequestError):
        libatmn.Client(server=done.stdout.strip(), key=SANDBOX, retries=0).request("GET", "/v1/customers")


def test_local_autumn_is_a_fixture(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["libatmn.testing"]\n')
    (tmp_path / "test_shop.py").write_text("""
import libatmn

def test_billing(local_autumn):
    with local_autumn.client() as client:
        assert client.request("GET", "/v1/customers").status == 200
    libatmn.save_keys([local_autumn.secret_key()])
    assert libatmn.whoami().server == local_autumn.url
    assert libatmn.resolve_key().source.origin == "env_file"

def test_program_that_reads_the_environment(local_autumn, local_autumn_key):
    assert libatmn.resolve_key().key == local_autumn_key
    assert libatmn.resolve_key().source.origin == "process"
    assert libatmn.whoami().server == local_autumn.url
""")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
