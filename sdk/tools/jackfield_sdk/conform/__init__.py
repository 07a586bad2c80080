# SPDX-License-Identifier: Apache-2.0
"""jackfield-sdk conform: what each capability promises, asked of a built plugin and its real far server."""
import json

from .. import layout
from ..host import Host
from ..layout import Fault
from ..script import choose_type
from . import call_control, directory, server
from .bench import Bench, Skipped

SUITES = {"server/1": server.CASES, "directory/1": directory.CASES, "call-control/1": call_control.CASES}


def describe():
    for capability, cases in SUITES.items():
        print(capability)
        for one in cases:
            needs = f" (facts: {', '.join(one.needs)})" if one.needs else ""
            print(f"  {one.name:<22} {one.text}{needs}")
    return 0


def attempt(arguments, capability, one, settings, facts):
    """What to print before the case's name, and the reason; "ok", "skip" or "FAULT"."""
    try:
        missing = [name for name in one.needs if name not in facts]
        if missing:
            raise Skipped(f"--facts does not say {', '.join(missing)}")
        with Host(arguments.folder) as host:
            if host.refusal:
                raise Fault(host.refusal)
            bench = Bench(host, choose_type(host, arguments.type), settings, facts, capability)
            one.run(bench)
            bench.expect_no_breach()
        return "ok", one.text
    except Skipped as reason:
        return "skip", str(reason)
    except Fault as fault:
        return "FAULT", str(fault)


def run(arguments):
    """Every case on an instance of its own; 1 when one of them found a fault."""
    if arguments.list:
        return describe()
    settings = layout.read_json(arguments.settings) if arguments.settings else {}
    facts = layout.read_json(arguments.facts) if arguments.facts else {}
    with Host(arguments.folder) as host:
        if host.refusal:
            raise Fault(host.refusal)
        server_type = choose_type(host, arguments.type)
        entry = next(t for t in host.manifest["serverTypes"] if t["type"] == server_type)
    capabilities = ["server/1", entry["capability"]]
    counts = {"ok": 0, "skip": 0, "FAULT": 0}
    for capability in capabilities:
        if capability not in SUITES:
            print(f"skip   {capability}: the SDK has no suite for it")
        for one in SUITES.get(capability, []):
            result, reason = attempt(arguments, entry["capability"], one, settings, facts)
            counts[result] += 1
            print(f"{result:<6} {capability} {one.name:<22} {reason}", flush=True)
    print(json.dumps({"passed": counts["ok"], "failed": counts["FAULT"], "skipped": counts["skip"]}))
    return 1 if counts["FAULT"] else 0
