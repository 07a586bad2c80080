# SPDX-License-Identifier: Apache-2.0
"""jackfield-sdk check: what the boundary asks of every plugin, looked at in the folder that was built."""
import pathlib
import re
import stat
import subprocess
import tempfile

from . import layout
from .host import Host
from .layout import Fault

ENTRY = "jf_plugin_entry_1"
# What every Linux of the last years has under the same name. The rest is linked statically or lies in the folder.
EVERYWHERE = re.compile(r"^(lib(c|m|dl|rt|pthread|stdc\+\+|gcc_s)\.so\.\d+|ld-linux.*\.so\.\d+)$")
SANITIZERS = {"libasan": "ASAN_OPTIONS", "libtsan": "TSAN_OPTIONS", "libubsan": "UBSAN_OPTIONS"}
MEMBERS = ("code", "severity", "text", "cause", "action")
CODE = re.compile(r"^[a-z][A-Za-z0-9]*(\.[a-zA-Z0-9]+)+$")
# What the host logs of a plugin that breaks the boundary's rules.
BREACHES = ("plugin.answer.malformed", "plugin.ended", "plugin.exception", "plugin.exception.crossed", "plugin.hang",
            "plugin.log.failed", "plugin.message.invalid", "plugin.message.undeclared", "plugin.request.unanswered",
            "plugin.service.undeclared", "plugin.stop.hang", "plugin.thread.wrong")
FILE_NAME = re.compile(r"\.(c|cc|cpp|h|hh|hpp|rs|so|json|conf|pem|key)$")
KERNEL_CODES = ("plugin.", "host.", "json.", "value.")  # logged by the host and by the SDK's headers


def output(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        raise Fault(f"{command[0]} says: {done.stderr.strip()}")
    return done.stdout


def check_manifest(host):
    if host.refusal:
        raise Fault(host.refusal)
    if host.manifest["id"] != host.folder.name:
        raise Fault(f"the folder is called {host.folder.name}, the plugin {host.manifest['id']}: it must be the same")
    offered = [name + ("" if layout.messages_of(name) else " (which this release of Jackfield does not know)")
               for name in host.manifest["capabilities"]]
    return f"{host.manifest['id']} {host.manifest['version']}: {', '.join(offered)}"


def check_symbols(library):
    exported = [line.split()[-1].split("@")[0] for line in output("nm", "-D", "--defined-only", library).splitlines()]
    if ENTRY not in exported:
        raise Fault(f"{library.name} does not export {ENTRY}: is JACKFIELD_PLUGIN(Class) missing?")
    others = [name for name in exported if name != ENTRY and not name.startswith("__odr_asan")]
    if others:
        raise Fault(f"{library.name} exports {len(others)} symbols beside {ENTRY}, such as {others[0]}: build it with "
                    "jackfield_add_plugin(), or with -fvisibility=hidden and the SDK's src/plugin.map")
    return ENTRY + " alone"


def check_flags(library):
    symbols = output("readelf", "-sW", library)
    unique = re.search(r" UNIQUE .* (\S+)$", symbols, re.M)
    if unique:
        raise Fault(f"{library.name} has unique symbols, such as {unique[1]}: compile with -fno-gnu-unique, or the "
                    "library could never be replaced")
    if re.search(r"GNU_STACK\s.*RWE", output("readelf", "-lW", library)):
        raise Fault(f"{library.name} wants an executable stack: link with -z noexecstack")
    if "TEXTREL" in output("readelf", "-dW", library):
        raise Fault(f"{library.name} has text relocations: compile with -fPIC")
    if library.stat().st_mode & stat.S_IWOTH:
        raise Fault(f"{library} can be changed by every user: chmod o-w")
    return "no unique symbols, no executable stack, position independent"


def linked(library):
    return re.findall(r"\(NEEDED\).*\[(.*)\]", output("readelf", "-dW", library))


def check_libraries(library, allowed):
    paths = re.findall(r"\((?:RPATH|RUNPATH)\).*\[(.*)\]", output("readelf", "-dW", library))
    for path in ":".join(paths).split(":") if paths else []:
        if not path.startswith("$ORIGIN"):
            raise Fault(f"{library.name} looks for libraries in {path}: a plugin may name $ORIGIN alone")
    needed = linked(library)
    for name in needed:
        if EVERYWHERE.match(name) or (library.parent / name).exists() or name.split(".")[0] in SANITIZERS:
            continue
        if not any(name.startswith(one) for one in allowed):
            raise Fault(f"{library.name} needs {name}, whose name changes between releases of Debian: link it "
                        f"statically, or put it into the plugin's folder, or say --allow {name.split('.')[0]} for a "
                        "plugin that is built anew for each release")
    return ", ".join(needed)


def catalogue_of(folder):
    path = folder / "messages.json"
    if not path.exists():
        raise Fault("there is no messages.json: every code that the plugin logs or answers with stands in it")
    codes = set()
    for number, entry in enumerate(layout.read_json(path)):
        code = entry.get("code", f"entry {number}")
        if set(entry) != set(MEMBERS) or not all(isinstance(v, str) for v in entry.values()):
            raise Fault(f"messages.json: {code} must have the texts {', '.join(MEMBERS)} and no others")
        if not CODE.match(code):
            raise Fault(f"messages.json: {code}: a code is words joined by dots, such as acme.peer.unreachable")
        if entry["severity"] in ("warning", "error") and not (entry["cause"] and entry["action"]):
            raise Fault(f"messages.json: {code}: a warning or error says its cause and what to do")
        if code in codes:
            raise Fault(f"messages.json: {code} stands twice")
        codes.add(code)
    return codes


def check_messages(folder, library):
    """Codes are found in the library by their first word, which the catalogue's own codes tell."""
    codes = catalogue_of(folder)
    first_words = {code.split(".")[0] for code in codes}
    for word in re.findall(r"^ *\[ *[0-9a-f]+\]  (\S+)$", output("readelf", "-p", ".rodata", library), re.M):
        looks_so = CODE.match(word) and not FILE_NAME.search(word)
        if looks_so and word.split(".")[0] in first_words and word not in codes:
            raise Fault(f"{library.name} holds the code {word}, which stands in no entry of messages.json")
    return f"{len(codes)} codes"


def settings_for(host, server_type, given):
    settings = given.get(server_type, {}) if given and set(given) <= set(host.types()) else (given or {})
    schema = next(t["settings"] for t in host.manifest["serverTypes"] if t["type"] == server_type)
    wrong = [e for e in host.errors(schema, settings) if e["rule"] != "is missing"]
    missing = [name for name in schema.get("required", [])
               if name not in settings and "default" not in schema["properties"].get(name, {})]
    if wrong:
        raise Fault(f"settings of {server_type}: {wrong[0]['pointer']} {wrong[0]['value']} {wrong[0]['rule']}")
    if missing:
        raise Fault(f"server type {server_type} needs {', '.join(missing)}: give them by --settings FILE")
    return settings


def check_life(host, server_type, settings, times):
    """create, configure, start, stop, destroy, so many times; each in a process of its own."""
    codes = catalogue_of(host.folder)
    for turn in range(1, times + 1):
        since = len(host.lines)
        host.add(server_type, settings)
        try:
            host.start()
        except Fault as fault:
            raise Fault(f"turn {turn} of {times}: {fault}") from fault
        host.do("remove")
        for line in host.lines[since:]:
            if line["is"] == "state" and line["restarts"]:
                raise Fault(f"turn {turn} of {times}: the plugin's process ended by itself: {line['reason']}")
            if line["is"] == "log" and line["code"] in BREACHES:
                raise Fault(f"turn {turn} of {times}: {line['code']} {line['arguments']}")
            if line["is"] == "log" and line["code"] not in codes and not line["code"].startswith(KERNEL_CODES):
                raise Fault(f"it logged {line['code']}, which stands in no entry of messages.json")
    return f"{server_type}: {times} times from create to destroy"


def sanitizer_of(library):
    return next((name.split(".")[0] for name in linked(library) if name.split(".")[0] in SANITIZERS), None)


def sanitized_host(scratch, runtime):
    """A plugin host that begins with the sanitizer's runtime and leaves its findings in files of scratch."""
    path = output("gcc", f"-print-file-name={runtime}.so").strip()
    script = pathlib.Path(scratch) / "plugin-host"
    script.write_text(f"#!/bin/sh\nexport {SANITIZERS[runtime]}=log_path={scratch}/finding\n"
                      f"LD_PRELOAD={path} exec {layout.PROGRAMS}/jackfield-plugin-host \"$@\"\n")
    script.chmod(0o755)
    return script


def check_sanitized(folder, library, given, times):
    runtime = sanitizer_of(library)
    if not runtime:
        raise Fault(f"{library.name} was built without a sanitizer: configure it with -DCMAKE_CXX_FLAGS="
                    "-fsanitize=address,undefined")
    with tempfile.TemporaryDirectory(prefix="jackfield-sdk-") as scratch:
        fault = None
        try:
            with Host(folder, sanitized_host(scratch, runtime)) as host:
                for server_type in host.types():
                    check_life(host, server_type, settings_for(host, server_type, given), times)
        except Fault as found:
            fault = found
        findings = sorted(pathlib.Path(scratch).glob("finding*"))
        if findings:
            raise Fault(f"{runtime} found:\n" + findings[0].read_text(errors="replace"))
        if fault:
            raise fault
    return f"{runtime} found nothing in {times} lives of each server type"


def run(arguments):
    """Prints a line for each check; 1 when one of them found a fault."""
    folder = pathlib.Path(arguments.folder)
    given = layout.read_json(arguments.settings) if arguments.settings else {}
    wrong = 0

    def say(name, check, *parameters):
        nonlocal wrong
        try:
            print(f"ok     {name:<10} {check(*parameters)}")
            return True
        except Fault as fault:
            wrong += 1
            print(f"FAULT  {name:<10} {fault}")
            return False

    with Host(folder) as host:
        readable = say("manifest", check_manifest, host)
        library = host.folder / str(host.manifest.get("library", "?"))
        if not library.exists():
            say("library", lambda: (_ for _ in ()).throw(Fault(f"there is no {library}, which plugin.json names")))
            return 1
        say("symbols", check_symbols, library)
        say("flags", check_flags, library)
        say("libraries", check_libraries, library, arguments.allow)
        say("messages", check_messages, host.folder, library)
        if readable and not arguments.sanitize:
            for server_type in host.types():
                say("life", lambda one=server_type: check_life(host, one, settings_for(host, one, given),
                                                               arguments.times))
    if readable and arguments.sanitize:
        say("sanitizer", check_sanitized, folder, library, given, max(1, arguments.times // 10))
    return 1 if wrong else 0
