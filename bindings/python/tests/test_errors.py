"""Exceptions: their classes, their parts, and their way through a pickle."""

from __future__ import annotations

import json
import pickle
import sys
import traceback
import typing
from pathlib import Path

import libatmn
import pytest

VECTORS = Path(__file__).resolve().parents[3] / "tests" / "vectors"
BASES = {
    libatmn.InvalidArgument: ValueError,
    libatmn.LoginTimeout: TimeoutError,
    libatmn.LoginError: libatmn.AtmnError,
    libatmn.ApiKeyError: libatmn.AtmnError,
    libatmn.FileError: libatmn.AtmnError,
    libatmn.RequestError: libatmn.AtmnError,
    libatmn.ApiError: libatmn.RequestError,
    libatmn.AuthenticationError: libatmn.AtmnError,
}


def test_codes_are_those_of_the_core() -> None:
    table = json.loads((VECTORS / "errors.json").read_text())
    assert list(typing.get_args(libatmn.ErrorCode)) == [row["name"] for row in table["errors"]]
    assert list(typing.get_args(libatmn.EventCode)) == [row["name"] for row in table["events"]]


@pytest.mark.parametrize("kind", BASES)
def test_every_class_is_an_atmn_error_and_survives_a_pickle(kind: type[libatmn.AtmnError]) -> None:
    assert issubclass(kind, libatmn.AtmnError)
    assert issubclass(kind, BASES[kind])
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


def test_an_error_says_what_to_do_and_why(project: Path) -> None:
    with pytest.raises(libatmn.ApiKeyError) as caught:
        libatmn.resolve_key(boundary=project)
    error = caught.value
    assert error.hint is not None
    assert "atmn login" in error.hint
    shown = "".join(traceback.format_exception(type(error), error, None))
    assert str(error) in shown
    assert (error.hint in shown) == (sys.version_info >= (3, 11))


def test_the_reason_behind_an_error_is_its_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/nothing")
    with pytest.raises(libatmn.FileError) as unwritable:
        libatmn.begin_login()
    assert isinstance(unwritable.value.__cause__, FileNotFoundError)
    with pytest.raises(libatmn.RequestError) as caught:
        libatmn.whoami(key="am_sk_test_0123456789ab", server="http://127.0.0.1:9")
    assert caught.value.code == "connect_failed"
    assert "refused" in str(caught.value.__cause__)


def test_an_answer_has_its_parts() -> None:
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
