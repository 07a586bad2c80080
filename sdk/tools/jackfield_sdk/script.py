# SPDX-License-Identifier: Apache-2.0
"""jackfield-sdk run, record, replay: one instance driven by a script, its words kept and compared.

A script is JSON lines, obeyed one after another; the instance is added and started before the first:
    {"ask": "directory/1.authenticate", "body": {"login": "ann", "password": "x"}}
    {"wait": "server/1.state", "where": {"state": "connected"}, "within": 10}
    {"test": {}}                      Test on these settings over the instance's own
    {"stop": true}  {"start": true}
"""
import json

from . import layout
from .host import Host
from .layout import Fault

STEPS = ("ask", "wait", "test", "stop", "start")


def holds(document, wanted):
    """Every member of `wanted` stands in `document` with that value, every item of a list somewhere in the list."""
    if isinstance(wanted, dict):
        return isinstance(document, dict) and all(k in document and holds(document[k], v) for k, v in wanted.items())
    if isinstance(wanted, list):
        return isinstance(document, list) and all(any(holds(item, one) for item in document) for one in wanted)
    return document == wanted


def choose_type(host, asked):
    types = host.types()
    if asked in types:
        return asked
    if asked or len(types) != 1:
        raise Fault(f"{host.manifest['id']} brings the server types {', '.join(types)}: choose one by --type")
    return types[0]


def reply_of(line):
    return {key: line[key] for key in ("status", "body", "octets", "more")}


class Run:
    """A script on a host. Each wait goes on from where the last one found its event."""

    def __init__(self, host, server_type, settings):
        if host.refusal:
            raise Fault(host.refusal)
        self.host, self.type, self.settings, self.seen = host, server_type, settings, 0
        host.add(server_type, settings)
        self.start()

    def start(self):
        self.host.start()
        return {"running": True}

    def step(self, step):
        """What the instance answered to this step."""
        kind = next((k for k in STEPS if k in step), None)
        if not kind:
            raise Fault(f"a step is one of {', '.join(STEPS)}, not {json.dumps(step)}")
        if kind == "ask":
            return [reply_of(line) for line in self.host.ask(step["ask"], step.get("body", {}),
                                                             step.get("within", 30))]
        if kind == "test":
            return self.host.test(self.type, {**self.settings, **step["test"]})
        if kind == "wait":
            return self.wait(step)
        if kind == "stop":
            return {"stopped": self.host.stop()["state"] == "stopped"}
        return self.start()

    def wait(self, step):
        name, where = step["wait"], step.get("where", {})

        def matches(line):
            if name == "log":
                return line["is"] == "log" and holds(line, where)
            return line["is"] == "event" and line["name"] == name and holds(line["body"], where)

        line = self.host.wait(matches, step.get("within", 10), self.seen, f"{name} {json.dumps(where)}")
        self.seen = self.host.lines.index(line, self.seen) + 1
        return {k: line[k] for k in ("code", "arguments")} if name == "log" else line["body"]


def run(arguments):
    settings = layout.read_json(arguments.settings) if arguments.settings else {}
    with Host(arguments.folder, hear=lambda text: print(text, end="", flush=True)) as host:
        driven = Run(host, choose_type(host, arguments.type), settings)
        for step in layout.read_json_lines(arguments.script):
            driven.step(step)
    return 0


def without_secrets(host, server_type, settings):
    schema = next(t["settings"] for t in host.manifest["serverTypes"] if t["type"] == server_type)

    def strip(value, known):
        properties = known.get("properties", {}) if isinstance(known, dict) else {}
        if not isinstance(value, dict):
            return value
        return {k: strip(v, properties.get(k, {})) for k, v in value.items() if not properties.get(k, {}).get("x-secret")}

    return strip(settings, schema)


def record(arguments):
    settings = layout.read_json(arguments.settings) if arguments.settings else {}
    with Host(arguments.folder) as host:
        server_type = choose_type(host, arguments.type)
        driven = Run(host, server_type, settings)
        head = {"recording": 1, "plugin": host.manifest["id"], "version": host.manifest["version"],
                "type": server_type, "settings": without_secrets(host, server_type, settings),
                "ignore": arguments.ignore}
        steps = [{"step": step, "said": driven.step(step)} for step in layout.read_json_lines(arguments.script)]
    with open(arguments.output, "w", encoding="utf-8") as out:
        for line in [head, *steps]:
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
    print(f"{len(steps)} steps recorded in {arguments.output}")
    return 0


def ignored(pointer, patterns):
    parts = pointer.split("/")
    return any(len(parts) == len(p.split("/")) and all(a in ("*", b) for a, b in zip(p.split("/"), parts))
               for p in patterns)


def differences(was, now, patterns, pointer=""):
    """Sentences on what is not the same, but for pointers that a pattern names."""
    if ignored(pointer, patterns):
        return
    if isinstance(was, dict) and isinstance(now, dict):
        for key in sorted({*was, *now}):
            if key in was and key in now:
                yield from differences(was[key], now[key], patterns, f"{pointer}/{key}")
            elif not ignored(f"{pointer}/{key}", patterns):
                yield f"{pointer}/{key} is {'new' if key in now else 'gone'}"
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for index, (a, b) in enumerate(zip(was, now)):
            yield from differences(a, b, patterns, f"{pointer}/{index}")
    elif was != now:
        yield f"{pointer or 'the answer'} is {json.dumps(now)}, was {json.dumps(was)}"


def bare(said):
    """Of an answer in one part its document, so that a pointer begins where the author expects it."""
    if isinstance(said, list) and len(said) == 1 and isinstance(said[0], dict) and "status" in said[0]:
        return {"status": said[0]["status"], "body": said[0]["body"]}
    return said


def replay(arguments):
    recording = layout.read_json_lines(arguments.recording)
    if not recording or recording[0].get("recording") != 1:
        raise Fault(f"{arguments.recording} is no recording: make one with jackfield-sdk record")
    head, steps = recording[0], recording[1:]
    given = layout.read_json(arguments.settings) if arguments.settings else {}
    wrong = 0
    with Host(arguments.folder) as host:
        driven = Run(host, choose_type(host, head["type"]), {**head["settings"], **given})
        for number, kept in enumerate(steps, 1):
            was, now = bare(kept["said"]), bare(driven.step(kept["step"]))
            patterns = head["ignore"] + ["/body" + p for p in head["ignore"]]
            for sentence in differences(was, now, patterns):
                wrong += 1
                print(f"step {number} {json.dumps(kept['step'])}: {sentence}")
    print(f"{len(steps)} steps replayed, {wrong} differences")
    return 1 if wrong else 0
