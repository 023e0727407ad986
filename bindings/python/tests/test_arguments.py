"""Arguments that no call can use: an `AtmnError` or a `TypeError` names the argument, and shows no key."""

from __future__ import annotations

import asyncio
import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import libatmn
import pytest
from conftest import SANDBOX
from libatmn import aio

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

SURROGATE = "planted\ud800"
HUGE = 10**400


def client() -> libatmn.Client:
    return libatmn.Client(key=SANDBOX, server="http://127.0.0.1:9")


def ask(**options: Any) -> object:
    return client().request("POST", "/v1/customers", **options)


def request(**headers: str) -> dict[str, object]:
    return {"method": "GET", "path": "/", "headers": headers}


def circular() -> list[object]:
    items: list[object] = []
    items.append(items)
    return items


def deep() -> object:
    value: object = None
    for _ in range(100_000):
        value = [value]
    return value


def cancelled(attempt: libatmn.LoginAttempt) -> libatmn.LoginAttempt:
    attempt.cancel()
    return attempt


# Functions by the argument that they take.
TAKES: list[tuple[str, Callable[[Any], object]]] = [
    ("key", lambda value: libatmn.resolve_key(key=value)),
    ("environment", lambda value: libatmn.resolve_key(environment=value)),
    ("directory", lambda value: libatmn.resolve_key(directory=value)),
    ("boundary", lambda value: libatmn.explain_key(boundary=value)),
    ("directory", lambda value: libatmn.save_keys([SANDBOX], directory=value)),
    ("gitignore", lambda value: libatmn.save_keys([SANDBOX], gitignore=value)),
    ("keys", lambda value: libatmn.save_keys([value])),
    ("directory", lambda value: libatmn.logout(directory=value)),
    ("server", lambda value: libatmn.logout(server=value)),
    ("text", lambda value: libatmn.ApiKey(value)),
    ("directory", lambda value: libatmn.begin_login(directory=value)),
    ("organization", lambda value: libatmn.start_login(organization=value)),
    ("server", lambda value: libatmn.login(on_event=print, server=value)),
    ("text", lambda value: libatmn.complete_login(value)),
    ("text", lambda value: cancelled(libatmn.start_login(open_browser=False)).submit(value)),
    ("login_command", lambda value: libatmn.configure(login_command=value)),
    ("server", lambda value: libatmn.whoami(server=value)),
    ("reauth", lambda value: libatmn.Client(reauth=value)),
    ("organization", lambda value: libatmn.Client(organization=value)),
    ("method", lambda value: client().request(value, "/")),
    ("path", lambda value: client().request("GET", value)),
    ("content_type", lambda value: ask(body=b"", content_type=value)),
    ("idempotency_key", lambda value: ask(idempotency_key=value)),
    ("rejected", lambda value: client().reauthenticate(value)),
    ("text", lambda value: client().submit(value)),
    ("accepts", lambda value: libatmn.authenticate(request(), str, accepts=value)),
]
IDS = [f"{number} {name}" for number, (name, _) in enumerate(TAKES)]


@pytest.mark.parametrize(("name", "call"), TAKES, ids=IDS)
def test_wrong_types_are_named_in_the_message(name: str, call: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError) as caught:
        call(7)
    # Not only in a note, which Python 3.10 does not have.
    assert str(caught.value).startswith((f"{name} ", f"{name}: "))


@pytest.mark.parametrize(("name", "call"), TAKES, ids=IDS)
def test_surrogates_are_not_utf8(name: str, call: Callable[[Any], object]) -> None:
    with pytest.raises(libatmn.AtmnError) as caught:
        call(SURROGATE)
    assert (caught.value.code, caught.value.context) == ("not_utf8", {"option": name})
    assert str(caught.value) == f"`{name}` cannot be encoded as UTF-8."
    assert not caught.value.__context__


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("query", lambda: ask(query={"a": SURROGATE})),
        ("query", lambda: ask(query=[(SURROGATE, "a")])),
        ("headers", lambda: ask(headers={"a": SURROGATE})),
        ("headers", lambda: ask(headers={"a": "\0"})),
        ("path", lambda: client().request("GET", "/\0")),
        ("directory", lambda: libatmn.resolve_key(directory="a\0b")),
        ("directory", lambda: libatmn.save_keys([SANDBOX], directory="a\0b")),
        ("text", lambda: libatmn.complete_login("\0")),
        ("json", lambda: ask(json=circular())),
        ("json", lambda: ask(json=deep())),
        ("json", lambda: ask(json=float("nan"))),
        ("body", lambda: ask(body=[300])),
        ("timeout", lambda: ask(timeout=HUGE)),
        ("timeout", lambda: ask(timeout=0)),
        ("timeout", lambda: ask(timeout=-1.5)),
        ("timeout", lambda: ask(timeout=float("nan"))),
        ("timeout", lambda: libatmn.whoami(key=SANDBOX, timeout=HUGE)),
        ("login_timeout", lambda: libatmn.start_login(login_timeout=HUGE)),
        ("login_timeout", lambda: libatmn.complete_login("code=abc", login_timeout=HUGE)),
        ("login_timeout", lambda: libatmn.login(on_event=print, login_timeout=1e12)),
        ("login_timeout", lambda: libatmn.start_login(login_timeout=1e12)),
        ("login_timeout", lambda: libatmn.complete_login("code=abc", login_timeout=1e12)),
        ("login_timeout", lambda: libatmn.Client(login_timeout=1e12)),
        ("response_limit", lambda: libatmn.Client(response_limit=HUGE)),
    ],
)
def test_impossible_values_are_named(name: str, call: Callable[[], object]) -> None:
    with pytest.raises(libatmn.InvalidArgument) as caught:
        call()
    assert caught.value.context["option"] == name
    assert "planted" not in str(caught.value)
    assert "out of range" not in str(caught.value)  # without saying which range


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ask(timeout=-1), "`timeout` must be greater than zero and less than 2**64."),
        (lambda: ask(timeout=HUGE), "`timeout` must be greater than zero and less than 2**64."),
        (
            lambda: libatmn.start_login(login_timeout=1e12),
            "`login_timeout` must be greater than zero, and the login must end before the year 10000.",
        ),
        (lambda: ask(retries=-1), "`retries` must be a whole number from 0 to 4294967295."),
        (
            lambda: libatmn.Client(response_limit=-1),
            f"`response_limit` must be a whole number from 1 to {sys.maxsize * 2 + 1}.",
        ),
    ],
)
def test_ranges_are_named(call: Callable[[], object], message: str) -> None:
    with pytest.raises(libatmn.InvalidArgument) as caught:
        call()
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("timeout", lambda: ask(timeout="5")),
        ("timeout", lambda: libatmn.whoami(timeout="5")),  # type: ignore[arg-type]
        ("login_timeout", lambda: libatmn.start_login(login_timeout="5")),  # type: ignore[arg-type]
        ("response_limit", lambda: libatmn.Client(response_limit=1.5)),  # type: ignore[arg-type]
        ("open_browser", lambda: libatmn.Client(open_browser=1)),  # type: ignore[arg-type]
        ("allow_tracked", lambda: libatmn.save_keys([SANDBOX], allow_tracked=1)),  # type: ignore[arg-type]
        ("force", lambda: libatmn.start_login(force=1)),  # type: ignore[arg-type]
        ("body", lambda: ask(body=7)),
        ("json", lambda: ask(json=object())),
        ("text", lambda: libatmn.classify_key(b"key")),  # type: ignore[arg-type]
    ],
)
def test_other_wrong_types_are_named(name: str, call: Callable[[], object]) -> None:
    with pytest.raises(TypeError) as caught:
        call()
    assert str(caught.value).startswith((f"{name} ", f"{name}: "))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: libatmn.login(on_event=print, scopes="x:y"), "scopes must be a list of str, not str"),
        (lambda: libatmn.start_login(scopes=b"x:y"), "scopes must be a list of str, not bytes"),  # type: ignore[arg-type]
        (lambda: libatmn.begin_login(scopes=7), "scopes must be a list of str, not int"),  # type: ignore[arg-type]
        (lambda: libatmn.begin_login(scopes=[SANDBOX, 7]), "scopes must contain only str"),  # type: ignore[list-item]
        (lambda: libatmn.save_keys(SANDBOX), "keys must be a list of keys, not str; pass [key]"),
        (lambda: libatmn.save_keys(b"key"), "keys must be a list of keys, not bytes; pass [key]"),  # type: ignore[arg-type]
    ],
)
def test_text_is_no_list(call: Callable[[], object], message: str) -> None:
    with pytest.raises(TypeError) as caught:
        call()
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("name", "masked"),
    [("am_sk_test_planted0123", "am_sk_test_…0123"), ("key=am_sk_test_planted0123", "…"), ("\ud800", "\ufffd" * 3)],
)
def test_unexpected_argument_whose_name_is_a_key_is_masked(name: str, masked: str) -> None:
    with pytest.raises(TypeError) as caught:
        libatmn.begin_login(**{name: None})  # type: ignore[arg-type]
    assert str(caught.value).startswith(f"begin_login() got an unexpected keyword argument '{masked}'; there are ")


@pytest.mark.parametrize("option", ["open_browser", "login_timeout", "nope"])
def test_begin_login_refuses_options_of_a_login_that_waits(option: str) -> None:
    with pytest.raises(
        TypeError, match=rf"^begin_login\(\) got an unexpected keyword argument '{option}'; there are allow_tracked, "
    ):
        libatmn.begin_login(**{option: None})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "call",
    [
        lambda key: libatmn.resolve_key(directory=key),
        lambda key: libatmn.resolve_key(boundary=key),
        lambda key: libatmn.explain_key(directory=os.path.join("x", key, "y")),
        lambda key: libatmn.save_keys([key], directory=key),
        lambda key: libatmn.logout(directory=key),
        lambda key: libatmn.begin_login(directory=key),
        lambda key: libatmn.start_login(directory=key),
        lambda key: libatmn.Client(directory=key).request("GET", "/"),
    ],
)
def test_key_passed_as_a_path_is_masked(call: Callable[[str], object]) -> None:
    with pytest.raises(libatmn.InvalidArgument) as caught:
        call(SANDBOX)
    assert "planted" not in f"{caught.value!r} {caught.value.context} {caught.value.hint}"
    assert "am_sk_test_…dbox" in str(caught.value)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 200_000, b"9" * 5000])
def test_body_that_is_not_json_is_an_error(body: bytes) -> None:
    with pytest.raises(libatmn.RequestError) as caught:
        libatmn.Response(204, {}, body).json()
    assert caught.value.code == "response_unreadable"


SCOPES: list[dict[str, Any]] = [
    {},
    {"type": "lifespan"},
    {"type": "http", "path": "/"},
    {"type": "http", "path": None, "headers": []},
    {"type": "http", "path": b"/", "headers": []},
    {"type": "http", "path": "/", "headers": "ab"},
    {"type": "http", "path": "/", "headers": [(1, 2)]},
    {"type": "http", "path": "/", "headers": [(b"a",)]},
    {"type": "http", "path": "/a", "root_path": 7, "headers": []},
    {"type": "http", "path": "/a", "root_path": b"/", "headers": []},
    {"REQUEST_METHOD": 7},
    {"REQUEST_METHOD": "GET", "PATH_INFO": 7},
    {"REQUEST_METHOD": "GET", "HTTP_AUTHORIZATION": b"Bearer x"},
    {"method": "GET", "path": "/", "headers": None},
    {"method": 7, "path": "/", "headers": {}},
]


@pytest.mark.parametrize("scope", SCOPES, ids=repr)
def test_odd_request_is_an_invalid_argument(scope: dict[str, Any]) -> None:
    with pytest.raises(libatmn.InvalidArgument) as caught:
        libatmn.authenticate(scope, str)
    assert caught.value.context["option"] == "request"
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("verify", [None, 7, "text"])
def test_verify_must_be_callable(verify: Any) -> None:
    with pytest.raises(TypeError, match=r"^verify must be callable, not "):
        libatmn.authenticate(request(), verify)


@pytest.mark.parametrize(
    "name", ["login", "start_login", "begin_login", "whoami", "Client", "Client.request", "aio.login", "aio.whoami"]
)
def test_unknown_options_name_the_function_that_was_called(name: str) -> None:
    options: dict[str, Any] = {"colour": "blue"}
    listener = libatmn.terminal_listener()
    calls: dict[str, Any] = {
        "login": lambda: libatmn.login(on_event=listener, **options),
        "start_login": lambda: libatmn.start_login(**options),
        "begin_login": lambda: libatmn.begin_login(**options),
        "whoami": lambda: libatmn.whoami(**options),
        "Client": lambda: libatmn.Client(**options),
        "Client.request": lambda: libatmn.Client().request("GET", "/v1/customers", **options),
        "aio.login": lambda: asyncio.run(aio.login(on_event=listener, **options)),
        "aio.whoami": lambda: asyncio.run(aio.whoami(**options)),
    }
    function = name.rpartition("aio.")[2]
    with pytest.raises(TypeError, match=rf"^{function}\(\) got an unexpected keyword argument 'colour'; there are "):
        calls[name]()


def test_login_command_must_name_something() -> None:
    for command in ("", " ", "shop\nlogin", "shop\x1b[31m"):
        with pytest.raises(libatmn.InvalidArgument) as caught:
            libatmn.configure(login_command=command)
        assert caught.value.context["option"] == "login_command"


def test_an_option_beside_its_header_is_refused() -> None:
    client = libatmn.Client(key="am_sk_test_0123456789ab", server="http://127.0.0.1:9")
    for options in (
        {"content_type": "text/plain", "headers": {"Content-Type": "text/html"}},
        {"idempotency_key": "a", "headers": {"idempotency-key": "b"}},
    ):
        given: Any = options
        with pytest.raises(libatmn.InvalidArgument) as caught:
            client.request("POST", "/v1/customers", body=b"x", **given)
        assert caught.value.context["option"] in options


NUMBERS: list[tuple[str, Callable[[Any], object]]] = [
    ("timeout", lambda value: libatmn.whoami(timeout=value)),
    ("timeout", lambda value: libatmn.diagnose(offline=True, timeout=value)),
    ("timeout", lambda value: libatmn.Client(timeout=value)),
    ("retries", lambda value: libatmn.Client(retries=value)),
    ("response_limit", lambda value: libatmn.Client(response_limit=value)),
    ("login_timeout", lambda value: libatmn.Client(login_timeout=value)),
    ("timeout", lambda value: ask(timeout=value)),
    ("retries", lambda value: ask(retries=value)),
    ("login_timeout", lambda value: libatmn.start_login(login_timeout=value)),
    ("login_timeout", lambda value: libatmn.complete_login("code", login_timeout=value)),
    ("timeout", lambda value: cancelled(libatmn.start_login(open_browser=False)).poll(timeout=value)),
    ("timeout", lambda value: asyncio.run(aio.whoami(timeout=value))),
    ("login_timeout", lambda value: asyncio.run(aio.complete_login("code", login_timeout=value))),
]


@pytest.mark.parametrize("value", [True, False])
@pytest.mark.parametrize(("name", "call"), NUMBERS)
def test_a_bool_is_no_number(name: str, call: Callable[[Any], object], value: bool) -> None:
    with pytest.raises(TypeError, match=rf"^{name} must be .*, not bool$"):
        call(value)


def generator(event: object) -> Iterator[object]:
    yield event


async def async_generator(event: object) -> AsyncIterator[object]:
    yield event


class CallableGenerator:  # noqa: D101
    def __call__(self, event: object) -> Iterator[object]:  # noqa: D102
        yield event


class CallableAsyncGenerator:  # noqa: D101
    async def __call__(self, event: object) -> AsyncIterator[object]:  # noqa: D102
        yield event


LISTENS: list[Callable[[Any], object]] = [
    lambda on_event: libatmn.login(on_event=on_event),
    lambda on_event: libatmn.start_login(on_event=on_event),
    lambda on_event: libatmn.complete_login("code", on_event=on_event),
    lambda on_event: libatmn.Client(on_event=on_event),
    lambda on_event: libatmn.authenticate(request(), bool, on_event=on_event),
    lambda on_event: asyncio.run(aio.login(on_event=on_event)),
    lambda on_event: aio.start_login(on_event=on_event),
    lambda on_event: asyncio.run(aio.complete_login("code", on_event=on_event)),
    lambda on_event: aio.Client(on_event=on_event),
    lambda on_event: asyncio.run(aio.authenticate(request(), bool, on_event=on_event)),
]
GENERATORS = [
    generator,
    async_generator,
    partial(generator),
    CallableGenerator(),
    CallableAsyncGenerator(),
    CallableGenerator().__call__,
]


@pytest.mark.parametrize("listener", GENERATORS)
@pytest.mark.parametrize("call", LISTENS)
def test_a_listener_that_would_never_run_is_refused(call: Callable[[Any], object], listener: object) -> None:
    with pytest.raises(TypeError, match="on_event must not be a generator function"):
        call(listener)


@pytest.mark.parametrize("call", [LISTENS[4], LISTENS[9]])
@pytest.mark.parametrize("listener", [lambda event: generator(event), lambda event: async_generator(event)])
def test_a_listener_that_returns_a_generator_is_refused(
    call: Callable[[Any], object], listener: Callable[[Any], object]
) -> None:
    with pytest.raises(TypeError, match="on_event returned a generator"):
        call(listener)
