# SPDX-License-Identifier: Apache-2.0
"""The offline host: one instance of one plugin in a process of its own, held by jackfield-plugin-run as the appliance
would hold it. What it says is kept as lines (see the head of plugin_run.cpp) in the order in which it came."""
import json
import pathlib
import subprocess
import tempfile
import threading
import time

from . import layout
from .layout import Fault


class Refused(Fault):
    """The host or the plugin refused a command; `answer` is its whole line."""

    def __init__(self, answer):
        super().__init__(answer.get("text", "refused"))
        self.answer = answer


class Host:
    """Use as a context manager. `plugin_host`: instead of jackfield-plugin-host. `hear`: called with every line."""

    def __init__(self, folder, plugin_host=None, hear=None):
        self.folder = pathlib.Path(folder).resolve()
        if not (self.folder / "plugin.json").exists():
            raise Fault(f"{folder} holds no plugin.json: name the folder that jackfield_add_plugin() builds")
        self.manifest = layout.read_json(self.folder / "plugin.json")
        self.lines = []
        self._hear = hear
        self._changed = threading.Condition()
        self._last_id = 0
        self._alone = tempfile.TemporaryDirectory(prefix="jackfield-sdk-")  # the manager reads a folder of plugins
        (pathlib.Path(self._alone.name) / self.folder.name).symlink_to(self.folder)
        capabilities = [c for c in self.manifest.get("capabilities", []) if isinstance(c, str)]
        program = [layout.PROGRAMS / "jackfield-plugin-run", self._alone.name,
                   plugin_host or layout.PROGRAMS / "jackfield-plugin-host", ",".join(capabilities)]
        self._process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        threading.Thread(target=self._read, daemon=True).start()
        self.refusal = self.wait(lambda line: line["is"] == "plugin", what="the manifest")["error"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._alone.cleanup()

    def _read(self):
        for text in self._process.stdout:
            if self._hear:
                self._hear(text)
            with self._changed:
                self.lines.append(json.loads(text))
                self._changed.notify_all()
        with self._changed:
            self.lines.append({"is": "end"})
            self._changed.notify_all()

    def types(self):
        """The names of the server types that the plugin brings."""
        return [one["type"] for one in self.manifest["serverTypes"]]

    def find(self, matches, since=0):
        """The first line that matches, or None."""
        return next((line for line in list(self.lines)[since:] if matches(line)), None)

    def wait(self, matches, within=20.0, since=0, what="what was waited for"):
        """The first line from number `since` on that matches; a Fault when none comes within so many seconds."""
        deadline = time.monotonic() + within
        with self._changed:
            while True:
                found = next((line for line in self.lines[since:] if matches(line)), None)
                if found:
                    return found
                if self.lines and self.lines[-1]["is"] == "end":
                    raise Fault("jackfield-plugin-run has ended unexpectedly")
                left = deadline - time.monotonic()
                if left <= 0:
                    raise Fault(f"{what} did not come within {within:g} s")
                self._changed.wait(left)

    def do(self, what, within=60.0, **members):
        """Gives a command and returns its "done" line; Refused when it fails."""
        since = len(self.lines)
        self._process.stdin.write(json.dumps({"do": what, **members}) + "\n")
        answer = self.wait(lambda line: line["is"] in ("done", "failed") and line.get("do") == what, within, since,
                           f"the end of {what}")
        if answer["is"] == "failed":
            raise Refused(answer)
        return answer

    def add(self, server_type, settings):
        self.do("add", type=server_type, settings=settings)

    def start(self, within=20.0):
        """Starts it; a Fault when it does not come to life, with what the host says of it."""
        since = len(self.lines)
        self.do("start")
        state = self.wait(lambda line: line["is"] == "state" and (
            line["state"] in ("running", "degraded", "stopped", "quarantined") or line["reason"]),
                          within, since, "a state of the instance")
        if state["state"] not in ("running", "degraded"):
            raise Fault(f"it did not start: {state['reason']}")

    def stop(self, within=30.0):
        since = len(self.lines)
        self.do("stop")
        return self.wait(lambda line: line["is"] == "state" and line["state"] == "stopped", within, since,
                         "the stop of the instance")

    def ask(self, name, body, timeout=30.0):
        """Every part of the answer and its end, as lines."""
        self._last_id += 1
        mine, since = self._last_id, len(self.lines)
        self.do("ask", id=mine, name=name, body=body, timeoutMs=int(timeout * 1000))
        self.wait(lambda line: line["is"] == "reply" and line["id"] == mine and not line["more"], timeout + 5, since,
                  f"the answer to {name}")
        return [line for line in list(self.lines)[since:] if line["is"] == "reply" and line["id"] == mine]

    def test(self, server_type, settings, timeout=60.0):
        """The findings of Test on settings that nobody saved."""
        return self.do("test", timeout + 5, type=server_type, settings=settings,
                       timeoutMs=int(timeout * 1000))["result"]["findings"]

    def errors(self, schema, document):
        """What breaks the schema, each with pointer, value and rule."""
        return self.do("judge", schema=schema, document=document)["errors"]
