"""Calls libatmn for Python, through its public API, as the runner asks; see ../README.md."""

from __future__ import annotations

import inspect
import json
import re
import sys
import typing
from typing import Any, Callable, Literal

import libatmn

RESOLVE = ("key", "environment", "directory", "boundary")
SAVE = ("directory", "file", "allow_tracked", "gitignore")
LOGIN = (*SAVE, "server", "sandbox_only", "organization", "scopes")
CLIENT = (
    *(*RESOLVE, "server", "timeout", "retries", "response_limit", "reauth", "organization", "login_timeout"),
    "open_browser",
)
# Functions that are no operations of the core: helpers, and what plugs into other packages.
HELPERS = ("configure", "load_env", "logging_listener", "notebook_login", "secret_key", "terminal_listener")


class Failure(Exception):
    """The driver cannot do what the runner asks."""


class Request:
    """One line of input. A member that no operation takes is an error."""

    def __init__(self, members: dict[str, Any]) -> None:
        self.left = members
        self.events: list[dict[str, Any]] | None = [] if self.take("listener") else None

    def take(self, name: str) -> Any:
        if f"{name}_hex" in self.left:
            return bytes.fromhex(self.left.pop(f"{name}_hex"))
        if f"{name}_ms" in self.left:
            return self.left.pop(f"{name}_ms") / 1000
        return self.left.pop(name, None)

    def need(self, name: str) -> Any:
        value = self.take(name)
        if value is None:
            raise Failure(f"there is no member {name}")
        return value

    def options(self, names: tuple[str, ...]) -> dict[str, Any]:
        """The given ones of these options. Other members are an error."""
        options = {name: value for name in names if (value := self.take(name)) is not None}
        self.end()
        return options

    def end(self) -> None:
        if self.left:
            raise Failure(f"unknown members: {sorted(self.left)}")

    @property
    def on_event(self) -> Callable[[libatmn.Event], None] | None:
        events = self.events
        if events is None:
            return None
        return lambda event: events.append({"event": event.code, "message": event.message, "context": event.context})


def is_result(kind: type) -> bool:
    return kind.__module__ == "libatmn" and hasattr(kind, "__match_args__")


def plain(value: Any) -> Any:
    """A result as JSON."""
    if isinstance(value, libatmn.ApiKey):
        return str(value)
    if isinstance(value, (tuple, list)):
        return [plain(each) for each in value]
    if hasattr(value, "timestamp"):
        return int(value.timestamp() * 1000)
    if isinstance(value, libatmn.Location):
        return {**fields(value), "text": str(value)}
    if is_result(type(value)):
        return fields(value)
    return value


def fields(result: Any) -> dict[str, Any]:
    return {name: plain(getattr(result, name)) for name in result.__match_args__}


def resolved(found: libatmn.ResolvedKey) -> dict[str, Any]:
    key = found.key
    return {**plain(found), "key": key.reveal(), "kind": key.kind, "environment": key.environment}


def found_or_none(found: libatmn.ResolvedKey | None) -> dict[str, Any] | None:
    return found and resolved(found)


def login_result(done: libatmn.LoginResult) -> dict[str, Any]:
    keys = [{"environment": key.environment, "key": str(key)} for key in done.keys]
    return {**plain(done), "keys": keys, "kept": done.saved is None}


def begin_login(request: Request) -> Any:
    result = libatmn.begin_login(**request.options((*LOGIN, "force")))
    return login_result(result) if isinstance(result, libatmn.LoginResult) else plain(result)


def login(request: Request) -> Any:
    options = request.options((*LOGIN, "force", "login_timeout", "open_browser"))
    return login_result(libatmn.login(on_event=request.on_event, **options))


def start_login(request: Request) -> Any:
    with libatmn.start_login(**request.options((*LOGIN, "login_timeout", "open_browser"))) as attempt:
        return {name: plain(getattr(attempt, name)) for name in ("url", "port", "hint", "deadline")}


def complete_login(request: Request) -> Any:
    text = request.need("text")
    return login_result(libatmn.complete_login(text, on_event=request.on_event, **request.options(("login_timeout",))))


def whoami(request: Request) -> Any:
    identity = libatmn.whoami(**request.options((*RESOLVE, "server", "timeout")))
    return {**plain(identity), "environment": identity.key.environment}


def call(request: Request) -> Any:
    method, path, body = request.need("method"), request.need("path"), request.take("body")
    parts: dict[str, Any] = {} if body is None else {"body": body.encode() if isinstance(body, str) else body}
    for name in ("query", "headers"):
        if flat := request.take(name):
            parts[name] = list(zip(flat[::2], flat[1::2]))
    for name in ("content_type", "idempotency_key"):
        if (value := request.take(name)) is not None:
            parts[name] = value
    if (time := request.take("request_timeout_ms")) is not None:
        parts["timeout"] = time / 1000
    if (number := request.take("request_retries")) is not None:
        parts["retries"] = number
    if (any_status := request.take("any_status")) is not None:
        parts["raise_for_status"] = not any_status
    client = libatmn.Client(on_event=request.on_event, **request.options(CLIENT))
    response = client.request(method, path, **parts)
    return response_object(response)


def response_object(response: libatmn.Response | libatmn.ApiError) -> dict[str, Any]:
    return {"status": response.status, "content_type": response.header("Content-Type"), "body": response.text}


def reauthenticate(request: Request) -> Any:
    rejected = request.need("rejected")
    client = libatmn.Client(on_event=request.on_event, **request.options(CLIENT))
    return resolved(client.reauthenticate(rejected))


def authenticate(request: Request) -> Any:
    headers = {"authorization": request.take("authorization"), "x-client-type": request.take("client_type")}
    incoming = {
        "method": request.need("method"),
        "path": request.need("path"),
        "headers": {name: value for name, value in headers.items() if value is not None},
    }
    store, asked = request.take("store"), list[libatmn.Credential]()

    def verify(credential: libatmn.Credential) -> dict[str, Any] | Literal[False] | None:
        asked.append(credential)
        if store == "cannot_tell":
            raise ConnectionError("the store is down")
        if store == "false":
            return False
        key = credential.key and credential.key.reveal()
        known = {"kind": credential.kind, "environment": credential.environment, "key": key}
        return known if store == "valid" else None

    try:
        return libatmn.authenticate(incoming, verify, on_event=request.on_event, **request.options(("accepts",)))
    finally:
        if store is None and asked:
            raise Failure("verify was called")


OPERATIONS: dict[str, Callable[[Request], Any]] = {
    "classify_key": lambda request: plain(libatmn.classify_key(request.need("text"))),
    "resolve_key": lambda request: resolved(libatmn.resolve_key(**request.options(RESOLVE))),
    "find_key": lambda request: found_or_none(libatmn.find_key(**request.options(RESOLVE))),
    "explain_key": lambda request: plain(libatmn.explain_key(**request.options(RESOLVE))),
    "save_keys": lambda request: plain(libatmn.save_keys(request.need("keys"), **request.options(SAVE))),
    "logout": lambda request: plain(libatmn.logout(**request.options(("directory", "file", "environment", "server")))),
    "login": login,
    "start_login": start_login,
    "begin_login": begin_login,
    "complete_login": complete_login,
    "whoami": whoami,
    "server_info": lambda request: plain(libatmn.server_info(**request.options(("server",)))),
    "diagnose": lambda request: plain(
        libatmn.diagnose(**request.options(("directory", "server", "offline", "timeout")))
    ),
    "request": call,
    "reauthenticate": reauthenticate,
    "authenticate": authenticate,
    "surface": lambda _: surface(),
}


def surface() -> dict[str, Any]:
    """The public names of the package, read from the package."""
    client, attempt = libatmn.Client, libatmn.LoginAttempt
    functions: dict[str, Any] = {
        name: value
        for name in libatmn.__all__
        if inspect.isfunction(value := getattr(libatmn, name)) and name not in HELPERS
    }
    named = [getattr(libatmn, name) for name in libatmn.__all__]
    # The classes of single events have the fields of all events, and the values of the context as attributes.
    classes = [value for value in named if inspect.isclass(value) and value.__base__ is not libatmn.Event]
    results: list[Any] = [value for value in classes if is_result(value)]
    properties = [name for name, value in inspect.getmembers(attempt) if isinstance(value, property)]
    error = libatmn.AtmnError("cancelled", "")
    words = ("Environment", "Origin", "Outcome", "Git", "Gitignore", "Reauth", "Accepts", "CheckOutcome")
    return {
        # `submit` belongs to a login, and only Python closes a client.
        "operations": [*functions, *{*methods(client)} - {*methods(attempt), "close"}],
        "methods": {"attempt": methods(attempt), "client": [name for name in methods(client) if name != "close"]},
        "options": {
            **{name: options(value) for name, value in functions.items()},
            "client": options(client.__init__),
            # Python's own name.
            "request": [name.replace("raise_for_status", "any_status") for name in options(client.request)],
        },
        "results": {
            **{snake(value.__name__): list(value.__match_args__) for value in results},
            "attempt": properties,
            "error": [*vars(error), *(["cause"] if hasattr(error, "__cause__") else [])],
        },
        "words": {
            **{snake(word): typing.get_args(getattr(libatmn, word)) for word in words},
            "kind": typing.get_args(libatmn.KeyKind),
        },
        "error_codes": typing.get_args(libatmn.ErrorCode),
        "event_codes": typing.get_args(libatmn.EventCode),
    }


def methods(kind: type) -> list[str]:
    return [name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")]


def options(function: Callable[..., Any]) -> list[str]:
    """The names of the keyword arguments; `**options` is a TypedDict that lists them."""
    names: list[str] = []
    hints = typing.get_type_hints(function)
    for each in inspect.signature(function).parameters.values():
        if each.kind is each.KEYWORD_ONLY and each.name != "on_event":
            names.append(each.name)
        elif each.kind is each.VAR_KEYWORD:
            (unpacked,) = typing.get_args(hints[each.name])
            names += typing.get_type_hints(unpacked)
    return names


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def failed(error: libatmn.AtmnError) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "class": class_of(error),
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "context": error.context,
        "cause": error.__cause__ and str(error.__cause__),
    }
    answer["response"] = response_object(error) if isinstance(error, libatmn.ApiError) else None
    if isinstance(error, libatmn.AuthenticationError):
        answer |= {"status": error.status, "body": error.body}
    return answer


def class_of(error: libatmn.AtmnError) -> str | None:
    classes = {
        libatmn.InvalidArgument: "argument",
        libatmn.ApiError: "answer",
        libatmn.AuthenticationError: "refusal",
    }
    return next((name for kind, name in classes.items() if isinstance(error, kind)), None)


def answered(line: str) -> dict[str, Any]:
    members = json.loads(line)
    name = members.pop("op")
    request = Request(members)
    try:
        if name not in OPERATIONS:
            raise Failure(f"there is no operation {name}")
        answer: dict[str, Any] = {"ok": OPERATIONS[name](request)}
        request.end()
    except libatmn.AtmnError as error:
        answer = {"error": failed(error)}
    except (Failure, TypeError, ValueError) as failure:
        return {"failure": f"{type(failure).__name__}: {failure}"}
    return answer if request.events is None else {**answer, "events": request.events}


def main() -> None:
    # Paths may hold bytes that are not UTF-8.
    sys.stdout.reconfigure(errors="surrogateescape")  # type: ignore[union-attr]
    for line in open(0, encoding="utf-8", newline="\n"):  # noqa: SIM115 - stdin, without newline translation
        print(json.dumps(answered(line), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
