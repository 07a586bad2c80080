# SPDX-License-Identifier: Apache-2.0
"""jackfield-sdk new: a plugin from the template of its capability. Each template is a plugin that builds and works as it
stands; its name is replaced wherever it is written."""
import pathlib
import re
import shutil

from . import layout
from .layout import Fault


def capabilities():
    """Those with a template, as "directory/1"."""
    return sorted("/".join(path.name.rsplit("-", 1)) for path in layout.TEMPLATES.iterdir() if path.is_dir())


def spellings(name):
    """acme-pbx as it is written in a file name, a C++ namespace, a class, a message code, a label, a macro."""
    words = name.split("-")
    camel = "".join(word.capitalize() for word in words)
    return [name, name.replace("-", "_"), camel, camel[0].lower() + camel[1:],
            " ".join(word.capitalize() for word in words), name.replace("-", "_").upper()]


def run(arguments):
    name = arguments.name
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name) or len(name) > 64:
        raise Fault(f"NAME {name} is not lower-case words joined by hyphens, such as acme-pbx, of at most 64 characters")
    if arguments.capability not in capabilities():
        raise Fault(f"there is no template for {arguments.capability}; there are {', '.join(capabilities())}")
    target = pathlib.Path(arguments.into or name)
    if target.exists() and any(target.iterdir()):
        raise Fault(f"{target} is there already and not empty: choose another folder by --into")
    template = layout.TEMPLATES / arguments.capability.replace("/", "-")
    old = layout.read_json(template / "plugin.json")["id"]
    replaced = dict(zip(spellings(old), spellings(name)))
    pattern = re.compile("|".join(re.escape(one) for one in sorted(replaced, key=len, reverse=True)))
    shutil.copytree(template, target, dirs_exist_ok=True)
    for path in target.rglob("*"):
        if path.is_file():
            path.write_text(pattern.sub(lambda found: replaced[found[0]], path.read_text(encoding="utf-8")),
                            encoding="utf-8")
    print(f"""{target} is a plugin. It works as it stands; its far server is made up. Next:
  cd {target}
  cmake -B build && cmake --build build && ctest --test-dir build
  jackfield-sdk check build/plugins/{name}
  jackfield-sdk conform build/plugins/{name} --settings settings.json --facts facts.json""")
    return 0
