"""Keys and files: operations that need no network, and what they return.

Nothing in here loads more than it must, since finding a key is what programs start with: hence the quotes.
"""

from libatmn import _native
from libatmn._native import ApiKey
from libatmn._record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Optional, Union

    from libatmn._types import Environment, Git, Gitignore, KeyKind, Origin, Outcome, StrPath


class KeyClass(Record):
    """What a key is, told from its text alone."""

    kind: "KeyKind"
    environment: "Environment"


class Location(Record, unshown="text"):
    """A place where a key is, was, or could have been. ``str()`` is ready to print.

    ``variable`` is ``None`` for an argument and for a file that could not be read; ``line`` counts from 1; ``masked``
    is the key it holds, masked; ``reason`` says why it was refused or skipped and completes "it …".
    """

    origin: "Origin"
    variable: "Optional[str]"
    path: "Optional[str]"
    line: "Optional[int]"
    outcome: "Outcome"
    masked: "Optional[str]"
    reason: "Optional[str]"
    text: str

    def __str__(self) -> str:
        return self.text


class ResolvedKey(Record):
    """A key, the place that it came from, and the places that were passed over although they may hold one."""

    key: ApiKey
    source: Location
    skipped: tuple[Location, ...]


class SaveResult(Record):
    """What was saved.

    ``path`` is the file that holds the keys now (behind a link); ``git`` what git thinks of it; ``replaced`` the keys
    that stood there before, masked; ``shadowed_by`` the nearer places whose keys come before the saved ones; ``locked``
    tells whether other processes were kept out meanwhile.
    """

    path: str
    created: bool
    git: "Git"
    replaced: tuple[Location, ...]
    shadowed_by: tuple[Location, ...]
    locked: bool


class LogoutResult(Record):
    """What was taken out of ``path``, and what is left.

    ``remaining`` lists every place that still holds a key, from the nearest on; ``note``, ready to print, says that
    keys are not revoked, and where to do that.
    """

    path: str
    removed: tuple[Location, ...]
    remaining: tuple[Location, ...]
    note: str
    locked: bool


def classify_key(text: str) -> "Optional[KeyClass]":
    """Tell kind and environment of a key, or ``None`` for any text that :class:`ApiKey` would not accept.

    >>> from libatmn import classify_key
    >>> classify_key("am_pk_live_example")
    KeyClass(kind='publishable', environment='live')
    >>> classify_key("am_oauth_example") is None
    True
    """
    return _native.classify_key(text)


def resolve_key(
    *,
    key: "Union[ApiKey, str, None]" = None,
    environment: "Optional[Environment]" = None,
    directory: "Optional[StrPath]" = None,
    boundary: "Optional[StrPath]" = None,
) -> ResolvedKey:
    """Find the key in force.

    Looked at are ``key``, the process variable, the file that ``<VARIABLE>_FILE`` names, then ``.env.local`` and
    ``.env`` in ``directory`` (by default the current one) and each of its parents, up to ``boundary``:
    ``"filesystem"`` (the default), ``"repository"``, or a directory. The nearest place that has the variable wins; an
    empty value counts as absent.

    Without ``environment``, it is whatever ``AUTUMN_SECRET_KEY`` holds. ``"sandbox"`` refuses a live key in it.
    ``"live"`` takes ``AUTUMN_PROD_SECRET_KEY``, then ``AUTUMN_SECRET_KEY`` if it holds a live key.

    Raises :class:`ApiKeyError` (``key_not_found``, ``malformed_key``, ``wrong_key_kind``, ``wrong_environment``,
    ``key_file_unreadable``), :class:`InvalidArgument`.

    >>> from libatmn import resolve_key
    >>> found = resolve_key(environment="sandbox")
    >>> print(found.key, "from", found.source)  # masked; found.key.reveal() is the text
    am_sk_test_…dbox from AUTUMN_SECRET_KEY in …/.env, line 1
    """
    options = _native.resolve_options(key=key, environment=environment, directory=directory, boundary=boundary)
    return _native.resolve_key(options)


def explain_key(
    *,
    key: "Union[ApiKey, str, None]" = None,
    environment: "Optional[Environment]" = None,
    directory: "Optional[StrPath]" = None,
    boundary: "Optional[StrPath]" = None,
) -> tuple[Location, ...]:
    """List every place that :func:`resolve_key` would look at, in its order, with what became of it.

    Raises :class:`InvalidArgument`; whatever is wrong with a place is said by the place.

    >>> from libatmn import explain_key
    >>> [place.outcome for place in explain_key(boundary=".")]
    ['absent', 'absent', 'absent', 'used']
    """
    options = _native.resolve_options(key=key, environment=environment, directory=directory, boundary=boundary)
    return _native.explain_key(options)


def save_keys(
    keys: "Iterable[Union[ApiKey, str]]",
    *,
    directory: "Optional[StrPath]" = None,
    allow_tracked: bool = False,
    gitignore: "Gitignore" = "add",
) -> SaveResult:
    """Save one secret key, or a sandbox and a live key, in the ``.env`` of ``directory`` (by default the current one).

    All else in the file stays byte for byte. Both keys are written in one step. A file that is created belongs to its
    owner only, and is put into ``.gitignore`` first, unless ``gitignore`` is ``"never"``.

    Raises :class:`InvalidArgument`, :class:`ApiKeyError` (``malformed_key``, ``wrong_key_kind``), :class:`FileError`
    (``env_file_tracked``, unless ``allow_tracked``; ``file_untrusted``, ``not_a_file``, ``link_refused``,
    ``file_unreadable``, ``file_unwritable``, ``disk_full``, ``env_file_not_replaceable``, ``file_locked``); then the
    files are as they were.

    >>> from libatmn import save_keys
    >>> saved = save_keys(["am_sk_test_0123456789abcdbox"])
    >>> saved.created, saved.locked
    (False, True)
    """
    if isinstance(keys, str):
        # Its characters would be taken for keys.
        raise TypeError("keys must be several, such as a list; one key goes into [...]")
    return _native.save_keys(keys, directory=directory, allow_tracked=allow_tracked, gitignore=gitignore)


def logout(*, directory: "Optional[StrPath]" = None, server: "Optional[str]" = None) -> LogoutResult:
    """Remove both keys from the ``.env`` of ``directory`` (by default the current one), and of that directory only.

    Keys are not revoked: ``note`` says where to do that, on the dashboard of ``server`` (as for :func:`login`). Nothing
    to remove is success.

    Raises :class:`InvalidArgument`, :class:`FileError` as :func:`save_keys`.

    >>> from libatmn import logout
    >>> [place.masked for place in logout().removed]
    ['am_sk_test_…dbox']
    """
    return _native.logout(directory, server)
