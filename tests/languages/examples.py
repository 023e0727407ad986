"""Builds and runs the programs of examples/other, each with a key, without one, and with one that the server rejects.

Usage: examples.py ATMN [LANGUAGE…]
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.append(str(TOP / "tests/support"))
from local_autumn import local_autumn

SOURCES = TOP / "examples/other"
BUILD = TOP / "build/languages"
LIBRARY = BUILD / "prefix/lib"
JNA = "/usr/share/java/jna.jar"
ZIG = [str(TOP / "bindings/c/.venv/bin/python"), "-m", "ziglang"]
FLAGS = "$(pkg-config --cflags --libs atmn)"
# For each language: a command that builds the program in BUILD, and the words that run it.
LANGUAGES = {
    "cpp": (f"c++ -std=c++17 -Wall -Wextra -Werror cpp/customers.cc -o {BUILD}/cpp {FLAGS}", [f"{BUILD}/cpp"]),
    "csharp": (f"mcs -warnaserror -out:{BUILD}/Customers.exe csharp/Customers.cs", ["mono", f"{BUILD}/Customers.exe"]),
    "go": (f"cd go && go vet . && go build -o {BUILD}/go.exe customers.go", [f"{BUILD}/go.exe"]),
    "java": (
        f"javac -Xlint:all -Werror -cp {JNA} -d {BUILD}/java java/Customers.java",
        ["java", f"-Djna.library.path={LIBRARY}", "-cp", f"{JNA}:{BUILD}/java", "Customers"],
    ),
    "lua": ("true", ["luajit", str(SOURCES / "lua/customers.lua")]),
    "php": ("php -l php/customers.php", ["php", "-d", "ffi.enable=1", str(SOURCES / "php/customers.php")]),
    "ruby": ("ruby -wc ruby/customers.rb", ["ruby", "-w", str(SOURCES / "ruby/customers.rb")]),
    "zig": (
        f"{' '.join(ZIG)} translate-c -lc -I{BUILD}/prefix/include zig/c.h >{BUILD}/c.zig && {' '.join(ZIG)} build-exe"
        f" --dep c -Mroot=zig/customers.zig -Mc={BUILD}/c.zig -lc -femit-bin={BUILD}/zig.exe -L{LIBRARY} -latmn",
        [f"{BUILD}/zig.exe"],
    ),
}


def environment(**others):
    """Return the variables of a program, without the keys of the caller."""
    kept = {name: value for name, value in os.environ.items() if not re.match("AUTUMN_|ATMN_", name)}
    # `cc` puts no path of a library into a program. Users set a path or install in a system directory.
    paths = {"LD_LIBRARY_PATH": str(LIBRARY), "PKG_CONFIG_PATH": f"{LIBRARY}/pkgconfig", "LIBATMN": f"{LIBRARY}/libatmn.so.0"}
    locale = {"LC_ALL": "C.UTF-8", "GOCACHE": f"{BUILD}/go-cache", "GOFLAGS": "-mod=mod"}
    return {**kept, **paths, **locale, **others}


def run(words, project, url):
    """Run a program in a project."""
    variables = environment(ATMN_BACKEND_URL=url, XDG_STATE_HOME=f"{project}/state", HOME=str(project))
    return subprocess.run(words, cwd=project, env=variables, capture_output=True, text=True, check=False)


def check(language, autumn):
    """Build and run one program."""
    build, words = LANGUAGES[language]
    subprocess.run(["sh", "-euc", build], cwd=SOURCES, env=environment(), check=True)
    with tempfile.TemporaryDirectory() as project:
        without = run(words, project, autumn.url)
        assert without.returncode == 1 and "No API key found" in without.stderr, without
        key = autumn.key()
        Path(project, ".env").write_text(f"AUTUMN_SECRET_KEY={key}\n", encoding="utf-8")
        done = run(words, project, autumn.url)
        masked = f"am_sk_test_…{key[-4:]} from AUTUMN_SECRET_KEY in {Path(project).resolve()}/.env"
        assert done.returncode == 0 and done.stdout.startswith(masked), done
        assert '\n200 {' in done.stdout and '"list":[' in done.stdout and key not in done.stdout + done.stderr, done
        Path(project, ".env").write_text("AUTUMN_SECRET_KEY=am_sk_test_unknown0key\n", encoding="utf-8")
        rejected = run(words, project, autumn.url)
        assert rejected.returncode == 1 and "The server rejected the key am_sk_test_…0key" in rejected.stderr, rejected
    print(f"{language}: works", flush=True)


def main():
    """Run all programs, or those that are named."""
    atmn, *chosen = sys.argv[1:]
    with local_autumn([atmn]) as autumn:
        for language in chosen or LANGUAGES:
            check(language, autumn)
    print(f"{len(chosen or LANGUAGES)} passed, 0 failed")


main()
