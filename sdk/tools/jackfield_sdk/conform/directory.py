# SPDX-License-Identifier: Apache-2.0
"""directory/1: people, sign-in, synchronisation."""
from .bench import Skipped, require, suite

CASES, case = suite()

SIGN_IN = "directory/1.authenticate"
SYNC = "directory/1.sync"


def full_sync(bench, mode="full", cursor=""):
    """Entries, removed ids and the cursor of one run, its parts held to the rules."""
    parts = bench.parts(SYNC, {"mode": mode, "cursor": cursor})
    entries = [entry for part in parts for entry in part.get("entries", [])]
    for part in parts[:-1]:
        require(not part.get("cursor"), "a part before the last holds a cursor")
    require(parts[-1].get("cursor"), "the last part holds no cursor")
    ids = [entry.get("id") for entry in entries]
    require(all(ids), "an entry has no id")
    require(len(set(ids)) == len(ids), "an id stands twice")
    return entries, [one for part in parts for one in part.get("removed", [])], parts[-1]["cursor"]


@case()
def syncs_everything(bench):
    """A full run gives every person once, with an id, and a cursor at its end alone."""
    bench.connect()
    entries, removed, _ = full_sync(bench)
    require(entries, "the directory gave nobody: let it hold somebody for this suite")
    require(not removed, "a full run names removed entries")
    for entry in entries:
        require(entry.get("name") or entry.get("surname"), f"entry {entry['id']} has no name")


@case()
def keeps_identity(bench):
    """Two full runs of an unchanged directory give the same people under the same ids."""
    bench.connect()
    first, second = ({e["id"]: e for e in full_sync(bench)[0]} for _ in range(2))
    require(first == second, f"they differ in {sorted(set(first) ^ set(second)) or 'the members of an entry'}")


@case()
def goes_on_from_cursor(bench):
    """An incremental run from the cursor of a full one removes nobody and invents nobody."""
    bench.connect()
    everybody, _, cursor = full_sync(bench)
    changed, removed, _ = full_sync(bench, "incremental", cursor)
    require(not removed, f"it removed {removed}, but nothing has changed")
    require({e["id"] for e in changed} <= {e["id"] for e in everybody}, "it gave people that the full run did not")


@case()
def refuses_strange_cursor(bench):
    """A cursor that it never gave is refused, so that the host runs a full synchronisation."""
    bench.connect()
    bench.failure(SYNC, {"mode": "incremental", "cursor": "no such cursor"}, "state", "invalid", "notFound",
                  "unsupported")


@case("login", "password")
def signs_in(bench):
    """The right password gives the person that the synchronisation knows by the same id."""
    bench.connect()
    person = bench.reply(SIGN_IN, {"login": bench.facts["login"], "password": bench.facts["password"]})["person"]
    known = {entry["id"] for entry in full_sync(bench)[0]}
    require(person["id"] in known, f"the id {person['id']} of who signed in stands not in the synchronisation")


@case("login", "password")
def refuses_wrong_password(bench):
    """A wrong, an empty and an overlong password are refused with auth, all with the same code."""
    bench.connect()
    right = bench.facts["password"]
    codes = {bench.failure(SIGN_IN, {"login": bench.facts["login"], "password": wrong}, "auth")["code"]
             for wrong in (right + "x", "", right.swapcase() if right.swapcase() != right else right[:-1], "x" * 5000)}
    require(len(codes) == 1, f"the refusals can be told apart: {sorted(codes)}")


@case("login", "password")
def hides_who_exists(bench):
    """An unknown login is refused exactly like a wrong password."""
    bench.connect()
    wrong = bench.failure(SIGN_IN, {"login": bench.facts["login"], "password": "certainly wrong"}, "auth")
    unknown = bench.failure(SIGN_IN, {"login": "nobody-of-that-name", "password": "certainly wrong"}, "auth")
    require(wrong == unknown, f"{unknown} tells an unknown login from {wrong}")


@case("login", "password")
def takes_logins_as_text(bench):
    """Wildcards and filter syntax in a login find nobody."""
    bench.connect()
    login, password = bench.facts["login"], bench.facts["password"]
    for hostile in ("*", login[:1] + "*", f"{login})(uid=*", "(|(uid=*))", "\\2a", f"{login}\u0000", "", "x" * 5000):
        bench.failure(SIGN_IN, {"login": hostile, "password": password}, "auth")


@case("login", "password")
def logs_no_password(bench):
    """No log line and no answer holds a password."""
    bench.connect()
    secret = "conformance-secret-4711"
    bench.failure(SIGN_IN, {"login": bench.facts["login"], "password": secret}, "auth")
    bench.reply(SIGN_IN, {"login": bench.facts["login"], "password": bench.facts["password"]})
    for line in list(bench.host.lines):
        for word in (secret, bench.facts["password"]):
            require(word not in str(line), f"{line['is']} holds the password")


@case("refused")
def refuses_the_refused(bench):
    """People whom the directory does not let in (disabled, expired) are refused even with the right password."""
    if not bench.facts["refused"]:
        raise Skipped("--facts names nobody")
    bench.connect()
    for login, password in bench.facts["refused"].items():
        bench.failure(SIGN_IN, {"login": login, "password": password}, "auth")
