# SPDX-License-Identifier: Apache-2.0
"""jackfield-sdk reference: the headers and schemas as one page. The headers' comments are the text; nothing is written
twice."""
import pathlib
import re

from . import layout
from .layout import Fault

# In the order in which an author meets them.
HEADERS = ["plugin.hpp", "error.hpp", "responder.hpp", "services.hpp", "log.hpp", "json.hpp", "server.hpp",
           "directory.hpp", "call_control.hpp", "text.hpp", "testing/fake_host.hpp", "testing/fake_services.hpp", "abi/base.h",
           "abi/entry.h", "abi/plugin.h", "abi/host.h", "abi/message.h", "abi/service/timer.h", "abi/service/watch.h",
           "abi/service/work.h", "abi/service/loop.h"]
# Guards, includes, and the brackets that C++ needs around C.
NOISE = re.compile(r"^#ifdef __cplusplus\n(?:.*\n)*?#endif\n|^#(?:ifndef|define) \w+_(?:H|HPP)$|^#include .*$|^#endif$",
                   re.M)


def header_text(path):
    """The head comment as text, and the rest without guards, includes and what is not the author's business."""
    lines = path.read_text(encoding="utf-8").splitlines()
    head, body = [], []
    for number, line in enumerate(lines):
        if line.startswith("#ifndef"):
            body = lines[number:]
            break
        head.append(re.sub(r"^(// ?|/\* ?| \*/$| \* ?)", "", line))
    text = "\n".join(line for line in head if "SPDX" not in line).strip()
    return text, re.sub(r"\n{3,}", "\n\n", NOISE.sub("", "\n".join(body))).strip()


def type_of(schema):
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2]
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {type_of(schema.get('items', {}))}"
    return schema.get("type", "any")


def schema_page(path):
    document = layout.read_json(path)
    out = [f"## {document['title']}", ""]
    if "x-whenFailing" in document:
        failing = document["x-whenFailing"]
        out += [f"While its plugin fails: **{failing['policy']}**. {failing['text']}", ""]
    if "x-messages" in document:
        out += ["| Message | Kind | Body | Reply |", "|---|---|---|---|"]
        for name, one in document["x-messages"].items():
            reply = type_of(one["reply"]) + (", in parts" if one.get("parts") else "") if "reply" in one else ""
            out.append(f"| `{name}` | {one['kind']} | {type_of(one['body'])} | {reply} |")
        out.append("")
    for name, one in {**document.get("definitions", {}), **({"plugin.json": document} if "properties" in document
                                                            else {})}.items():
        out += [f"### {name}", "", one.get("description", ""), ""]
        if "properties" in one:
            required = one.get("required", [])
            out += ["| Member | Type | |", "|---|---|---|"]
            out += [f"| `{member}`{' (required)' if member in required else ''} | {type_of(rule)} | "
                    f"{rule.get('description', '')} |" for member, rule in one["properties"].items()]
            out.append("")
        elif "enum" in one:
            out += [type_of(one), ""]
    return out


def run(arguments):
    installed = {str(path.relative_to(layout.HEADERS)) for path in layout.HEADERS.rglob("*.h*")}
    forgotten = sorted(name for name in installed - set(HEADERS) if not name.startswith("detail/"))
    if forgotten:
        raise Fault(f"{', '.join(forgotten)} has no place in the reference: add it to HEADERS")
    out = ["# Reference", "", "Made from the installed headers and schemas by `jackfield-sdk reference`.", ""]
    out += ["# Documents", ""]
    for path in sorted(layout.SCHEMAS.glob("*.json")):
        out += schema_page(path)
    out += ["# Headers", ""]
    for name in HEADERS:
        text, code = header_text(layout.HEADERS / name)
        out += [f"## `jackfield/{name}`", "", text, "", "```cpp", code, "```", ""]
    pathlib.Path(arguments.output).write_text("\n".join(out), encoding="utf-8")
    print(f"{arguments.output}: {len(HEADERS)} headers, {len(list(layout.SCHEMAS.glob('*.json')))} schemas")
    return 0
