# SPDX-License-Identifier: Apache-2.0
"""server/1: what every instance promises, whatever its capability."""
import time

from .bench import Skipped, require, suite

CASES, case = suite()


@case()
def says_its_state(bench):
    """It says that it is connected, and every state but that with a reason."""
    bench.connect()
    for state in bench.events("server/1.state"):
        told = bool(state.get("reason"))
        require(told != (state["state"] == "connected") or state["state"] == "connecting",
                f"state {state['state']} came with the reason {state.get('reason')!r}")


@case()
def tests_unsaved(bench):
    """Test works without start, finds something, and no error with settings that work."""
    findings = bench.test(bench.settings)
    require(findings, "Test found nothing: it says at least what was looked at")
    for finding in findings:
        require(finding["severity"] != "error", f"Test of settings that work found: {finding['text']}")
        require(finding["text"] and finding["item"], f"a finding lacks its text or item: {finding}")
        require(finding["code"] in bench.codes, f"the finding's code {finding['code']!r} stands not in messages.json")


@case("unreachable")
def bears_absence(bench):
    """With a far server that does not answer it starts, says so with a reason, and Test names the error."""
    settings = {**bench.settings, **bench.facts["unreachable"]}
    errors = [f for f in bench.test(settings) if f["severity"] == "error"]
    require(errors, "Test of settings that lead nowhere found no error")
    bench.host.do("remove")
    bench.host.add(bench.type, settings)
    since = len(bench.host.lines)
    bench.host.start()
    line = bench.host.wait(lambda one: one["is"] == "event" and one["name"] == "server/1.state"
                           and one["body"]["state"] in ("degraded", "disconnected"),
                           bench.facts.get("connectSeconds", 20), since, "a server/1.state that says what is wrong")
    require(line["body"].get("reason"), "the state has no reason")


@case()
def refuses_unknown(bench):
    """A request that it does not know is answered with unsupported."""
    bench.connect()
    bench.failure(bench.capability + ".noSuchRequest", {}, "unsupported")


@case()
def refuses_malformed(bench):
    """A request whose members have the wrong type is refused and harms nothing."""
    requests = bench.requests()
    if not requests:
        raise Skipped("the SDK has no schema of this capability")
    bench.connect()
    for name, schema in requests.items():
        definition = schema["definitions"][schema["$ref"].rpartition("/")[2]]
        for member, rule in definition["properties"].items():
            wrong = 7 if rule.get("type") == "string" or "$ref" in rule else "seven"
            bench.failure(name, {member: wrong}, "invalid", "unsupported")
        bench.failure(name, {"": {"deep": [[[[]]]]}, **dict.fromkeys(definition["properties"])}, "invalid",
                      "unsupported")


@case()
def stops_and_starts(bench):
    """It stops within the manifest's stopMs and connects again."""
    bench.connect()
    begun = time.monotonic()
    bench.host.stop()
    took, limit = time.monotonic() - begun, bench.host.manifest.get("stopMs", 10000) / 1000
    require(took <= limit + 0.5, f"stop took {took:.1f} s, plugin.json allows {limit:g} s")
    bench.connect()
