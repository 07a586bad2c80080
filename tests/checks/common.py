# SPDX-License-Identifier: Apache-2.0
"""What the house lints share: the project's files and the way they report."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]).resolve()

CPP = {".cpp", ".hpp", ".h", ".c"}
WEB = {".ts", ".tsx"}


def files(suffixes=None, under=""):
    """The files that git knows, as paths relative to the project; without git, all of them."""
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], capture_output=True)
    if listed.returncode == 0 and listed.stdout:
        names = [pathlib.PurePosixPath(n) for n in listed.stdout.decode().split("\0") if n]
    else:
        names = [pathlib.PurePosixPath(p.relative_to(ROOT)) for p in ROOT.rglob("*") if p.is_file()]
    return [n for n in sorted(names)
            if (ROOT / n).is_file() and str(n).startswith(under) and (suffixes is None or n.suffix in suffixes)]


def text(name):
    return (ROOT / name).read_text(encoding="utf-8", errors="replace")


def without_comments(source):
    """The source with comments blanked out; line numbers stay, strings stay."""
    def blank(match):
        return match[1] if match[1] else re.sub(r"[^\n]", " ", match[0])
    return re.sub(r'(R"(\w*)\((?:.|\n)*?\)\2"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\')|//[^\n]*|/\*(?:.|\n)*?\*/',
                  blank, source)


def line_of(source, offset):
    return source.count("\n", 0, offset) + 1


def report(faults, seen):
    """Prints every fault and ends the program. `seen`: how many things were looked at; 0 is a fault in itself."""
    for fault in faults:
        print(fault)
    if not seen:
        print("nothing was found to check")
    print(f"{seen} checked, {len(faults)} wrong")
    sys.exit(1 if faults or not seen else 0)
