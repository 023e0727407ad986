"""Asking Autumn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional, Union

from libatmn import _native
from libatmn._waiting import wait

if TYPE_CHECKING:
    from libatmn._native import ApiKey
    from libatmn._types import Environment, Identity, Path


def whoami(
    *,
    server: Optional[str] = None,
    key: Union[ApiKey, str, None] = None,
    environment: Optional[Environment] = None,
    directory: Optional[Path] = None,
    boundary: Optional[Path] = None,
    timeout: Optional[float] = None,
) -> Identity:
    """Find the key in force, as :func:`resolve_key` does, and ask the server whose it is: one request, not repeated.

    ``server`` is as for :func:`login`; ``timeout`` is in seconds, 30 unless set.

    Raises what :func:`resolve_key` raises; :class:`ApiError` (``unauthorized``, ``api_error``),
    :class:`AuthenticationError` (``invalid_secret_key``, ``endpoint_not_public``) or another :class:`RequestError`.

    >>> from libatmn import whoami
    >>> print(whoami().organization.slug)
    night-library
    """
    options = _native.ResolveOptions(key=key, environment=environment, directory=directory, boundary=boundary)
    return wait(_native.whoami(options, server, timeout), None)
