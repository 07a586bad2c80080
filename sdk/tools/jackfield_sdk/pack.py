# SPDX-License-Identifier: Apache-2.0
"""jackfield-sdk pack: one file of a built plugin, as an administrator installs it. Its form is described in
guide/how-to.md; minisign signs it."""
import gzip
import hashlib
import io
import json
import pathlib
import platform
import re
import subprocess
import tarfile
import tempfile

from . import layout
from .check import EVERYWHERE, output
from .layout import Fault

JUDGE = layout.PROGRAMS / "jackfield-package"


def file_of(path, what):
    try:
        return pathlib.Path(path).read_bytes()
    except OSError as error:
        raise Fault(f"{what} {path} cannot be read: {error.strerror}") from error


def parts_list(manifest, library):
    """A bill of materials in CycloneDX of what is seen from outside: the plugin and the libraries that it loads."""
    needed = re.findall(r"\(NEEDED\).*\[(.+)\]", output("readelf", "-dW", library))
    return json.dumps({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"component": {"type": "library", "name": manifest["id"], "version": manifest["version"]}},
        "components": [{"type": "library", "name": name, "scope": "required" if EVERYWHERE.match(name) else "optional"}
                       for name in sorted(needed)],
    }, indent=2).encode()


def members(arguments, manifest):
    """Name in the package to octets and whether it is executable. Libraries go to arch/, each to its machine."""
    machines = {platform.machine(): pathlib.Path(arguments.folder)}
    for given in arguments.also:
        machine, _, folder = given.partition("=")
        if not folder:
            raise Fault(f"--also {given} is not MACHINE=FOLDER, such as aarch64=build-arm/plugins/acme-pbx")
        machines[machine] = pathlib.Path(folder)
    found = {}
    for machine, folder in machines.items():
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.is_symlink():
                raise Fault(f"{path} is a symbolic link: a package holds plain files alone")
            if path.is_file() and name != "plugin.json":
                binary = re.search(r"\.so(\.\d+)*$", name)
                found[f"arch/{machine}/{name}" if binary else name] = (path.read_bytes(), bool(binary))
    if arguments.license:
        found["LICENSE"] = (file_of(arguments.license, "the licence"), False)
    if arguments.sbom:
        found["sbom.json"] = (file_of(arguments.sbom, "the bill of materials"), False)
    elif "sbom.json" not in found:
        found["sbom.json"] = (parts_list(manifest, pathlib.Path(arguments.folder) / manifest["library"]), False)
    return found


def tar(entries):
    """The same octets for the same entries, wherever and whenever it is packed."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, octets, executable in entries:
            info = tarfile.TarInfo(name)
            info.size = len(octets)
            info.mode = 0o755 if executable else 0o644
            archive.addfile(info, io.BytesIO(octets))
    return out.getvalue()


def sign(content, key, comment):
    with tempfile.TemporaryDirectory() as folder:
        at = pathlib.Path(folder)
        (at / "content.tar.gz").write_bytes(content)
        command = ["minisign", "-S", "-s", str(key), "-m", str(at / "content.tar.gz"), "-x", str(at / "minisig"), "-t",
                   comment]
        try:
            done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)  # it may ask for the key's password
        except FileNotFoundError as error:
            raise Fault("minisign is not installed: it signs packages; apt install minisign") from error
        if done.returncode:
            raise Fault(f"minisign could not sign with {key}")
        return (at / "minisig").read_bytes()


def judge(package):
    done = subprocess.run([str(JUDGE), "--developer", "inspect", str(package)], capture_output=True, text=True,
                          check=False)
    if done.returncode:
        raise Fault(done.stderr.strip().removeprefix("jackfield-package: "))
    return done.stdout


def run(arguments):
    manifest_text = file_of(pathlib.Path(arguments.folder) / "plugin.json", "the manifest")
    manifest = layout.read_json(pathlib.Path(arguments.folder) / "plugin.json")
    files = sorted(members(arguments, manifest).items())
    sums = "".join(f"{hashlib.sha256(octets).hexdigest()}  {name}\n"
                   for name, octets in [("plugin.json", manifest_text)] + [(name, one[0]) for name, one in files])
    content = gzip.compress(
        tar([("plugin.json", manifest_text, False), ("SHA256SUMS", sums.encode(), False)] +
            [(name, octets, executable) for name, (octets, executable) in files]), mtime=0)
    target = pathlib.Path(arguments.output or f"{manifest['id']}-{manifest['version']}.jfpkg")
    with tempfile.TemporaryDirectory() as folder:
        unsigned = pathlib.Path(folder) / "unsigned"
        unsigned.write_bytes(tar([("content.tar.gz", content, False)]))
        said = judge(unsigned)
    outside = [("content.tar.gz", content, False)]
    if arguments.key:
        comment = f"id={manifest['id']} version={manifest['version']}"
        if arguments.expires:
            comment += f" expires={arguments.expires}"
        outside.insert(0, ("package.minisig", sign(content, arguments.key, comment), False))
    target.write_bytes(tar(outside))
    print(said.replace("nobody", f"the key {arguments.key}" if arguments.key else "nobody", 1), end="")
    print(f"{target} is the package" + ("" if arguments.key else "; nobody signed it: only developer mode takes it"))
    return 0
