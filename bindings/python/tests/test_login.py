"""Logging in, against a real Autumn and a real callback port."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libatmn
from autumn import Autumn

if TYPE_CHECKING:
    from pathlib import Path


def test_login_saves_both_keys(autumn: Autumn, project: Path) -> None:
    browser = autumn.browser()
    done = libatmn.login(on_event=browser)
    assert browser.codes[0] == "login_url"
    assert done.organization is not None
    assert (done.organization.slug, done.environments) == ("night-library", ("sandbox", "live"))
    assert done.saved is not None
    assert done.saved.path == str(project / ".env")
    written = (project / ".env").read_text()
    assert written == "".join(
        f"{name}={key.reveal()}\n" for name, key in zip(("AUTUMN_SECRET_KEY", "AUTUMN_PROD_SECRET_KEY"), done.keys)
    )
    assert libatmn.whoami().organization == done.organization
