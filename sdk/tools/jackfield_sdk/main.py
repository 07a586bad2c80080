# SPDX-License-Identifier: Apache-2.0
"""The commands of jackfield-sdk."""
import argparse
import sys

from . import check, conform, new, pack, reference, script
from .layout import Fault


def parser():
    top = argparse.ArgumentParser(prog="jackfield-sdk", description="Makes, checks and drives plugins of Jackfield.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name, run, text):
        one = commands.add_parser(name, help=text, description=text)
        one.set_defaults(run=run)
        return one

    def on_plugin(name, run, text):
        one = command(name, run, text)
        one.add_argument("folder", metavar="FOLDER", help="the plugin: the folder with plugin.json and the library")
        one.add_argument("--settings", metavar="FILE", help="JSON object of settings")
        return one

    def with_type(one):
        one.add_argument("--type", help="the server type, where the plugin brings several")
        return one

    one = command("new", new.run, "Make a plugin from the template: it builds, passes its tests and loads at once.")
    one.add_argument("name", metavar="NAME", help="its id for ever, such as acme-pbx")
    one.add_argument("--capability", required=True, metavar="X/1", help=f"one of {', '.join(new.capabilities())}")
    one.add_argument("--into", metavar="FOLDER", help="the folder to make (default: NAME)")

    one = on_plugin("check", check.run, "Check a built plugin: manifest, symbols, flags, libraries, messages, life.")
    one.add_argument("--allow", action="append", default=[], metavar="LIB",
                     help="a library that may be linked dynamically, such as libldap-2")
    one.add_argument("--times", type=int, default=100, help="how many lives of each server type (default 100)")
    one.add_argument("--sanitize", action="store_true", help="lives of a library built with -fsanitize=...")

    one = with_type(on_plugin("run", script.run, "Drive one instance by a script of JSON lines, print what it says."))
    one.add_argument("script", metavar="SCRIPT")
    one = with_type(on_plugin("record", script.record, "Run a script and keep what the instance said."))
    one.add_argument("script", metavar="SCRIPT")
    one.add_argument("--output", required=True, metavar="FILE", help="the recording")
    one.add_argument("--ignore", action="append", default=[], metavar="POINTER",
                     help="what differs from run to run, such as /call or /events/*/time")
    one = on_plugin("replay", script.replay, "Run a recording again and say what differs.")
    one.add_argument("recording", metavar="RECORDING")

    one = with_type(on_plugin("conform", conform.run, "Run the conformance suite of each capability it offers."))
    one.add_argument("--facts", metavar="FILE", help="what the far server holds: logins, devices (see --list)")
    one.add_argument("--list", action="store_true", help="list the cases and the facts that they need")

    one = command("pack", pack.run, "Make one file of a built plugin, signed by minisign.")
    one.add_argument("folder", metavar="FOLDER", help="the plugin: the folder with plugin.json and the library")
    one.add_argument("--license", metavar="FILE", help="its licence, where the folder has no LICENSE")
    one.add_argument("--sbom", metavar="FILE", help="its bill of materials (default: sbom.json of the folder, or one of "
                     "the libraries that it loads)")
    one.add_argument("--also", action="append", default=[], metavar="MACHINE=FOLDER",
                     help="the plugin built for another kind of machine, as uname -m names it")
    one.add_argument("--key", metavar="FILE", help="the secret key of minisign that signs")
    one.add_argument("--expires", metavar="DAY", help="the last day on which it may be installed, such as 2030-12-31")
    one.add_argument("--output", metavar="FILE", help="default: ID-VERSION.jfpkg")

    one = command("reference", reference.run, "Write the reference of headers and schemas as Markdown.")
    one.add_argument("output", metavar="FILE")
    return top


def main():
    arguments = parser().parse_args()
    try:
        return arguments.run(arguments)
    except Fault as fault:
        print(f"jackfield-sdk {arguments.command}: {fault}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
