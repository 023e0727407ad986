"""Exceptions: classes, attributes and pickling."""

from __future__ import annotations

import errno
import json
import pickle
import sys
import traceback
import typing
from pathlib import Path

import libatmn
import pytest
from autumn import Autumn
from conftest import SANDBOX
from vectors import VECTORS

BASES = {
    libatmn.InvalidArgument: ValueError,
    libatmn.LoginTimeout: TimeoutError,
    libatmn.LoginError: libatmn.AtmnError,
    libatmn.ApiKeyError: libatmn.AtmnError,
    libatmn.FileError: libatmn.AtmnError,
    libatmn.FilePermissionError: PermissionError,
    libatmn.RequestError: libatmn.AtmnError,
    libatmn.RequestTimeout: TimeoutError,
    libatmn.ServerConnectionError: ConnectionError,
    libatmn.ApiError: libatmn.RequestError,
    libatmn.LoginNeeded: libatmn.ApiError,
    libatmn.ExchangeError: libatmn.LoginError,
    libatmn.AuthenticationError: libatmn.AtmnError,
}


def test_code_types_list_the_codes_of_the_core() -> None:
    table = json.loads((VECTORS / "errors.json").read_text())
    assert list(typing.get_args(libatmn.ErrorCode)) == [row["name"] for row in table["errors"]]
    assert list(typing.get_args(libatmn.EventCode)) == [row["name"] for row in table["events"]]


@pytest.mark.parametrize("kind", BASES)
def test_every_class_is_an_atmn_error_and_can_be_pickled(kind: type[libatmn.AtmnError]) -> None:
    assert issubclass(kind, libatmn.AtmnError)
    assert issubclass(kind, BASES[kind])
    assert (kind.__module__, getattr(libatmn, kind.__name__)) == ("libatmn", kind)
    error = kind("api_error", "It failed.", hint="Try again.", context={"status": "503", "env": "live"})
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(error, protocol))
        assert type(again) is kind
        assert (again.code, again.message, again.hint, again.context) == (
            error.code,
            error.message,
            error.hint,
            error.context,
        )
        assert str(again) == "It failed."
        assert repr(again) == f"{kind.__name__}('api_error', 'It failed.')"


def test_hint_is_shown_in_tracebacks(project: Path) -> None:
    with pytest.raises(libatmn.ApiKeyError) as caught:
        libatmn.resolve_key(boundary=project)
    error = caught.value
    assert error.hint is not None
    assert "log" in error.hint
    shown = "".join(traceback.format_exception(type(error), error, None))
    assert str(error) in shown
    assert (error.hint in shown) == (sys.version_info >= (3, 11))


def test_cause_is_the_system_error(autumn: Autumn, monkeypatch: pytest.MonkeyPatch) -> None:
    assert autumn.url
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/nothing")
    with pytest.raises(libatmn.FileError) as unwritable:
        libatmn.begin_login()
    assert isinstance(unwritable.value.__cause__, FileNotFoundError)
    with pytest.raises(libatmn.RequestError) as caught:
        libatmn.whoami(key="am_sk_test_0123456789ab", server="http://127.0.0.1:9")
    assert caught.value.code == "connect_failed"
    assert "refused" in str(caught.value.__cause__)


def test_api_error_has_attributes() -> None:
    context = {"status": "404", "api_code": "customer_not_found", "env": "sandbox", "request_id": "req_1"}
    error = libatmn.ApiError("api_error", "No.", context=context)
    assert (error.status, error.api_code, error.environment, error.request_id) == (
        404,
        "customer_not_found",
        "sandbox",
        "req_1",
    )
    empty = libatmn.AuthenticationError("no_secret_key", "No.")
    assert empty.status == 401
    assert empty.body["env"] == "sandbox"
    with pytest.raises(libatmn.InvalidArgument):
        _ = libatmn.AuthenticationError("api_error", "No.").body


def test_denied_file_is_a_permission_error() -> None:
    with pytest.raises(PermissionError) as caught:
        # It denies root, too.
        libatmn.save_keys([SANDBOX], directory="/sys")
    assert isinstance(caught.value, libatmn.FileError)
    assert isinstance(caught.value.__cause__, PermissionError)
    assert caught.value.errno == caught.value.__cause__.errno
    assert caught.value.errno in {errno.EACCES, errno.EPERM}
    assert pickle.loads(pickle.dumps(caught.value)).errno == caught.value.errno


def test_error_without_a_system_error_has_no_number() -> None:
    assert libatmn.LoginTimeout("timed_out", "It took too long.").errno is None


def test_configure_names_the_host_programs_login_command(project: Path) -> None:
    with pytest.raises(TypeError, match="login_command"):
        libatmn.configure(login_command=7)  # type: ignore[arg-type]
    libatmn.configure(login_command="shop login")
    try:
        with pytest.raises(libatmn.ApiKeyError) as caught:
            libatmn.resolve_key(boundary=project)
    finally:
        libatmn.configure()
    hints = {row["name"]: row for row in json.loads((VECTORS / "hints.json").read_text())}["log_in"]
    assert caught.value.hint == hints["text_with_login_command"]["python"]
    with pytest.raises(libatmn.ApiKeyError) as usual:
        libatmn.resolve_key(boundary=project)
    assert usual.value.hint == hints["text"]["python"]


def test_annotations_of_the_exception_classes_can_be_evaluated() -> None:
    for name in libatmn.__all__:
        kind = getattr(libatmn, name)
        if isinstance(kind, type) and issubclass(kind, libatmn.AtmnError):
            assert typing.get_type_hints(kind)["message"] is str
