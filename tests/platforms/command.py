"""Tests the command of a platform: it checks a key, serves a local Autumn, logs in to it, calls it, and logs out.

Usage: command.py PROGRAM [RUNNER…]
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))
from local_autumn import local_autumn

program, *runner = os.path.abspath(sys.argv[1]), *sys.argv[2:]
atmn = [*runner, program]


def run(arguments, project, variables, text=""):
    """Run the command; return its output, and fail with it if the command fails."""
    done = subprocess.run(
        [*atmn, *arguments], cwd=project, env=variables, input=text, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        sys.exit(f"atmn {' '.join(arguments)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def login(autumn, project, variables):
    """Log in as a user does, with the URL that the command prints."""
    arguments = [*atmn, "login", "--headless"]
    with subprocess.Popen(
        arguments, cwd=project, env=variables, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        output, approved = "", False
        for line in process.stderr:
            output += line
            # Once: Wine's browser may print the URL too.
            if not approved and (found := re.search(r"https?://\S+/authorize\S+", line)):
                approved = True
                if "Night Library" not in autumn.approve(found[0]):
                    sys.exit("the browser does not show the organization")
        if process.wait() != 0:
            sys.exit(f"atmn login: exit code {process.returncode}\n{output}")


def main():
    """Run all steps."""
    unset = ("AUTUMN_SECRET_KEY", "AUTUMN_PROD_SECRET_KEY", "ATMN_BACKEND_URL")
    variables = {name: value for name, value in os.environ.items() if name not in unset}
    print(run(["--version"], "/", variables).strip())
    with tempfile.TemporaryDirectory() as project, local_autumn(atmn) as autumn:
        variables |= {"ATMN_BACKEND_URL": autumn.url, "XDG_STATE_HOME": f"{project}/state"}
        run(["key", "--check"], project, variables, "am_sk_test_0123456789ab\n")
        login(autumn, project, variables)
        key = re.search(r"^AUTUMN_SECRET_KEY=(am_sk_test_\w+)", Path(project, ".env").read_text(), re.MULTILINE)[1]
        assert run(["key"], project, variables).strip() == key
        assert "Night Library" in run(["env"], project, variables)
        assert '"list"' in run(["api", "/v1/customers"], project, variables)
        run(["logout"], project, variables)
        assert key not in Path(project, ".env").read_text()
    print("key check, login, key, env, api, logout")


main()
