"""Builds the repository's packages with their own backends and installs them as `pip install`, with -e or without, would (PEP 517, 660).

usage: install_projects.py REQUEST    REQUEST is JSON: {"key", "prefix", "python", "projects": [{"path", "backend", "backendPath", "editable"}]}
       install_projects.py hook BACKEND KIND WHEELS [FOLDER…]    KIND is editable or wheel; the backend's part, in a process of its own

Runs in the venv of the build requirements. What the backends print goes to stderr; the last line of stdout is JSON:
  {"state": "kept" | "built", "written": […], "byproducts": […], "notIgnored": […], "changed": […], "versions": {path: [name, version]}}
  {"state": "failed", "path", "why": "backend" | "requires" | "not-editable", "missing": […]}
`written` is what the builds left in the tree and git ignores: installed packages may need it, so it is made again when it is gone.
PREFIX/.installed.json says for which key it is installed; it goes before anything changes. Its `left` names what the builds left or changed in the
tree, and where below PREFIX a copy of each is: a clean checkout gets them (images/supervisor/receiver.py).
"""

import base64
import csv
import fcntl
import functools
import hashlib
import importlib.metadata
import io
import json
import os
import pathlib
import pkgutil
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile

# Never the project's: a walk through them would take long and find nothing of the build's.
NOT_BUILT = {".git", ".hg", "node_modules", ".venv", "venv", ".tox", ".nox", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache"}


class Failed(Exception):
    def __init__(self, path, why, missing=()):
        super().__init__(why)
        self.answer = {"state": "failed", "path": path, "why": why, "missing": list(missing)}


# The backend's part


def is_missing(requirement):
    """Whether this venv lacks a requirement; conditions that only packaging understands are left to the backend."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    if name is None or ";" in requirement:
        return False
    try:
        importlib.metadata.version(name[0])
    except importlib.metadata.PackageNotFoundError:
        return True
    return False


def hook(backend_name, kind, wheels):
    backend = pkgutil.resolve_name(backend_name)
    build = getattr(backend, f"build_{kind}", None)
    answer = pathlib.Path(wheels, "answer.json")
    asks = [f"get_requires_for_build_{kind}"]
    if build is None and any(map(os.path.exists, ("setup.py", "setup.cfg"))):
        build = functools.partial(develop, backend)
        asks.append("get_requires_for_build_wheel")
    if build is None:
        answer.write_text(json.dumps({"why": "not-editable"}), encoding="utf-8")
        return
    requires = next((getattr(backend, each) for each in asks if hasattr(backend, each)), lambda settings: [])({})
    missing = [each for each in requires if is_missing(each)]
    if missing:
        answer.write_text(json.dumps({"why": "requires", "missing": missing}), encoding="utf-8")
        return
    answer.write_text(json.dumps({"wheel": build(wheels, {})}), encoding="utf-8")


def develop(backend, wheels, settings):
    """What `setup.py develop` does, as an editable wheel: setuptools before 64 has no hook for one, and pip then runs that command."""
    import setuptools  # isort: skip  (before distutils: it brings its own)
    import distutils.core

    info = pathlib.Path(wheels, backend.prepare_metadata_for_build_wheel(wheels, settings))
    script = "setup.py"
    if not os.path.exists(script):
        script = os.path.join(wheels, "setup.py")
        pathlib.Path(script).write_text("import setuptools\n\nsetuptools.setup()\n", encoding="utf-8")
    # As for that command, a setup.py finds the modules beside it.
    sys.path.insert(0, os.getcwd())
    found = distutils.core.run_setup(script, ["--quiet"], stop_after="commandline")
    arguments = ["build_ext", "--inplace"]
    if found.cmdclass.get("develop", setuptools.Command).__module__.split(".")[0] not in ("setuptools", "distutils"):
        # One of the project's own may do more than setuptools' does.
        arguments = ["develop", "--no-deps", "--multi-version", "--exclude-scripts", "--install-dir", os.path.join(wheels, "develop")]
        os.mkdir(os.path.join(wheels, "develop"))
    distutils.core.run_setup(script, arguments)
    name = "legacy.whl"
    with zipfile.ZipFile(os.path.join(wheels, name), "w") as archive:
        for path in sorted(each for each in info.rglob("*") if each.is_file()):
            archive.write(path, f"{info.name}/{path.relative_to(info)}")
        if not (info / "WHEEL").exists():
            archive.writestr(f"{info.name}/WHEEL", "Wheel-Version: 1.0\nGenerator: parity\nRoot-Is-Purelib: false\nTag: py3-none-any\n")
        sources = os.path.abspath((found.package_dir or {}).get("", "."))
        archive.writestr(f"__editable__.{info.name[: -len('.dist-info')]}.pth", f"{sources}\n")
        for path in found.scripts or []:
            text = re.sub(rb"^#!.*python.*", b"#!python", pathlib.Path(path).read_bytes())
            archive.writestr(f"{info.name[: -len('.dist-info')]}.data/scripts/{os.path.basename(path)}", text)
    return name


def build_base(folder):
    """A file by which setuptools builds in a folder of its own: what an earlier build left in ./build would become a part of the wheel."""
    path = os.path.join(folder, "build.cfg")
    pathlib.Path(path).write_text(f"[build]\nbuild_base = {folder}/build\n", encoding="utf-8")
    return path


def build_wheel(project, folder):
    own = os.path.abspath(__file__)
    paths = [os.path.join(project["path"], each) for each in project["backendPath"]]
    kind = "editable" if project["editable"] else "wheel"
    environment = {**os.environ, "PATH": f"{os.path.dirname(sys.executable)}:{os.environ.get('PATH', os.defpath)}"}
    if kind == "wheel":
        environment["DIST_EXTRA_CONFIG"] = build_base(folder)
    done = subprocess.run(
        [sys.executable, "-I", "-B", own, "hook", project["backend"], kind, folder, *paths],
        cwd=project["path"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=2,
        check=False,
    )
    try:
        answer = json.loads(pathlib.Path(folder, "answer.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        answer = {}
    if done.returncode != 0 or not answer:
        raise Failed(project["path"], "backend")
    if "wheel" not in answer:
        raise Failed(project["path"], answer["why"], answer.get("missing", ()))
    return os.path.join(folder, answer["wheel"])


# Installing a wheel


class Installation:
    """One wheel's files below a prefix, in the layout of a venv."""

    def __init__(self, prefix, python):
        self.prefix = pathlib.Path(prefix)
        self.python = python
        version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
        self.site = self.prefix / "lib" / version / "site-packages"
        self.headers = self.prefix / "include"
        self.rows = []

    def write(self, target, data, executable=False):
        target = pathlib.Path(os.path.normpath(target))
        if self.prefix not in target.parents:
            raise ValueError(f"a file of the wheel would lie outside: {target}")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        target.chmod(0o755 if executable else 0o644)
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        self.rows.append((os.path.relpath(target, self.site), f"sha256={digest}", str(len(data))))

    def place(self, name, info):
        """Where a file of the wheel belongs."""
        first, _, rest = name.partition("/")
        if not first.endswith(".data"):
            return self.site / name
        scheme, _, inner = rest.partition("/")
        roots = {
            "purelib": self.site,
            "platlib": self.site,
            "scripts": self.prefix / "bin",
            "data": self.prefix,
            "headers": self.headers / info.rpartition("-")[0],
        }
        return roots[scheme] / inner

    def install(self, wheel, project):
        with zipfile.ZipFile(wheel) as archive:
            names = [each for each in archive.namelist() if not each.endswith("/")]
            info = next(each.split("/")[0] for each in names if re.fullmatch(r"[^/]+\.dist-info/METADATA", each))
            metadata = archive.read(f"{info}/METADATA").decode("utf-8")
            for name in names:
                if name in (f"{info}/RECORD", f"{info}/RECORD.jws", f"{info}/RECORD.p7s"):
                    continue
                target, data = self.place(name, info), archive.read(name)
                is_script = target.parent == self.prefix / "bin"
                if is_script and data.startswith(b"#!python"):
                    data = f"#!{self.python}".encode() + data[len(b"#!python") :].lstrip(b"w")
                mode = archive.getinfo(name).external_attr >> 16
                self.write(target, data, is_script or bool(mode & stat.S_IXUSR))
            entry_points = f"{info}/entry_points.txt"
            if entry_points in names:
                self.scripts(archive.read(entry_points).decode("utf-8"))
        kind = {"editable": True} if project["editable"] else {}
        origin = {"url": pathlib.Path(project["path"]).as_uri(), "dir_info": kind}
        self.write(self.site / info / "direct_url.json", json.dumps(origin).encode())
        self.write(self.site / info / "INSTALLER", b"parity\n")
        self.record(self.site / info)
        return [field(metadata, "Name"), field(metadata, "Version")]

    def scripts(self, text):
        section = ""
        for line in text.splitlines():
            line = line.strip()
            header = re.fullmatch(r"\[(.+)\]", line)
            if header is not None:
                section = header[1].strip()
            elif section in ("console_scripts", "gui_scripts") and "=" in line and not line.startswith("#"):
                name, _, target = (part.strip() for part in line.partition("="))
                module, _, attribute = re.sub(r"\s*\[.*\]$", "", target).partition(":")
                self.write(self.prefix / "bin" / name, self.script(module.strip(), attribute.strip()), True)

    def script(self, module, attribute):
        first = attribute.split(".")[0]
        lines = [
            f"#!{self.python}",
            "import re",
            "import sys",
            f"from {module} import {first}",
            'if __name__ == "__main__":',
            '    sys.argv[0] = re.sub(r"(-script\\.pyw|\\.exe)?$", "", sys.argv[0])',
            f"    sys.exit({attribute}())",
            "",
        ]
        return "\n".join(lines).encode()

    def record(self, info):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([*self.rows, (f"{info.name}/RECORD", "", "")])
        (info / "RECORD").write_text(text.getvalue(), encoding="utf-8")
        self.rows = []


def field(metadata, name):
    found = re.search(rf"^{name}: *(.+)$", metadata, re.MULTILINE)
    return found[1].strip() if found else ""


# What a build leaves in the tree


def files_of(root):
    """Path → change time of every file of a project, but for folders that no build writes to."""
    found = {}
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in NOT_BUILT]
        for name in files:
            path = os.path.join(folder, name)
            try:
                found[path] = os.lstat(path).st_ctime_ns
            except FileNotFoundError:
                continue
    return found


def git(root, arguments, paths):
    """The paths that a git command which reads and writes them with NUL between gives back; undefined outside git."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=root,
        input="".join(f"{path}\0" for path in paths).encode("utf-8", "surrogateescape"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode > 1:
        return None
    return {each for each in done.stdout.decode("utf-8", "surrogateescape").split("\0") if each}


def is_byproduct(path):
    """Whether the installation does without a file: metadata beside the sources, and what a compiler left on its way."""
    return re.search(r"(?:^|/)(?:[^/]+\.egg-info|build)/", path) is not None and not path.endswith((".so", ".py"))


def remove_build(root, before, after):
    """Removes what a wheel was put together in: the next one would have what is no longer among the sources."""
    for path in [each for each in after if each not in before and os.path.relpath(each, root).startswith("build/")]:
        os.unlink(path)
        remove_empty(os.path.dirname(path), root)
        del after[path]


def sort_out(root, before, after, report):
    made = [os.path.relpath(path, root) for path, changed in after.items() if before.get(path) != changed]
    if not made:
        return
    ignored = git(root, ["check-ignore", "--stdin", "-z"], made)
    tracked = git(root, ["--literal-pathspecs", "ls-files", "-z", "--", *made[:2000]], []) if ignored is not None else set()
    for path in sorted(made):
        absolute = os.path.join(root, path)
        if ignored is None or path in ignored:
            report["written"].append([absolute, os.lstat(absolute).st_size])
        elif tracked and path in tracked:
            report["changed"].append(absolute)
        elif is_byproduct(path) and absolute not in before:
            os.unlink(absolute)
            report["byproducts"].append(absolute)
            remove_empty(os.path.dirname(absolute), root)
        else:
            # One that was there before is the user's own doing.
            if absolute not in before:
                report["notIgnored"].append(absolute)
            report["written"].append([absolute, os.lstat(absolute).st_size])


def remove_empty(folder, root):
    while folder != root:
        try:
            os.rmdir(folder)
        except OSError:
            return
        folder = os.path.dirname(folder)


def keep_left(prefix, paths):
    """Copies files of the tree beside the installation."""
    folder = prefix / ".left"
    folder.mkdir()
    kept = []
    for number, path in enumerate(paths):
        if stat.S_ISREG(os.lstat(path).st_mode):
            shutil.copy2(path, folder / str(number))
            kept.append([path, f".left/{number}"])
    return kept


# All of it


def is_kept(state, key):
    def is_there(path, size):
        try:
            return os.lstat(path).st_size == size
        except FileNotFoundError:
            return False

    return state is not None and state["key"] == key and all(is_there(*each) for each in state["written"])


def install(request):
    prefix = pathlib.Path(request["prefix"])
    mark = prefix / ".installed.json"
    with open(prefix / ".lock", "a", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            state = json.loads(mark.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            state = None
        if is_kept(state, request["key"]):
            return {**state["report"], "state": "kept"}
        mark.unlink(missing_ok=True)
        for each in prefix.iterdir():
            if each.name != ".lock":
                shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()
        report = {"state": "built", "written": [], "byproducts": [], "notIgnored": [], "changed": [], "versions": {}}
        for project in request["projects"]:
            root = project["path"]
            before = files_of(root)
            try:
                with tempfile.TemporaryDirectory() as folder:
                    wheel = build_wheel(project, folder)
                    report["versions"][root] = Installation(prefix, request["python"]).install(wheel, project)
            finally:
                after = files_of(root)
                if not project["editable"]:
                    remove_build(root, before, after)
                sort_out(root, before, after, report)
        left = keep_left(prefix, [*(path for path, _ in report["written"]), *report["changed"]])
        done = {"key": request["key"], "written": report["written"], "report": report, "left": left}
        aside = prefix / ".installed.json.new"
        aside.write_text(json.dumps(done), encoding="utf-8")
        os.replace(aside, mark)
        return report


def main():
    if sys.argv[1] == "hook":
        # As pip calls a backend: the project's folder is not where modules are looked for, but its backend-path is.
        sys.path[:0] = sys.argv[5:]
        hook(*sys.argv[2:5])
        return 0
    try:
        answer = install(json.loads(sys.argv[1]))
    except Failed as failed:
        answer = failed.answer
    print(json.dumps(answer), flush=True)
    return 1 if answer["state"] == "failed" else 0


sys.exit(main())
