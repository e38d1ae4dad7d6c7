"""Puts what parity.lock.json lists into a folder, and refuses what its hashes do not admit. Run by Dockerfile.parity's stages.

    toolchain.py debs DIR      the Debian packages on top of the base, as DIR/*.deb
    toolchain.py node DIR      Node and npm
    toolchain.py python DIR    a virtual environment of the base's Python with all packages, and links to Node's programs

Python 3.9 or newer, standard library only. Exits 1 with one sentence, `parity: …`, when something is not to be had or differs.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import pathlib
import platform
import shutil
import ssl
import subprocess
import sys
import tarfile
import urllib.error
import urllib.request
from typing import Any, Dict, List, Optional

HERE = pathlib.Path(__file__).resolve().parent
CERTIFICATES = HERE / "parity-ca.crt"
PLATFORMS = {"x86_64": "linux/amd64", "aarch64": "linux/arm64"}
DOWNLOAD_SECONDS = 120

Lock = Dict[str, Any]


def refuse(sentence: str) -> "None":
    print(f"parity: {sentence}", file=sys.stderr, flush=True)
    sys.exit(1)


def own_platform() -> str:
    machine = platform.machine()
    if machine not in PLATFORMS:
        refuse(f"there is no locked image for this machine's architecture, {machine}")
    return PLATFORMS[machine]


def run(argv: List[str], environment: Optional[Dict[str, str]] = None) -> None:
    done = subprocess.run(argv, env={**os.environ, **(environment or {})}, check=False)
    if done.returncode != 0:
        sys.exit(done.returncode)


# -- Debian packages ----------------------------------------------------------------------------------------------------


def fetch_debs(lock: Lock, folder: pathlib.Path) -> None:
    folder.mkdir(parents=True)
    packages = lock["system"][own_platform()]
    if not packages:
        return
    apt = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root"]
    if CERTIFICATES.exists():
        apt += ["-o", f"Acquire::https::CaInfo={CERTIFICATES}"]
    run([*apt, "update"])
    missing = [one for one in packages if not fetch_deb(apt, folder, one)]
    archive = os.environ.get("PARITY_DEBIAN_SNAPSHOT")
    if missing and archive and "snapshot" in lock["base"]:
        write_snapshot_sources(archive, lock["base"])
        run([*apt, "update"])
        missing = [one for one in missing if not fetch_deb(apt, folder, one)]
    if missing:
        names = ", ".join(f"{one['name']} {one['version']}" for one in missing)
        refuse(
            f"the Debian mirror no longer has {names}: set PARITY_DEBIAN_SNAPSHOT to a snapshot archive's address, "
            "or relock: parity lock --upgrade base"
        )


def fetch_deb(apt: List[str], folder: pathlib.Path, package: Dict[str, str]) -> bool:
    aside = folder / "aside"
    aside.mkdir()
    command = [*apt, "download", f"{package['name']}={package['version']}"]
    subprocess.run(command, cwd=aside, check=False, stderr=subprocess.DEVNULL)
    found = next(aside.glob("*.deb"), None)
    if found is not None:
        digest = hashlib.sha256(found.read_bytes()).hexdigest()
        if digest != package["sha256"]:
            refuse(
                f"{package['name']} {package['version']} is not what the lock says: "
                f"expected sha256 {package['sha256']}, found sha256 {digest}"
            )
        found.rename(folder / found.name)
    shutil.rmtree(aside)
    return found is not None


def write_snapshot_sources(archive: str, base: Dict[str, str]) -> None:
    suite, stamp = base["suite"], base["snapshot"]
    options = "[check-valid-until=no trusted=yes]"  # the lock's hashes say more than the archive's signatures
    lines = [
        f"deb {options} {archive.rstrip('/')}/debian/{stamp} {suite} main",
        f"deb {options} {archive.rstrip('/')}/debian-security/{stamp} {suite}-security main",
    ]
    pathlib.Path("/etc/apt/sources.list").write_text("\n".join(lines) + "\n")


# -- Node ---------------------------------------------------------------------------------------------------------------


def install_node(lock: Lock, folder: pathlib.Path) -> None:
    folder.mkdir(parents=True)
    node = lock.get("node")
    if node is None:
        return
    binary = folder / "bin" / "node"
    binary.parent.mkdir()
    with fetch_npm_package(node["platforms"][own_platform()]) as package:
        entry = package.extractfile("package/bin/node")
        assert entry is not None, "the node package has no bin/node"
        binary.write_bytes(entry.read())
        binary.chmod(0o755)
    modules = folder / "lib" / "node_modules"
    with fetch_npm_package(node["npm"]) as package:
        for member in package.getmembers():
            parts = pathlib.PurePosixPath(member.name).parts
            if not member.isfile() or ".." in parts or parts[0] == "/":
                continue
            target = modules.joinpath("npm", *parts[1:])
            target.parent.mkdir(parents=True, exist_ok=True)
            data = package.extractfile(member)
            assert data is not None
            target.write_bytes(data.read())
            target.chmod(0o755 if member.mode & 0o111 else 0o644)
    for name in ("npm-cli.js", "npx-cli.js"):
        (modules / "npm" / "bin" / name).chmod(0o755)


def fetch_npm_package(package: Dict[str, str]) -> tarfile.TarFile:
    name, version, expected = package["name"], package["version"], package["integrity"]
    registry = os.environ.get("NPM_CONFIG_REGISTRY", "").rstrip("/")
    if not registry:
        refuse('the lock has Node, and NPM_CONFIG_REGISTRY is not set: --build-arg NPM_CONFIG_REGISTRY="$(npm config get registry)"')
    address = f"{registry}/{name}/-/{name.rpartition('/')[2]}-{version}.tgz"
    context = ssl.create_default_context()
    if CERTIFICATES.exists():
        context.load_verify_locations(CERTIFICATES)
    data = b""
    try:
        with urllib.request.urlopen(address, timeout=DOWNLOAD_SECONDS, context=context) as answer:
            data = answer.read()
    except (OSError, urllib.error.URLError) as error:
        refuse(f"{name} {version} could not be fetched from the npm registry: {error}")
    algorithm, _, digest = expected.partition("-")
    found = base64.b64encode(hashlib.new(algorithm, data).digest()).decode()
    if found != digest:
        refuse(f"{name} {version} is not what the lock says: expected {expected}, found {algorithm}-{found}")
    return tarfile.open(fileobj=io.BytesIO(data), mode="r:gz")


# -- Python -------------------------------------------------------------------------------------------------------------


def install_python(lock: Lock, folder: pathlib.Path) -> None:
    packages = lock["python"]["packages"]
    requirements = HERE / "requirements.txt"
    requirements.write_text("".join(requirement_line(one) for one in packages))
    if any(one.get("sdist") for one in packages):
        install_compiler()
    trust = {"SSL_CERT_FILE": str(CERTIFICATES)} if CERTIFICATES.exists() else {}
    uv = {**trust, "UV_NO_CACHE": "1", "UV_NO_CONFIG": "1", "UV_PYTHON_DOWNLOADS": "never", "UV_LINK_MODE": "copy"}
    run(["/opt/uv/bin/uv", "venv", "--quiet", "--no-project", "--python", shutil.which("python3") or "python3", str(folder)], uv)
    install = ["/opt/uv/bin/uv", "pip", "install", "--python", str(folder / "bin" / "python"), "--no-deps", "--require-hashes"]
    if packages:
        run([*install, "-r", str(requirements)], uv)
    # Bytecode that depends on nothing but the source: no time stamps, and the order of sets held still.
    compile_all = [str(folder / "bin" / "python"), "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash"]
    subprocess.run([*compile_all, str(folder / "lib")], env={**os.environ, "PYTHONHASHSEED": "0"}, check=False)
    for useless in ("CACHEDIR.TAG", ".gitignore", ".lock"):
        (folder / useless).unlink(missing_ok=True)
    if "node" in lock:
        links = {"node": "bin/node", "npm": "lib/node_modules/npm/bin/npm-cli.js", "npx": "lib/node_modules/npm/bin/npx-cli.js"}
        for name, target in links.items():
            (folder / "bin" / name).symlink_to(f"../node/{target}")


def requirement_line(package: Dict[str, Any]) -> str:
    marker = f" ; {package['marker']}" if "marker" in package else ""
    hashes = "".join(f" \\\n    --hash={one}" for one in package["hashes"])
    return f"{package['name']}=={package['version']}{marker}{hashes}\n"


def install_compiler() -> None:
    """For packages that have no wheel; it stays in this stage."""
    apt = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root"]
    if CERTIFICATES.exists():
        apt += ["-o", f"Acquire::https::CaInfo={CERTIFICATES}"]
    headers = [] if shutil.which("python3-config") else ["python3-dev"]
    run([*apt, "update"])
    install = [*apt, "install", "-y", "--no-install-recommends", "gcc", "g++", "make", "libc6-dev", *headers]
    run(install, {"DEBIAN_FRONTEND": "noninteractive"})


def main(arguments: List[str]) -> None:
    what, folder = arguments
    lock = json.loads((HERE / "parity.lock.json").read_text(encoding="utf-8"))
    {"debs": fetch_debs, "node": install_node, "python": install_python}[what](lock, pathlib.Path(folder))


main(sys.argv[1:])
