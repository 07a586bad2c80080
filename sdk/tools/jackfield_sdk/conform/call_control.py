# SPDX-License-Identifier: Apache-2.0
"""call-control/1: calls, and exactly the verbs that the plugin declares possible."""
from .bench import Skipped, require, suite

CASES, case = suite()

COMMANDS = {"hold": "holdCall", "retrieve": "retrieveCall", "clear": "clearConnection"}
EVENT = "call-control/1.event"
RESYNC = "call-control/1.resync"
SECONDS = 20


def command(verb):
    return "call-control/1." + verb


class Calls:
    """The calls as the plugin's events tell them: the last document of each."""

    def __init__(self, bench):
        self.bench, self.host = bench, bench.host
        bench.connect()
        bench.host.wait(lambda line: line["is"] == "event" and line["name"] == RESYNC and not line["body"].get("more"),
                        SECONDS, what=f"the last part of {RESYNC} after the start")

    def events(self):
        return [event for body in self.bench.events(EVENT) for event in body.get("events", [])]

    def wait(self, call, matches, what):
        """The call's document, as soon as one matches."""
        def found(line):
            return line["is"] == "event" and line["name"] == EVENT and any(
                event["call"]["id"] == call and matches(event["call"]) for event in line["body"].get("events", []))
        line = self.host.wait(found, SECONDS, what=what)
        return next(e["call"] for e in reversed(line["body"]["events"]) if e["call"]["id"] == call)

    def now(self, call):
        return next(event["call"] for event in reversed(self.events()) if event["call"]["id"] == call)

    def connection(self, call, device):
        return next(one for one in self.now(call)["connections"] if one["device"] == device)

    def make(self, request="conformance-1"):
        facts = self.bench.facts
        body = {"requestId": request, "from": facts["from"], "to": facts["to"], "caller": facts.get("caller", "")}
        return self.bench.reply(command("makeCall"), body)["call"]

    def talk(self, request="conformance-1"):
        """A call in which both sides have answered."""
        call = self.make(request)
        self.wait(call, lambda c: len(c["connections"]) == 2 and all(
            x["state"] == "connected" and x["answered"] > 0 for x in c["connections"]),
                  "the call with both sides connected (do both devices answer by themselves?)")
        return call

    def tell(self, verb, call, device=""):
        return self.bench.reply(command(verb), {"requestId": "", "call": call, "device": device})

    def finish(self, call):
        self.host.ask(command("clearCall"), {"requestId": "", "call": call, "device": ""})  # it may have ended meanwhile
        return self.wait(call, lambda c: c["ended"] > 0, "the end of the call")


def must_make_calls(bench):
    if not bench.facts.get("makesCalls", True):
        raise Skipped("--facts says that it makes no calls")


@case()
def resyncs(bench):
    """After its start it tells all calls that it knows, in parts from 0 on, each call once."""
    Calls(bench)
    expected, ids = 0, set()
    for body in bench.events(RESYNC):
        part, calls = body.get("part", 0), [call["id"] for call in body["calls"]]
        if part == 0:  # it may tell all anew, after a reconnection
            expected, ids = 0, set()
        require(part == expected, f"part {part} came, {expected} was due")
        require(not ids & set(calls) and len(set(calls)) == len(calls), "a call stands twice")
        expected, ids = (expected + 1, ids | set(calls)) if body.get("more") else (0, set())


@case()
def refuses_unknown_call(bench):
    """Every command on a call that is not there is refused."""
    Calls(bench)
    for verb in (*COMMANDS.values(), "clearCall", "snapshotCall"):
        bench.failure(command(verb), {"requestId": "", "call": "no-such-call", "device": "nobody"}, "notFound",
                      "unsupported")


@case("from", "to")
def makes_a_call(bench):
    """makeCall rings the one and calls the other; the events tell the same call from ringing to its end."""
    must_make_calls(bench)
    calls = Calls(bench)
    call = calls.talk()
    document = calls.now(call)
    require(document["requestId"] == "conformance-1", f"the call's requestId is {document['requestId']!r}")
    require(bench.facts["from"] in [x["device"] for x in document["connections"]], "no connection is that of `from`")
    require({x["role"] for x in document["connections"]} == {"originating", "terminating"}, "the roles are not one each")
    require(document["answered"] > 0 and all(x["answered"] > 0 for x in document["connections"]), "answered is 0")
    ended = calls.finish(call)
    require(all(x["state"] == "null" for x in ended["connections"]), "an ended call has a connection that is not null")
    kinds = [event["event"] for event in calls.events()]
    for kind in ("established", "connectionCleared"):
        require(kind in kinds, f"no {kind} among the events {kinds}")


@case("from", "to")
def is_idempotent(bench):
    """The same requestId again answers with the same call and makes no second."""
    must_make_calls(bench)
    calls = Calls(bench)
    call = calls.make()
    require(calls.talk() == call, "the second answer names another call")
    require({event["call"]["id"] for event in calls.events()} == {call}, "there are two calls")
    calls.finish(call)


@case("from", "to")
def declares_verbs(bench):
    """Each connection says which verbs are possible and why the others are not; the others are refused."""
    must_make_calls(bench)
    calls = Calls(bench)
    call = calls.talk()
    for connection in calls.now(call)["connections"]:
        for verb, name in COMMANDS.items():
            possible, why = verb in connection["verbs"], connection["refused"].get(verb)
            require(possible != bool(why), f"{verb} of {connection['device']} is possible and refused, or neither")
            if not possible:
                bench.failure(command(name), {"requestId": "", "call": call, "device": connection["device"]}, "state",
                              "unsupported")
    calls.finish(call)


@case("from", "to")
def holds_and_retrieves(bench):
    """Where hold is declared, the connection becomes held, offers retrieve, and comes back."""
    must_make_calls(bench)
    calls = Calls(bench)
    call = calls.talk()
    holding = [x["device"] for x in calls.now(call)["connections"] if "hold" in x["verbs"]]
    for device in holding:
        calls.tell("holdCall", call, device)
        calls.wait(call, lambda c: state_of(c, device) == "held", f"{device} held")
        require("retrieve" in calls.connection(call, device)["verbs"], "a held connection does not offer retrieve")
        seen = len(bench.host.lines)
        calls.tell("retrieveCall", call, device)
        bench.host.wait(lambda line: line["is"] == "event" and line["name"] == EVENT and any(
            state_of(event["call"], device) == "connected" for event in line["body"].get("events", [])),
            SECONDS, seen, f"{device} connected again")
    calls.finish(call)
    if not holding:
        raise Skipped("no connection declares hold")


def state_of(call, device):
    return next((x["state"] for x in call["connections"] if x["device"] == device), None)


@case("from", "to")
def clears(bench):
    """Clearing a connection of two ends the call on both sides."""
    must_make_calls(bench)
    calls = Calls(bench)
    call = calls.talk()
    clearing = [x["device"] for x in calls.now(call)["connections"] if "clear" in x["verbs"]]
    if not clearing:
        raise Skipped("no connection declares clear")
    calls.tell("clearConnection", call, clearing[0])
    calls.wait(call, lambda c: c["ended"] > 0, "the end of the call")
    bench.failure(command("clearConnection"), {"requestId": "", "call": call, "device": clearing[0]}, "notFound",
                  "state")


@case("from", "to")
def takes_snapshots(bench):
    """snapshotCall gives the call as the last event did."""
    must_make_calls(bench)
    calls = Calls(bench)
    call = calls.talk()
    snapshot = calls.tell("snapshotCall", call)
    require(snapshot == calls.now(call), "the snapshot and the last event differ")
    calls.finish(call)


@case("from", "to")
def tells_in_order(bench):
    """Times never go back, an ended call stays ended, and each event's device is a connection of its call."""
    must_make_calls(bench)
    calls = Calls(bench)
    made = set()
    for turn in (1, 2):
        call = calls.talk(f"conformance-{turn}")
        calls.finish(call)
        made.add(call)
    ended, last = set(), 0
    for event in calls.events():
        document = event["call"]
        require(event["time"] >= last, f"the time of {event['event']} goes back")
        require(document["id"] not in ended or event["event"] == "snapshot" or document["ended"],
                f"call {document['id']} comes back after its end")
        require(event["device"] in [x["device"] for x in document["connections"]],
                f"{event['event']} names {event['device']}, which is no connection of its call")
        last = event["time"]
        if document["ended"]:
            ended.add(document["id"])
    require(made <= ended, f"{len(made & ended)} of 2 calls have ended")
