# SPDX-License-Identifier: Apache-2.0
"""What the cases of every suite stand on: one instance, its documents held to the schemas."""
import dataclasses
import typing

from .. import layout
from ..check import BREACHES, catalogue_of
from ..layout import Fault
from ..script import holds


class Skipped(Exception):
    """The case says nothing about this plugin; the text says why."""


@dataclasses.dataclass
class Case:
    name: str
    text: str
    run: typing.Callable
    needs: tuple = ()


def suite():
    """A list of cases and the decorator that fills it: the function's docstring is what the case asks."""
    cases = []

    def case(*needs):
        def add(function):
            cases.append(Case(function.__name__, function.__doc__, function, needs))
            return function
        return add

    return cases, case


def require(condition, sentence):
    if not condition:
        raise Fault(sentence)


class Bench:
    """One instance, added but not started."""

    def __init__(self, host, server_type, settings, facts, capability):
        self.host, self.type, self.settings, self.facts, self.capability = host, server_type, settings, facts, capability
        self.codes = catalogue_of(host.folder)
        host.add(server_type, settings)

    def connect(self):
        """Starts and waits until the plugin says that its far server answers."""
        since = len(self.host.lines)
        self.host.start()
        return self.wait_event("server/1.state", {"state": "connected"}, since, self.facts.get("connectSeconds", 20))

    def test(self, settings):
        return self.host.test(self.type, settings, self.facts.get("testSeconds", 60))

    def valid(self, name, part, document):
        """Holds a document to the schema of this message."""
        schema = layout.schema_of(name, part)
        require(schema is not None, f"{name} has no schema for its {part}")
        errors = self.host.errors(schema, document)
        if errors:
            first = errors[0]
            raise Fault(f"the {part} of {name} breaks its schema: {first['pointer']} {first['value']} {first['rule']}")
        return document

    def events(self, name, since=0):
        """Bodies of the events of this name, each held to its schema."""
        found = [line["body"] for line in list(self.host.lines)[since:] if line["is"] == "event" and line["name"] == name]
        return [self.valid(name, "body", body) for body in found]

    def wait_event(self, name, where, since=0, within=20):
        line = self.host.wait(lambda one: one["is"] == "event" and one["name"] == name and holds(one["body"], where),
                              within, since, f"{name} with {where}")
        return self.valid(name, "body", line["body"])

    def parts(self, name, body):
        """The bodies of a successful answer, parts and end, each held to the schema."""
        lines = self.host.ask(name, body)
        last = lines[-1]
        require(last["status"] == "ok", f"{name} was answered with {last['status']}: {last['body'].get('text')}")
        return [self.valid(name, "reply", line["body"]) for line in lines]

    def reply(self, name, body):
        return self.parts(name, body)[-1]

    def failure(self, name, body, *statuses):
        """The problem document of an answer that must fail with one of these; its code stands in messages.json."""
        last = self.host.ask(name, body)[-1]
        require(last["status"] in statuses, f"{name} with {body} was answered with {last['status']}, "
                                            f"not with {' or '.join(statuses)}")
        problem = last["body"]
        require(problem.get("text"), f"{name}: the failure has no text")
        code = problem.get("code", "")
        require(code in self.codes or code.startswith(("plugin.", "value.", "json.", "host.")),
                f"{name}: the code {code!r} of the failure stands in no entry of messages.json")
        return problem

    def requests(self):
        """The requests of the capability, each with the schema of its body."""
        known = layout.messages_of(self.capability)
        return {name: {**one["body"], "definitions": known[1]} for name, one in known[0].items()
                if one["kind"] == "request"} if known else {}

    def expect_no_breach(self):
        for line in list(self.host.lines):
            if line["is"] == "log" and line["code"] in BREACHES:
                raise Fault(f"the host logged {line['code']} {line['arguments']}")
            require(line["is"] != "state" or not line["restarts"], "the plugin's process ended by itself")
