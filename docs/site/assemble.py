"""Writes what mdBook reads: the pages, their contents, and the manuals of the C library and the command."""

import re
import shutil
import sys
from pathlib import Path

import header
import manual
import pages


def references(source: Path) -> dict[str, list[tuple[str, str]]]:
    """Writes the manuals, and returns the pages below each."""
    functions = header.manual((pages.ROOT / "include/atmn.h").read_text())
    commands = manual.manual(pages.ROOT / "bindings/shell/man")
    for path, text in functions.items():
        pages.write(source, f"reference/{path}", text)
    for path, (_, text) in commands.items():
        pages.write(source, f"reference/{path}", text)
    titles = {path: re.match("# (.+)", text)[1] for path, text in functions.items()}
    below = [(title, f"reference/{path}") for path, title in titles.items() if path != "c.md"]
    names = [(title, f"reference/{path}") for path, (title, _) in commands.items() if path != "commands.md"]
    return {"reference/c.md": below, "reference/commands.md": names}


def markdown(work: Path, site: Path) -> None:
    """Copies each page beside its HTML, for llms.txt."""
    for path in (work / "src").rglob("*.md"):
        copied = site / path.relative_to(work / "src")
        if path.name != "SUMMARY.md":
            shutil.copyfile(path, copied)


def main() -> None:
    """Before mdBook with the folder of its sources, after it also with that of the site."""
    work, *site = map(Path, sys.argv[1:])
    if site:
        markdown(work, site[0])
        pages.llms(site[0])
        return
    source = work / "src"
    pages.copy(source)
    pages.stubs(source)
    pages.write(source, "SUMMARY.md", pages.summary(references(source)))


if __name__ == "__main__":
    main()
