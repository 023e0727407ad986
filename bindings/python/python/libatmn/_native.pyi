"""The native half. Private, except for ``ApiKey``."""

from collections.abc import Iterable
from datetime import datetime
from typing import Generic, NoReturn, SupportsIndex, TypeVar, final, type_check_only

from libatmn._authenticate import Accepts
from libatmn._errors import AuthenticationError
from libatmn._keys import KeyClass, LogoutResult, Location, ResolvedKey, SaveResult
from libatmn._types import (
    Credential,
    Environment,
    ErrorCode,
    Event,
    Gitignore,
    Identity,
    KeyKind,
    LoginResult,
    OnEvent,
    StrPath,
    PendingLogin,
    Reauth,
    Response,
)

__all__ = [
    "ApiKey",
    "__version__",
    "begin_login",
    "classify_key",
    "client",
    "complete_login",
    "explain_key",
    "login",
    "login_options",
    "logout",
    "read_credential",
    "refusal_body",
    "refusal_event",
    "refused",
    "resolve_key",
    "resolve_options",
    "save_keys",
    "start_login",
    "whoami",
]

_T_co = TypeVar("_T_co", covariant=True)

__version__: str

@final
class ApiKey:
    """An Autumn API key; any other text is ``malformed_key``.

    It shows itself masked everywhere, in ``str()``, ``repr()`` and ``format()``; the text comes from :meth:`reveal`
    only. The mask is not Latin-1, so that a masked key put into a header fails at once. Keys cannot be pickled.

    >>> from libatmn import ApiKey
    >>> key = ApiKey("am_sk_test_0123456789abcdef")
    >>> key, key.kind, key.environment
    (ApiKey('am_sk_test_…cdef'), 'secret', 'sandbox')
    >>> key.reveal()
    'am_sk_test_0123456789abcdef'
    """

    def __new__(cls, text: str) -> ApiKey: ...
    @property
    def kind(self) -> KeyKind: ...
    @property
    def environment(self) -> Environment: ...
    def reveal(self) -> str: ...
    def __format__(self, spec: str, /) -> str: ...
    def __reduce_ex__(self, protocol: SupportsIndex, /) -> NoReturn: ...
    def __copy__(self) -> ApiKey: ...
    def __deepcopy__(self, memo: object, /) -> ApiKey: ...

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
    def step(self, seconds: float, on_event: OnEvent | None) -> _T_co | None: ...
    def join(self, seconds: float) -> bool: ...
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
    def cancel(self) -> None: ...
    def begin(self) -> Call[LoginResult]: ...

@final
@type_check_only
class Client:
    def request(
        self,
        method: str,
        path: str,
        *,
        query: list[tuple[str, str]],
        headers: list[tuple[str, str]],
        body: bytes | None,
        content_type: str | None,
        idempotency_key: str | None,
        attended: bool,
    ) -> Call[Response]: ...
    def reauthenticate(self, rejected: ApiKey | str, attended: bool) -> Call[ResolvedKey]: ...
    def submit(self, text: str) -> None: ...

def resolve_options(
    *,
    key: ApiKey | str | None,
    environment: Environment | None,
    directory: StrPath | None,
    boundary: StrPath | None,
) -> ResolveOptions: ...
def login_options(
    *,
    server: str | None,
    directory: StrPath | None,
    login_timeout: float | None,
    open_browser: bool,
    force: bool,
    sandbox_only: bool,
    allow_tracked: bool,
    gitignore: Gitignore | None,
    organization: str | None,
) -> LoginOptions: ...
def classify_key(text: str) -> KeyClass | None: ...
def resolve_key(options: ResolveOptions) -> ResolvedKey: ...
def explain_key(options: ResolveOptions) -> tuple[Location, ...]: ...
def save_keys(
    keys: Iterable[ApiKey | str], *, directory: StrPath | None, allow_tracked: bool, gitignore: Gitignore | None
) -> SaveResult: ...
def logout(directory: StrPath | None, server: str | None) -> LogoutResult: ...
def login(options: LoginOptions, attended: bool) -> Call[LoginResult]: ...
def start_login(options: LoginOptions) -> Attempt: ...
def begin_login(options: LoginOptions) -> PendingLogin: ...
def complete_login(text: str, login_timeout: float | None) -> Call[LoginResult]: ...
def whoami(options: ResolveOptions, server: str | None, timeout: float | None) -> Call[Identity]: ...
def client(
    options: ResolveOptions,
    *,
    server: str | None,
    timeout: float | None,
    response_limit: int | None,
    reauth: Reauth | None,
    organization: str | None,
    login_timeout: float | None,
    open_browser: bool,
) -> Client: ...
def read_credential(
    method: str, path: str, authorization: str | None, client_type: str | None, accepts: Accepts
) -> Credential: ...
def refused(key: ApiKey | None, unknown: bool) -> AuthenticationError: ...
def refusal_body(code: ErrorCode, env: str | None) -> dict[str, str]: ...
def refusal_event(code: ErrorCode, env: str | None, method: str, path: str) -> Event: ...
