"""The reference of the command, from its man pages in bindings/shell/man."""

import re
from pathlib import Path

ESCAPES = {r"\-": "-", r"\*(Aq": "'", r"\(aq": "'", r"\(bu": "•", r"\e": "\\", r"\&": ""}


def inline(line: str) -> str:
    """A line of text, with bold as code and italics without a mark."""
    for mark, text in ESCAPES.items():
        line = line.replace(mark, text)
    line = re.sub(r"\\fI(.*?)\\f[RP]", r"\1", line)
    return re.sub(r"\\fB(.*?)\\f[RP]", r"`\1`", line)


def code(line: str) -> str:
    """A line of text without marks, for code."""
    return inline(line).replace("`", "")


def escaped(text: str) -> str:
    """A text in which `<` is no tag."""
    return "".join(part if part.startswith("`") else part.replace("<", "&lt;") for part in re.split(r"(`[^`]*`)", text))


def markdown(page: str) -> tuple[str, str]:
    """The name of a man page, and its text as Markdown."""
    title, lines, section, tag = "", [], "", False
    for line in page.splitlines():
        macro, _, rest = line.partition(" ")
        if macro == ".SH":
            section = rest.strip('"')
            lines.append("" if section == "NAME" else f"## {section.capitalize()}")
        elif macro == ".TP":
            tag = True
        elif macro == ".PP":
            lines.append("")
        elif line.startswith((".", "'")):
            continue
        elif section == "NAME":
            name, _, about = inline(line).partition(" - ")
            title = name.replace("-", " ")
            lines.append(about + ".")
        elif section == "SYNOPSIS":
            lines.append(f"```text\n{code(line)}\n```")
        elif tag:
            tag = False
            lines.append(f"**{code(line)}**" if "(1)" in line else f"`{code(line)}`")
            lines[-1] = f"- {lines[-1]}: "
        elif lines and lines[-1].endswith(": "):
            lines[-1] += escaped(inline(line))
        elif inline(line) + "." not in lines:  # The description repeats the name's.
            lines.append(escaped(inline(line)))
    text = "\n\n".join(part for part in lines if part)
    text = re.sub(r"(?m)^(- .*)\n\n(?=- )", r"\1\n", text)
    return title, f"# {title}\n\n{text}\n"


def manual(folder: Path) -> dict[str, tuple[str, str]]:
    """The pages by their paths in the folder `reference`: title and text. The first one is that of `atmn`."""
    pages = {}
    for path in sorted(folder.glob("*.1"), key=lambda path: path.stem):
        title, text = markdown(path.read_text())
        text = re.sub(r"\*\*atmn-([\w]+)\(1\)\*\*", r"[`atmn \1`](commands/atmn-\1.md)", text)
        pages["commands.md" if path.stem == "atmn" else f"commands/{path.stem}.md"] = (title, text)
    return pages
