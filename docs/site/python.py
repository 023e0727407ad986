"""Writes the Python reference with pdoc.

python.py FOLDER        in which `import libatmn` finds the built package
"""

import sys
from pathlib import Path

import libatmn
import pdoc
import pdoc.render
from pdoc.doc import Class, Doc, Module

NAMES = ["libatmn", *(f"libatmn.{name}" for name in ("aio", "httpx", "middleware", "requests", "settings", "testing"))]


def is_private(origin: tuple[str, str]) -> bool:
    """Whether members come from a base class that users do not see, so that they belong to the class itself."""
    module, name = origin
    return module.startswith("libatmn._") and name not in libatmn.__all__


def own_members(self: Class) -> list[Doc]:
    """The members of a class, and those of its private base classes."""
    own = (self.modulename, self.qualname), self.taken_from
    groups = self._members_by_origin.items()
    return [member for origin, members in groups if origin in own or is_private(origin) for member in members]


def inherited_members(self: Class) -> dict[tuple[str, str], list[Doc]]:
    """The other members, by the class that has them."""
    own = (self.modulename, self.qualname), self.taken_from
    groups = self._members_by_origin.items()
    return {origin: members for origin, members in groups if origin not in own and not is_private(origin)}


def submodules(self: Module) -> list[Module]:
    """The modules that users import, also those that need another package."""
    return [Module.from_name(name) for name in NAMES[1:]] if self.modulename == "libatmn" else []


Class.own_members = property(own_members)
Class.inherited_members = property(inherited_members)
Module.submodules = property(submodules)
pdoc.render.configure(docformat="google", show_source=False)
pdoc.pdoc(*NAMES, output_directory=Path(sys.argv[1]))
