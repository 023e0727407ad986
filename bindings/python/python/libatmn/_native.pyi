"""The native half. Private, except for ``ApiKey``, ``__version__`` and the classes of results."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Generic, Literal, NoReturn, SupportsIndex, TypeVar, final, type_check_only

from typing_extensions import Self, disjoint_base

from libatmn._enumerations import (
    Accepts,
    CheckOutcome,
    CheckSubject,
    EnvFile,
    Environment,
    ErrorCode,
    EventCode,
    Git,
    Gitignore,
    KeyKind,
    Origin,
    Outcome,
    Reauth,
)
from libatmn._errors import AtmnError, AuthenticationError
from libatmn._types import Host

__all__ = [
    "RESOLUTION_VARIABLES",
    "ApiKey",
    "BrowserFailedEvent",
    "BrowserOpenedEvent",
    "CallbackReceivedEvent",
    "Check",
    "Concealed",
    "Credential",
    "Diagnosis",
    "Event",
    "HintEvent",
    "Identity",
    "KeyClass",
    "KeyRejectedEvent",
    "KeysReceivedEvent",
    "KeysSavedEvent",
    "Location",
    "LoginResult",
    "LoginUrlEvent",
    "LoginWaitingEvent",
    "LogoutResult",
    "Organization",
    "PendingLogin",
    "RequestRefusedEvent",
    "RequestRepeatedEvent",
    "ResolvedKey",
    "Response",
    "RetryingEvent",
    "SaveResult",
    "ServerFacts",
    "__version__",
    "begin_login",
    "classify_key",
    "client",
    "command",
    "complete_login",
    "conceal",
    "configure",
    "diagnose",
    "explain_key",
    "explain_key_call",
    "find_key",
    "find_key_call",
    "login",
    "login_options",
    "logout",
    "read_credential",
    "refusal_body",
    "refusal_event",
    "refused",
    "resolve_key",
    "resolve_key_call",
    "resolve_options",
    "save_keys",
    "server_info",
    "start_autumn",
    "start_login",
    "system_limit",
    "whoami",
]

_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)

RESOLUTION_VARIABLES: tuple[str, ...]
__version__: str

@final
class ApiKey:
    def __new__(cls, text: str) -> Self: ...
    @property
    def kind(self) -> KeyKind: ...
    @property
    def environment(self) -> Environment: ...
    def reveal(self) -> str: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __format__(self, spec: str, /) -> str: ...
    def __reduce_ex__(self, protocol: SupportsIndex, /) -> NoReturn: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, memo: object, /) -> Self: ...
    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object, /) -> Any: ...

@type_check_only
class _Result:
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]: ...
    def __replace__(self, **changes: Any) -> Self: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, _memo: object, /) -> Self: ...

@final
class KeyClass(_Result):
    __match_args__: Final = ("kind", "environment")
    def __new__(cls, kind: KeyKind, environment: Environment) -> Self: ...
    @property
    def kind(self) -> KeyKind: ...
    @property
    def environment(self) -> Environment: ...

@final
class Location(_Result):
    __match_args__: Final = ("origin", "variable", "path", "line", "outcome", "masked", "reason")
    def __new__(
        cls,
        origin: Origin,
        variable: str | None = ...,
        path: str | None = ...,
        line: int | None = ...,
        outcome: Outcome = ...,
        masked: str | None = ...,
        reason: str | None = ...,
    ) -> Self: ...
    @property
    def origin(self) -> Origin: ...
    @property
    def variable(self) -> str | None: ...
    @property
    def path(self) -> str | None: ...
    @property
    def line(self) -> int | None: ...
    @property
    def outcome(self) -> Outcome: ...
    @property
    def masked(self) -> str | None: ...
    @property
    def reason(self) -> str | None: ...

@final
class ResolvedKey(_Result):
    __match_args__: Final = ("key", "source", "skipped")
    def __new__(cls, key: ApiKey, source: Location, skipped: tuple[Location, ...] = ...) -> Self: ...
    @property
    def key(self) -> ApiKey: ...
    @property
    def source(self) -> Location: ...
    @property
    def skipped(self) -> tuple[Location, ...]: ...

@final
class SaveResult(_Result):
    __match_args__: Final = ("path", "created", "git", "replaced", "shadowed_by", "locked", "note")
    def __new__(
        cls,
        path: str,
        created: bool = ...,
        git: Git = ...,
        replaced: tuple[Location, ...] = ...,
        shadowed_by: tuple[Location, ...] = ...,
        locked: bool = ...,
        note: str | None = ...,
    ) -> Self: ...
    @property
    def path(self) -> str: ...
    @property
    def created(self) -> bool: ...
    @property
    def git(self) -> Git: ...
    @property
    def replaced(self) -> tuple[Location, ...]: ...
    @property
    def shadowed_by(self) -> tuple[Location, ...]: ...
    @property
    def locked(self) -> bool: ...
    @property
    def note(self) -> str | None: ...

@final
class LogoutResult(_Result):
    __match_args__: Final = ("path", "removed", "remaining", "note", "locked")
    def __new__(
        cls,
        path: str,
        removed: tuple[Location, ...] = ...,
        remaining: tuple[Location, ...] = ...,
        note: str = ...,
        locked: bool = ...,
    ) -> Self: ...
    @property
    def path(self) -> str: ...
    @property
    def removed(self) -> tuple[Location, ...]: ...
    @property
    def remaining(self) -> tuple[Location, ...]: ...
    @property
    def note(self) -> str: ...
    @property
    def locked(self) -> bool: ...

@final
class Organization(_Result):
    __match_args__: Final = ("id", "name", "slug")
    def __new__(cls, id: str | None, name: str, slug: str) -> Self: ...
    @property
    def id(self) -> str | None: ...
    @property
    def name(self) -> str: ...
    @property
    def slug(self) -> str: ...

@final
class LoginResult(_Result):
    __match_args__: Final = ("organization", "environments", "keys", "saved", "scopes")
    def __new__(
        cls,
        organization: Organization | None = ...,
        environments: tuple[Environment, ...] = ...,
        keys: tuple[ApiKey, ...] = ...,
        saved: SaveResult | None = ...,
        scopes: tuple[str, ...] | None = ...,
    ) -> Self: ...
    @property
    def organization(self) -> Organization | None: ...
    @property
    def environments(self) -> tuple[Environment, ...]: ...
    @property
    def keys(self) -> tuple[ApiKey, ...]: ...
    @property
    def saved(self) -> SaveResult | None: ...
    @property
    def scopes(self) -> tuple[str, ...] | None: ...

@final
class PendingLogin(_Result):
    __match_args__: Final = ("url", "deadline", "note")
    def __new__(cls, url: str, deadline: datetime, note: str = ...) -> Self: ...
    @property
    def url(self) -> str: ...
    @property
    def deadline(self) -> datetime: ...
    @property
    def note(self) -> str: ...

@final
class Identity(_Result):
    __match_args__: Final = ("organization", "server", "key", "source", "skipped", "scopes")
    def __new__(
        cls,
        organization: Organization,
        server: str,
        key: ApiKey,
        source: Location,
        skipped: tuple[Location, ...] = ...,
        scopes: tuple[str, ...] | None = ...,
    ) -> Self: ...
    @property
    def organization(self) -> Organization: ...
    @property
    def server(self) -> str: ...
    @property
    def key(self) -> ApiKey: ...
    @property
    def source(self) -> Location: ...
    @property
    def skipped(self) -> tuple[Location, ...]: ...
    @property
    def scopes(self) -> tuple[str, ...] | None: ...

@final
class ServerFacts(_Result):
    __match_args__: Final = ("api_url", "dashboard_url", "scopes", "client_id")
    def __new__(cls, api_url: str, dashboard_url: str | None, scopes: tuple[str, ...], client_id: str) -> Self: ...
    @property
    def api_url(self) -> str: ...
    @property
    def dashboard_url(self) -> str | None: ...
    @property
    def scopes(self) -> tuple[str, ...]: ...
    @property
    def client_id(self) -> str: ...

@final
class Check(_Result):
    __match_args__: Final = ("subject", "outcome", "message", "hint")
    def __new__(cls, subject: CheckSubject, outcome: CheckOutcome, message: str, hint: str | None = ...) -> Self: ...
    @property
    def subject(self) -> CheckSubject: ...
    @property
    def outcome(self) -> CheckOutcome: ...
    @property
    def message(self) -> str: ...
    @property
    def hint(self) -> str | None: ...

@final
class Diagnosis(_Result):
    __match_args__: Final = ("checks",)
    def __new__(cls, checks: tuple[Check, ...] = ...) -> Self: ...
    @property
    def checks(self) -> tuple[Check, ...]: ...

@final
class Credential(_Result):
    __match_args__: Final = ("kind", "environment", "key")
    def __new__(
        cls,
        kind: Literal["secret", "publishable", "dashboard"],
        environment: Environment | None = ...,
        key: ApiKey | None = ...,
    ) -> Self: ...
    @property
    def kind(self) -> Literal["secret", "publishable", "dashboard"]: ...
    @property
    def environment(self) -> Environment | None: ...
    @property
    def key(self) -> ApiKey | None: ...

@disjoint_base
class Event(_Result):
    __match_args__: Final = ("code", "message", "context")
    def __new__(cls, code: EventCode, message: str = ..., context: Mapping[str, str | int] = ...) -> Self: ...
    @property
    def code(self) -> EventCode: ...
    @property
    def message(self) -> str: ...
    @property
    def context(self) -> Mapping[str, Any]: ...

@final
class LoginUrlEvent(Event):
    def __new__(cls, code: EventCode, message: str = ..., context: Mapping[str, str | int] = ...) -> Self: ...
    @property
    def url(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def deadline(self) -> datetime: ...

@final
class BrowserOpenedEvent(Event):
    def __new__(cls, code: EventCode, message: str = ..., context: Mapping[str, str | int] = ...) -> Self: ...
    @property
    def program(self) -> str: ...

@final
class BrowserFailedEvent(Event):
    def __new__(cls, code: EventCode, message: str = ..., context: Mapping[str, str | int] = ...) -> Self: ...

@final
class HintEvent(Event):
    def __new__(cls, code: EventCode, message: str = ..., context: Mapping[str, str | int] = ...) -> Self: ...
    @property
    def port(self) -> int | None: ...
    @property
    def program(self) -> str | None: ...
    @property
    def path(self) -> str | None: ...
    @property
    def server(self) -> str | None: ...
    @property
    def missing_scopes(self) -> str | None: ...
    @property
    def uid(self) -> int | None: ...

@final
class CallbackReceivedEvent(Event):
    def __new__(cls, code: EventCode, message: str = ..., context: Mapping[str, str | int] = ...) -> Self: ...

@final
class KeysReceivedEvent(Event):
    def __new__(cls, code: EventCode, message: str = ..., context: Mapping[str, str | int] = ...) -> Self: ...

@final
class KeysSavedEvent(Event):
    def __new__(cls, code: EventCode, message: str = ..., context: Mapping[str, str | int] = ...) -> Self: ...
    @property
    def path(self) -> str: ...

@final
class RetryingEvent(Event):
    def __new__(cls, code: EventCode, message: str = ..., context: Mapping[str, str | int] = ...) -> Self: ...
    @property
    def attempt(self) -> int: ...
    @property
    def pause(self) -> float: ...

@final
class KeyRejectedEvent(Event):
    def __new__(cls, code: EventCode, message: str = ..., context: Mapping[str, str | int] = ...) -> Self: ...
    @property
    def key(self) -> str: ...
    @property
    def location(self) -> str: ...

@final
class LoginWaitingEvent(Event):
    def __new__(cls, code: EventCode, message: str = ..., context: Mapping[str, str | int] = ...) -> Self: ...
    @property
    def path(self) -> str | None: ...

@final
class RequestRepeatedEvent(Event):
    def __new__(cls, code: EventCode, message: str = ..., context: Mapping[str, str | int] = ...) -> Self: ...
    @property
    def key(self) -> str: ...
    @property
    def location(self) -> str: ...

@final
class RequestRefusedEvent(Event):
    def __new__(cls, code: EventCode, message: str = ..., context: Mapping[str, str | int] = ...) -> Self: ...
    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def refusal(self) -> str: ...
    @property
    def env(self) -> str: ...

@final
class Response(_Result):
    __match_args__: Final = ("status", "headers", "body")
    def __new__(
        cls, status: int, headers: Mapping[str, str] | Iterable[tuple[str, str]] = ..., body: bytes = ...
    ) -> Self: ...
    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...
    @property
    def text(self) -> str: ...
    def json(self) -> Any: ...
    def header(self, name: str) -> str | None: ...
    def header_values(self, name: str) -> list[str]: ...

@final
@type_check_only
class ResolveOptions: ...

@final
@type_check_only
class LoginOptions: ...

@final
@type_check_only
class Call(Generic[_T_co]):
    @property
    def ended(self) -> bool: ...
    def fileno(self) -> int: ...
    def take_events(self) -> list[Event]: ...
    def take_result(self) -> _T_co | None: ...
    def cancel(self) -> None: ...

@final
@type_check_only
class Attempt:
    @property
    def url(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def hint(self) -> str | None: ...
    @property
    def deadline(self) -> datetime: ...
    def submit(self, text: str) -> None: ...
    def submit_line(self, line: str) -> bool: ...
    def cancel(self) -> None: ...
    def begin(self) -> Call[LoginResult]: ...

@final
@type_check_only
class RunningAutumn:
    @property
    def url(self) -> str: ...
    def stop(self) -> None: ...

@final
@type_check_only
class Client:
    def request(
        self,
        host: Host,
        method: str,
        path: str,
        *,
        query: list[tuple[str, str]],
        headers: list[tuple[str, str]],
        body: bytes | None = None,
        content_type: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        retries: int | None = None,
        raise_for_status: bool | None = None,
        has_listener: bool,
    ) -> Call[Response]: ...
    def reauthenticate(self, host: Host, rejected: ApiKey | str, has_listener: bool) -> Call[ResolvedKey]: ...
    def key_after_rejection(
        self, host: Host, method: str, rejected: ApiKey | str, answer: tuple[int, bytes], has_listener: bool
    ) -> Call[tuple[ResolvedKey, ...]]: ...
    def submit(self, text: str) -> None: ...
    def server(self) -> str: ...
    def check_open(self) -> None: ...
    def close(self) -> None: ...

@final
class Concealed(Generic[_T_co]):
    def reveal(self) -> _T_co: ...

def command(name: str, arguments: Sequence[str]) -> Call[int]: ...
def conceal(argument: _T) -> Concealed[_T] | None: ...
def configure(*, login_command: str | None) -> None: ...
def resolve_options(
    host: Host,
    *,
    key: ApiKey | str | None = None,
    environment: Environment | None = None,
    directory: str | None = None,
    boundary: str | None = None,
) -> ResolveOptions: ...
def login_options(
    host: Host,
    *,
    server: str | None = None,
    directory: str | None = None,
    file: EnvFile | None = None,
    login_timeout: float | None = None,
    open_browser: bool = ...,
    force: bool = ...,
    sandbox_only: bool = ...,
    allow_tracked: bool = ...,
    gitignore: Gitignore | None = None,
    organization: str | None = None,
    scopes: Sequence[str] | None = None,
    reads_lines: bool = ...,
) -> LoginOptions: ...
def classify_key(text: str) -> KeyClass | None: ...
def resolve_key(options: ResolveOptions) -> ResolvedKey: ...
def resolve_key_call(options: ResolveOptions) -> Call[ResolvedKey]: ...
def find_key(options: ResolveOptions) -> ResolvedKey | None: ...
def find_key_call(options: ResolveOptions) -> Call[tuple[ResolvedKey, ...]]: ...
def explain_key(options: ResolveOptions) -> tuple[Location, ...]: ...
def explain_key_call(options: ResolveOptions) -> Call[tuple[Location, ...]]: ...
def save_keys(
    host: Host,
    keys: list[ApiKey | str],
    *,
    directory: str | None = None,
    file: EnvFile | None = None,
    allow_tracked: bool = ...,
    gitignore: Gitignore | None = None,
) -> Call[SaveResult]: ...
def logout(
    host: Host, directory: str | None, file: EnvFile | None, environment: Environment | None, server: str | None
) -> Call[LogoutResult]: ...
def server_info(host: Host, *, server: str | None = None) -> ServerFacts: ...
def diagnose(
    host: Host,
    *,
    directory: str | None = None,
    server: str | None = None,
    offline: bool = ...,
    timeout: float | None = None,
) -> Call[Diagnosis]: ...
def login(options: LoginOptions, has_listener: bool) -> Call[LoginResult]: ...
def start_autumn() -> RunningAutumn: ...
def start_login(options: LoginOptions) -> Attempt: ...
def begin_login(options: LoginOptions) -> Call[PendingLogin | LoginResult]: ...
def complete_login(host: Host, text: str, login_timeout: float | None) -> Call[LoginResult]: ...
def system_limit(what: str, number: int) -> AtmnError: ...
def whoami(options: ResolveOptions, *, server: str | None = None, timeout: float | None = None) -> Call[Identity]: ...
def client(
    options: ResolveOptions,
    *,
    server: str | None = None,
    timeout: float | None = None,
    retries: int | None = None,
    response_limit: int | None = None,
    reauth: Reauth | None = None,
    organization: str | None = None,
    login_timeout: float | None = None,
    open_browser: bool = ...,
) -> Client: ...
def read_credential(
    method: str, path: str, authorization: str | None, client_type: str | None, accepts: Accepts
) -> Credential: ...
def refused(key: ApiKey | None, unknown: bool) -> AuthenticationError: ...
def refusal_body(code: ErrorCode, env: str | None) -> dict[str, str]: ...
def refusal_event(code: ErrorCode, env: str | None, method: str, path: str) -> Event: ...
