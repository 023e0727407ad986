"""Results are frozen values: equality, hash, repr, matching, copying and pickling."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from datetime import datetime, timezone
from typing import Any

import libatmn
import pytest
from autumn import HANG
from conftest import SANDBOX
from libatmn import Credential, Event, Identity, KeyClass, Location, Organization, PendingLogin, ResolvedKey, Response

NOW = datetime(2026, 11, 29, tzinfo=timezone.utc)
KEY = libatmn.ApiKey(SANDBOX)
LOCATION = Location("env_file", variable="AUTUMN_SECRET_KEY", path="/srv/shop/.env", line=1)
SAVED = libatmn.SaveResult("/srv/shop/.env", replaced=(LOCATION,))
SHOP = Organization(id=None, name="Shop", slug="shop")
LOGIN_URL = Event("login_url", message="Log in at https://secret", context={"url": "https://secret"})

WITHOUT_SECRETS: list[Any] = [
    KeyClass("secret", "live"),
    LOCATION,
    SAVED,
    libatmn.LogoutResult("/srv/shop/.env", removed=(LOCATION,)),
    SHOP,
    libatmn.LoginResult(organization=SHOP, environments=("sandbox",), saved=SAVED),
    libatmn.ServerFacts("https://api.example", None, ("customers:read",), "id"),
    libatmn.LoginResult(scopes=("customers:read",)),
    Credential("dashboard"),
    Event("retrying", message="Again.", context={"seconds": "1"}),
    Response(200, headers={"content-type": "text/plain"}, body=b"hello"),
]
WITH_SECRETS: list[Any] = [
    ResolvedKey(KEY, LOCATION),
    libatmn.LoginResult(keys=(KEY,)),
    Identity(SHOP, "https://api.useautumn.com", KEY, LOCATION),
    Credential("secret", environment="sandbox", key=KEY),
    PendingLogin("https://secret", NOW, note="Log in at https://secret"),
    LOGIN_URL,
]


def values(result: Any) -> dict[str, Any]:
    """Return the fields of a result by their names."""
    return {name: getattr(result, name) for name in result.__match_args__}


@pytest.mark.parametrize("result", WITHOUT_SECRETS + WITH_SECRETS, ids=lambda result: type(result).__name__)
def test_results_are_frozen_values(result: Any) -> None:
    again = type(result)(**values(result))
    assert again == result
    assert hash(again) == hash(result)
    assert again is not result
    assert result != object()
    assert type(result).__module__ == "libatmn"
    assert copy.copy(result) is copy.deepcopy(result) is result
    assert result.__replace__() == result
    for name in (*result.__match_args__, "other"):
        with pytest.raises(AttributeError):
            setattr(result, name, None)
    # An event of the program's own making is of the base class, from which those of the codes derive.
    if type(result) is not Event:
        with pytest.raises(TypeError):
            type("Derived", (type(result),), {})
    with pytest.raises(TypeError):
        result.__replace__(other=1)


@pytest.mark.parametrize("result", WITHOUT_SECRETS, ids=lambda result: type(result).__name__)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_results_without_secrets_can_be_pickled(result: Any, protocol: int) -> None:
    assert pickle.loads(pickle.dumps(result, protocol)) == result


@pytest.mark.parametrize("result", WITH_SECRETS, ids=lambda result: type(result).__name__)
def test_results_with_secrets_refuse_pickling_and_do_not_show_them(result: Any) -> None:
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(result)
    assert SANDBOX not in repr(result)
    assert "https://secret" not in repr(result)


def test_repr_is_the_constructor_call() -> None:
    assert repr(KeyClass("secret", environment="live")) == "KeyClass(kind='secret', environment='live')"
    assert repr(Response(200, body=b"long")) == "Response(status=200, headers={})"
    assert repr(LOGIN_URL) == "Event(code='login_url')"


def test_location_text_follows_its_fields() -> None:
    assert str(LOCATION) == f"{LOCATION}" == "AUTUMN_SECRET_KEY in /srv/shop/.env, line 1"
    assert str(LOCATION.__replace__(line=7)) == "AUTUMN_SECRET_KEY in /srv/shop/.env, line 7"
    assert str(Location("argument")) == str(libatmn.resolve_key(key=SANDBOX).source)


def test_constructor_of_a_result_takes_every_field() -> None:
    found = libatmn.resolve_key(key=SANDBOX)
    assert type(found)(**values(found)) == found
    assert type(found.source)(**values(found.source)) == found.source


def test_constructors_name_the_argument_of_the_wrong_type() -> None:
    with pytest.raises(TypeError, match="line"):
        Location("env_file", line="7")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="slug"):
        Organization(None, "Shop")  # type: ignore[call-arg]


def test_context_cannot_be_changed() -> None:
    event = Event("retrying", context={"seconds": "1"})
    event.context.clear()  # type: ignore[attr-defined]
    assert event.context == {"seconds": "1"}


def test_replace_changes_the_given_fields_only() -> None:
    # `copy.replace` of Python 3.13 calls this method.
    changed = LOCATION.__replace__(line=7)
    assert (changed.line, changed.variable, changed.path) == (7, LOCATION.variable, LOCATION.path)


def test_patterns_match_results() -> None:
    # Python 3.9 has no `match` statement, which uses this attribute.
    assert libatmn.KeyClass.__match_args__ == ("kind", "environment")
    if sys.version_info < (3, 10):
        return
    script = """
import libatmn
match libatmn.classify_key("am_pk_live_x"):
    case libatmn.KeyClass("publishable", environment="live"):
        pass
    case _:
        raise SystemExit(1)
"""
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True, timeout=HANG)


def test_json_of_an_empty_body_is_an_error_of_libatmn() -> None:
    assert Response(200, body=b'{"a": 1}').json() == {"a": 1}
    assert Response(200, body=b"\xff").text == "\ufffd"
    with pytest.raises(libatmn.RequestError) as caught:
        Response(204).json()
    assert caught.value.code == "response_unreadable"


def build(kind: Any, *values: Any, **fields: Any) -> Any:
    """Create a result whose types are wrong."""
    return kind(*values, **fields)


@pytest.mark.parametrize(
    ("create", "argument"),
    [
        (lambda: build(libatmn.KeyClass, "\ud800", "sandbox"), "kind"),
        (lambda: build(libatmn.KeyClass, "secret", 3), "environment"),
        (lambda: libatmn.Location("env_file", line=-1), "line"),
        (lambda: libatmn.Location("env_file", variable="\ud800"), "variable"),
        (lambda: libatmn.Organization("org_1", "\ud800", "slug"), "name"),
        (lambda: libatmn.Response(70_000), "status"),
        (lambda: build(libatmn.LoginResult, environments=("\ud800",)), "environments"),
    ],
)
def test_wrong_fields_are_type_errors_that_name_them(create: Any, argument: str) -> None:
    with pytest.raises(TypeError, match=argument):
        create()
