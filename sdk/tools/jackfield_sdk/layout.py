# SPDX-License-Identifier: Apache-2.0
"""Where the installed SDK keeps its parts."""
import json
import pathlib

DATA = pathlib.Path(__file__).resolve().parents[2]  # share/jackfield-sdk
PREFIX = DATA.parents[1]
PROGRAMS = PREFIX / "libexec/jackfield-sdk"
HEADERS = PREFIX / "include/jackfield"
SCHEMAS = DATA / "schemas"
TEMPLATES = DATA / "templates"


class Fault(Exception):
    """One sentence that says what is wrong and what to do. Ends the command with exit code 1."""


def read_json(path):
    try:
        return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise Fault(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise Fault(f"{path} is not JSON: {error}") from error


def read_json_lines(path):
    """The documents of a file that holds one a line; empty lines and lines that begin with # are passed over."""
    out = []
    try:
        lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise Fault(f"{path} cannot be read: {error.strerror}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            out.append(json.loads(line))
        except ValueError as error:
            raise Fault(f"{path}:{number} is not JSON: {error}") from error
    return out


def messages_of(capability):
    """x-messages of the schema of "directory/1" and its definitions; None where the SDK has no such schema."""
    path = SCHEMAS / (capability.replace("/", "-") + ".json")
    if not path.exists():
        return None
    document = read_json(path)
    return document["x-messages"], document["definitions"]


def schema_of(name, part):
    """The schema of the "body" or "reply" of a message such as "directory/1.sync"; None where there is none."""
    known = messages_of(name.rpartition(".")[0])
    if not known or part not in known[0].get(name, {}):
        return None
    return {**known[0][name][part], "definitions": known[1]}
