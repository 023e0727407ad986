"""Operations on keys and files that need no network.

Programs start with :func:`resolve_key`, so this module imports neither ``typing`` nor anything else that is slow.
Annotations are texts for that reason; their names resolve through the package when something evaluates them.
"""

import os

import libatmn
from libatmn import _native
from libatmn._errors import Optional, Union
from libatmn._host import conceal, host, host_for_resolution, text_path
from libatmn._native import ApiKey, KeyClass, Location, LogoutResult, ResolvedKey, SaveResult, ServerFacts
from libatmn._wait import wait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from libatmn._native import Call, Concealed
else:
    from _collections_abc import Iterable


def configure(*, login_command: "Optional[str]" = None) -> None:
    """Set the command that hints name for logging in, such as ``"shop login"``; ``None`` restores the default.

    For programs that have their own login command. It holds for the whole process, from the next error on. Hints are
    then for the users of the program: they name the command, and no function or option.

    Raises :class:`InvalidArgument` if it is empty or has control characters.

    >>> from libatmn import configure
    >>> configure(login_command="shop login")
    >>> configure()
    """
    __tracebackhide__ = True
    login_command = conceal(login_command)
    _native.configure(login_command=login_command)


def classify_key(text: str) -> "Optional[KeyClass]":
    """Return kind and environment of a key, or ``None`` for a text that :class:`ApiKey` would refuse.

    >>> from libatmn import classify_key
    >>> classify_key("am_pk_live_0123456789ab")
    KeyClass(kind='publishable', environment='live')
    >>> classify_key("am_oauth_example") is None
    True
    """
    __tracebackhide__ = True
    text = conceal(text)
    return _native.classify_key(text)


def resolve_key(
    *,
    key: "Union[ApiKey, str, None]" = None,
    environment: "Optional[libatmn.Environment]" = None,
    directory: "Optional[libatmn.StrPath]" = None,
    boundary: "Optional[libatmn.StrPath]" = None,
) -> ResolvedKey:
    """Find the active key.

    The search covers ``key``, the environment variable, the file that ``<VARIABLE>_FILE`` names, then ``.env.local``
    and ``.env`` in ``directory`` (the working directory by default) and in each of its parents, up to ``boundary``:
    ``"filesystem"`` (the default), ``"repository"``, or a directory. The nearest location that has the variable wins.
    An empty value counts as absent.

    Without ``environment``, the key is the one in ``AUTUMN_SECRET_KEY``, sandbox or live. ``"sandbox"`` refuses a live
    key there. ``"live"`` takes ``AUTUMN_PROD_SECRET_KEY``, then ``AUTUMN_SECRET_KEY`` if it holds a live key.

    Raises :class:`ApiKeyError` (``key_not_found``, ``malformed_key``, ``wrong_key_kind``, ``wrong_environment``,
    ``key_file_unreadable``), :class:`FileError` if the system has no memory left to read a file, :class:`AtmnError`
    (``system_limit``) if it has no descriptor, and :class:`InvalidArgument`.

    >>> from libatmn import resolve_key
    >>> found = resolve_key(environment="sandbox")
    >>> print(found.key, "from", found.source)  # masked; found.key.reveal() returns the text
    am_sk_test_…dbox from AUTUMN_SECRET_KEY in …/.env, line 1
    """
    __tracebackhide__ = True
    key, environment, directory, boundary = conceal(key), conceal(environment), conceal(directory), conceal(boundary)
    options = _native.resolve_options(
        host_for_resolution(),
        key=key,
        environment=environment,
        directory=text_path("directory", directory),
        boundary=text_path("boundary", boundary),
    )
    return _native.resolve_key(options)


def find_key(
    *,
    key: "Union[ApiKey, str, None]" = None,
    environment: "Optional[libatmn.Environment]" = None,
    directory: "Optional[libatmn.StrPath]" = None,
    boundary: "Optional[libatmn.StrPath]" = None,
) -> "Optional[ResolvedKey]":
    """Find the active key, as :func:`resolve_key` does; return ``None`` if no location has a key.

    For programs that can do without a key. Raises what :func:`resolve_key` raises, except for ``key_not_found``.

    >>> from libatmn import find_key
    >>> found = find_key()
    >>> print(found.key if found else "No key; billing is off.")
    am_sk_test_…dbox
    """
    __tracebackhide__ = True
    key, environment, directory, boundary = conceal(key), conceal(environment), conceal(directory), conceal(boundary)
    options = _native.resolve_options(
        host_for_resolution(),
        key=key,
        environment=environment,
        directory=text_path("directory", directory),
        boundary=text_path("boundary", boundary),
    )
    return _native.find_key(options)


def secret_key(
    *,
    environment: "Optional[libatmn.Environment]" = None,
    directory: "Optional[libatmn.StrPath]" = None,
    boundary: "Optional[libatmn.StrPath]" = None,
) -> str:
    """Return the text of the active key, for SDKs that call a function for the key before each request.

    They use the new key after a login, without being created again. Autumn's SDK (``pip install autumn-sdk``) reads no
    variable itself; pass the function: ``Autumn(secret_key=libatmn.secret_key)``. For options, use
    ``functools.partial``.

    Raises as :func:`resolve_key`.

    >>> from autumn_sdk import Autumn
    >>> import libatmn
    >>> with Autumn(secret_key=libatmn.secret_key, server_url=libatmn.Client().server) as autumn:
    ...     len(autumn.customers.list().list) > 0
    True
    """
    __tracebackhide__ = True
    environment, directory, boundary = conceal(environment), conceal(directory), conceal(boundary)
    return resolve_key(environment=environment, directory=directory, boundary=boundary).key.reveal()


def load_env(
    *,
    environment: "Optional[libatmn.Environment]" = None,
    directory: "Optional[libatmn.StrPath]" = None,
    boundary: "Optional[libatmn.StrPath]" = None,
) -> ResolvedKey:
    """Find the active key and set ``os.environ["AUTUMN_SECRET_KEY"]`` to it, for code that reads that variable.

    Child processes inherit it. A variable that is already set takes precedence in the search, and so stays as it is;
    with ``environment="live"``, the live key replaces it. This is the only function of libatmn that changes the
    environment. The variable does not follow a login; prefer :func:`secret_key` where an SDK takes a function.

    Raises as :func:`resolve_key`; then the environment is unchanged.

    >>> import os, libatmn
    >>> print(libatmn.load_env().source)
    AUTUMN_SECRET_KEY in …/.env, line 1
    >>> print(libatmn.resolve_key().source)
    AUTUMN_SECRET_KEY in the process environment
    >>> del os.environ["AUTUMN_SECRET_KEY"]
    """
    __tracebackhide__ = True
    environment, directory, boundary = conceal(environment), conceal(directory), conceal(boundary)
    found = resolve_key(environment=environment, directory=directory, boundary=boundary)
    os.environ["AUTUMN_SECRET_KEY"] = found.key.reveal()
    return found


def explain_key(
    *,
    key: "Union[ApiKey, str, None]" = None,
    environment: "Optional[libatmn.Environment]" = None,
    directory: "Optional[libatmn.StrPath]" = None,
    boundary: "Optional[libatmn.StrPath]" = None,
) -> tuple[Location, ...]:
    """List every location that :func:`resolve_key` would search, in order, with its outcome.

    Raises :class:`InvalidArgument`. A location that cannot be used is in the list, with the reason.

    >>> from libatmn import explain_key
    >>> [location.outcome for location in explain_key(boundary=".")]
    ['absent', 'absent', 'absent', 'used']
    """
    __tracebackhide__ = True
    key, environment, directory, boundary = conceal(key), conceal(environment), conceal(directory), conceal(boundary)
    options = _native.resolve_options(
        host_for_resolution(),
        key=key,
        environment=environment,
        directory=text_path("directory", directory),
        boundary=text_path("boundary", boundary),
    )
    return _native.explain_key(options)


def server_info(*, server: "Optional[str]" = None) -> ServerFacts:
    """Return the URLs of a server, the scopes that a login can have, and the OAuth client id, without a request.

    ``server`` is as for :func:`login`. Raises :class:`InvalidArgument`.

    >>> from libatmn import server_info
    >>> server_info(server="cloud").dashboard_url
    'https://app.useautumn.com'
    """
    __tracebackhide__ = True
    server = conceal(server)
    return _native.server_info(host(), server=server)


def save_keys(
    keys: "Iterable[Union[ApiKey, str]]",
    *,
    directory: "Optional[libatmn.StrPath]" = None,
    file: "Optional[libatmn.EnvFile]" = None,
    allow_tracked: bool = False,
    gitignore: "libatmn.Gitignore" = "add",
) -> SaveResult:
    """Save one secret key, or a sandbox and a live key, in ``.env``.

    The file is the one in ``directory``, the working directory by default. ``file`` can name ``".env.local"``; by
    default it is ``.env``, or ``.env.local`` if that has a value for one of the variables, or where git tracks
    ``.env`` and ignores ``.env.local``. The rest of the file stays the same, byte for byte. Both keys are written
    in one step. Only its owner can read a new file, and it is added to ``.gitignore`` first, unless ``gitignore``
    is ``"never"``.

    Raises :class:`InvalidArgument`, :class:`ApiKeyError` (``malformed_key``, ``wrong_key_kind``),
    :class:`FileError` (``env_file_tracked``, ``env_file_unprotected``, unless ``allow_tracked``;
    ``file_untrusted``, ``not_a_file``, ``link_refused``, ``file_unreadable``, ``file_unwritable``, ``disk_full``,
    ``env_file_not_replaceable``, ``file_locked``). After an error, the files are unchanged.

    >>> from libatmn import save_keys
    >>> saved = save_keys(["am_sk_test_0123456789abcdbox"])
    >>> saved.created, saved.locked
    (False, True)
    """
    __tracebackhide__ = True
    keys, directory, file, gitignore = conceal(keys), conceal(directory), conceal(file), conceal(gitignore)
    allow_tracked = conceal(allow_tracked)
    call = save_keys_call(keys, directory=directory, file=file, allow_tracked=allow_tracked, gitignore=gitignore)
    return wait(call, None)


def save_keys_call(
    keys: "Iterable[Union[ApiKey, str]]",
    *,
    directory: "Optional[libatmn.StrPath]",
    file: "Optional[libatmn.EnvFile]",
    allow_tracked: bool,
    gitignore: "libatmn.Gitignore",
) -> "Call[SaveResult]":
    """Start :func:`save_keys`."""
    __tracebackhide__ = True
    keys = concealed_keys(_native.conceal(keys))
    return _native.save_keys(
        host(),
        keys,
        directory=text_path("directory", directory),
        file=file,
        allow_tracked=allow_tracked,
        gitignore=gitignore,
    )


def concealed_keys(keys: "Optional[Concealed[Iterable[Union[ApiKey, str]]]]") -> "list[Union[ApiKey, str]]":
    """Return the keys as a list whose items print nothing."""
    __tracebackhide__ = True
    if keys is not None and isinstance(keys.reveal(), (str, bytes)):
        # A str is an iterable of its characters.
        raise TypeError(f"keys must be a list of keys, not {type(keys.reveal()).__name__}; pass [key]")
    if keys is None or not isinstance(keys.reveal(), Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError("keys must be a list of keys")
    return list(map(conceal, keys.reveal()))


def logout(
    *,
    directory: "Optional[libatmn.StrPath]" = None,
    file: "Optional[libatmn.EnvFile]" = None,
    environment: "Optional[libatmn.Environment]" = None,
    server: "Optional[str]" = None,
) -> LogoutResult:
    """Remove the keys from ``.env.local`` and ``.env`` in ``directory`` (the working directory by default).

    With ``file``, only that file is edited. Without it, a ``.env`` that git tracks, or may track, is left beside
    a ``.env.local``. With ``environment``, only keys of that environment are removed, from either variable. A value
    without a key stays.

    The keys are not revoked: ``note`` says where to do that, on the dashboard of ``server`` (as for :func:`login`). If
    there is nothing to remove, that is not an error.

    Raises :class:`InvalidArgument`, :class:`FileError` as :func:`save_keys`.

    >>> from libatmn import logout
    >>> [location.masked for location in logout().removed]
    ['am_sk_test_…dbox']
    """
    __tracebackhide__ = True
    directory, file, environment, server = conceal(directory), conceal(file), conceal(environment), conceal(server)
    return wait(logout_call(directory, file, environment, server), None)


def logout_call(
    directory: "Optional[libatmn.StrPath]",
    file: "Optional[libatmn.EnvFile]",
    environment: "Optional[libatmn.Environment]",
    server: "Optional[str]",
) -> "Call[LogoutResult]":
    """Start :func:`logout`."""
    __tracebackhide__ = True
    return _native.logout(host(), text_path("directory", directory), file, environment, server)
