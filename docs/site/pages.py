"""The pages of the site. The tables of docs/README.md list them; nothing else does.

The pages keep their places of the repository, so that a relative link is right in both. A link to a file that is no
page leads to the reference that is made from it, or becomes plain text.
"""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INDEX = "docs/README.md"
# Sources, and where the site has what is made from them.
REFERENCES = {
    "bindings/shell/man": "reference/commands.md",
    "include/atmn.h": "reference/c.md",
    "bindings/node/index.d.ts": "reference/typescript/index.html",
    "bindings/python/python/libatmn": "reference/python/libatmn.html",
    "core/src/lib.rs": "reference/rust/libatmn/index.html",
}
ROW = re.compile(r"\| \[(?P<title>[^]]+)\]\((?P<target>[^)]+)\) \| (?P<about>.+) \|")
# A link or a picture in prose, a definition of a link, and a picture in HTML.
INLINE = re.compile(r"(?P<before>!?)\[(?P<text>(?:[^][]|\[[^]]*\])*)\]\((?P<target>[^)\s]+)\)")
DEFINED = re.compile(r"\[(?P<text>[^][]+)\]\[(?P<label>[^][]+)\]")
DEFINITION = re.compile(r"^\[(?P<label>[^]]+)\]: (?P<target>\S+)$", re.MULTILINE)


@dataclass
class Page:
    """A row of the tables."""

    title: str
    source: str
    about: str

    @property
    def path(self) -> str:
        """Where the site has it."""
        return REFERENCES.get(self.source, self.source)

    @property
    def chapter(self) -> str:
        """The page in the contents. For a reference of another tool it is one that leads there."""
        return self.path if self.path.endswith(".md") else "/".join(self.path.split("/")[:2]) + ".md"


def sections() -> dict[str, list[Page]]:
    """The pages by section, in the order of the tables."""
    found: dict[str, list[Page]] = {}
    for line in (ROOT / INDEX).read_text().splitlines():
        if line.startswith("## "):
            pages = found.setdefault(line[3:], [])
        elif row := ROW.fullmatch(line):
            pages.append(Page(row["title"], resolved(INDEX, row["target"]), row["about"]))
    return found


def resolved(page: str, target: str) -> str:
    """The path of a link's target from the top of the repository."""
    return (ROOT / page).parent.joinpath(target).resolve().relative_to(ROOT).as_posix()


def relative(page: str, path: str) -> str:
    """A link from a page to a path of the site."""
    return "../" * page.count("/") + path


class Links:
    """Changes the links of a page for the site."""

    def __init__(self, page: str, known: set[str]) -> None:
        self.page = page
        self.known = known

    def target(self, link: str) -> str | None:
        """The target for the site, or None if the site does not have it."""
        path, anchor = link.partition("#")[::2]
        if "://" in link or not path:
            return link
        source = resolved(self.page, path)
        if source in REFERENCES:
            return relative(self.page, REFERENCES[source])
        if source in self.known:
            named = re.sub(r"README\.md$", "index.html", source)
            return relative(self.page, named) + ("#" + anchor if anchor else "")
        return link if source.startswith("docs/pictures/") else None

    def prose(self, text: str) -> str:
        """A part of a page that is no code."""
        defined = {match["label"]: self.target(match["target"]) for match in DEFINITION.finditer(text)}
        text = INLINE.sub(self.inline, text)
        text = DEFINED.sub(lambda match: match[0] if defined.get(match["label"], True) else match["text"], text)
        return DEFINITION.sub(
            lambda match: f"[{match['label']}]: {defined[match['label']]}" if defined[match["label"]] else "", text
        )

    def inline(self, match: re.Match[str]) -> str:
        """A link, or its text."""
        target = self.target(match["target"])
        text = INLINE.sub(self.inline, match["text"])
        return f"{match['before']}[{text}]({target})" if target else text

    def page_for_site(self, text: str) -> str:
        """A whole page."""
        parts = re.split(r"(^```.*?^```$)", text, flags=re.MULTILINE | re.DOTALL)
        return "".join(part if part.startswith("```") else self.prose(part) for part in parts)


def write(folder: Path, path: str, text: str) -> None:
    """Writes a page of the site."""
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text)


def copy(folder: Path) -> None:
    """Writes the pages that the repository has, and the pictures."""
    pages = [page for section in sections().values() for page in section if page.path.endswith(".md")]
    known = {page.source for page in pages} | {INDEX}
    for source in known - set(REFERENCES):
        write(folder, source, Links(source, known).page_for_site((ROOT / source).read_text()))
    shutil.copytree(ROOT / "docs/pictures", folder / "docs/pictures", ignore=shutil.ignore_patterns("draw"))


def summary(children: dict[str, list[tuple[str, str]]]) -> str:
    """The contents of the site for mdBook. `children` has the pages below a page."""
    lines = ["# Contents"]
    for section, pages in sections().items():
        lines += ["", f"# {section}", ""]
        for page in pages:
            lines.append(f"- [{page.title}]({page.chapter})")
            lines += [f"  - [{title}]({path})" for title, path in children.get(page.path, [])]
    lines += ["", "---", "", f"[All pages]({INDEX})"]
    return "\n".join(lines) + "\n"


def stubs(folder: Path) -> None:
    """Pages for the references that other tools write."""
    for page in (page for section in sections().values() for page in section if page.path != page.chapter):
        link = page.path.removeprefix("reference/")
        write(folder, page.chapter, f"# {page.title}\n\n[**Open the reference**]({link}): {page.about}.\n")


def llms(site: Path) -> None:
    """llms.txt, an index for programs that read, and llms-full.txt with all pages."""
    lead = (ROOT / "README.md").read_text().split("\n\n")[1].replace("\n", " ")
    index, full = [f"# libatmn\n\n> {lead}\n"], []
    for section, pages in sections().items():
        rows = [f"- [{page.title}]({page.path}): {page.about}" for page in pages]
        index.append(f"## {section}\n\n" + "\n".join(rows) + "\n")
        sources = [ROOT / page.source for page in pages if page.source.endswith(".md")]
        full += [f"<!-- {path.relative_to(ROOT)} -->\n\n{path.read_text()}" for path in sources]
    (site / "llms.txt").write_text("\n".join(index))
    (site / "llms-full.txt").write_text("\n".join(full))
