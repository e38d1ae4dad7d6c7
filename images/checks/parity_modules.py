"""Which files of a repository are modules that may be imported, and by what names.

A file in a package is one. A file in no package is one where another file imports it, or where it says what it runs as a program only
(`if __name__ == "__main__"`): to import a plain script is to run it, and nobody asked for that. Tests are pytest's to import.
"""

from __future__ import annotations

import ast
import keyword
import os
import subprocess
import sys
from typing import Dict, List, NamedTuple, Optional, Sequence, Set, Tuple

PASSED_OVER = {".git", ".hg", ".tox", ".nox", ".venv", "venv", "node_modules", "site-packages", "__pycache__"}
TEST_FOLDERS = {"test", "tests"}


class Module(NamedTuple):
    """A module by its name, its file (absolute) and the folder that has to be on sys.path for it."""

    name: str
    path: str
    root: str


class Found(NamedTuple):
    """Modules in the order of their files, and the files that are none: by what they are, relative to the folder."""

    modules: List[Module]
    left_out: Dict[str, List[str]]


class Source(NamedTuple):
    """What a file says of itself: the names that it imports, and the folders that it takes for packages by `from . import`."""

    imports: Set[str]
    relative: Set[str]
    guarded: bool
    program: bool


def find_modules(folder: str, top: str, paths: Sequence[str]) -> Found:
    """Names every Python file below a folder; `top` is the repository's, `paths` are those that Python looks in."""
    files = python_files(folder)
    sources = {path: read_source(path) for path in files}
    names = Names(sources, folder, top, paths)
    modules: List[Module] = []
    left_out: Dict[str, List[str]] = {}
    for path in files:
        why = kind_of(path, folder)
        module = None if why else names.module(path)
        if module is not None:
            modules.append(module)
        else:
            left_out.setdefault(why or "script", []).append(os.path.relpath(path, folder))
    return Found(modules, left_out)


def kind_of(path: str, folder: str) -> Optional[str]:
    """What a file is that nobody imports by its name, by its path alone."""
    parts = os.path.relpath(path, folder).split(os.sep)
    name = parts[-1]
    if TEST_FOLDERS & set(parts[:-1]) or name in ("conftest.py", "tests.py") or name.startswith("test_") or name.endswith("_test.py"):
        return "test"
    if name in ("__main__.py", "setup.py"):
        return "script"
    at = os.path.dirname(path)
    while len(at) >= len(folder):
        if os.path.exists(os.path.join(at, "script.py.mako")):
            return "migration"
        at = os.path.dirname(at)
    return None


def python_files(folder: str) -> List[str]:
    """The Python files that git does not ignore, or without git all but those of well-known other folders; absolute, sorted."""
    try:
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "*.py"]
        listed = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
        names = {os.fsdecode(name) for name in listed.split(b"\0") if name}
    except (OSError, subprocess.CalledProcessError):
        names = set()
        for at, folders, files in os.walk(folder):
            folders[:] = [one for one in folders if one not in PASSED_OVER and not one.startswith(".")]
            names.update(os.path.relpath(os.path.join(at, name), folder) for name in files if name.endswith(".py"))
    own = [name for name in names if not PASSED_OVER & set(name.split("/"))]
    return sorted(path for path in (os.path.join(folder, name) for name in own) if os.path.isfile(path) and not os.path.islink(path))


def read_source(path: str) -> Source:
    """Reads a file's imports; one that can't be parsed has none, and says why when it is imported."""
    imports: Set[str] = set()
    relative: Set[str] = set()
    guarded = False
    try:
        with open(path, "rb") as file:
            data = file.read()
        tree = ast.parse(data)
    except (OSError, SyntaxError, ValueError, RecursionError):
        return Source(imports, relative, False, False)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imports.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            imports.add(node.module)
            imports.update("%s.%s" % (node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level > 0:
            base = path
            for _ in range(node.level):
                base = os.path.dirname(base)
            relative.add(base)
        elif isinstance(node, ast.If) and "__name__" in {part.id for part in ast.walk(node.test) if isinstance(part, ast.Name)}:
            guarded = True
    return Source(imports, relative, guarded, data.startswith(b"#!"))


class Names:
    """Finds each file's name: the one that the repository's own imports use, else the one that its packages give."""

    def __init__(self, sources: Dict[str, Source], folder: str, top: str, paths: Sequence[str]) -> None:
        self.sources = sources
        self.top = top
        self.imports: Dict[str, Set[str]] = {}  # name → folders of the files that import it
        self.packages: Set[str] = set()  # folders that files take for packages
        for path, source in sources.items():
            for name in source.imports:
                self.imports.setdefault(name, set()).add(os.path.dirname(path))
            self.packages |= source.relative
        # `import a.b.c` uses a and a.b, too.
        self.prefixes = {".".join(parts[:end]) for parts in (name.split(".") for name in self.imports) for end in range(1, len(parts))}
        self.roots = {folder, top, os.path.join(folder, "src"), *paths}
        self.standard: Set[str] = set(getattr(sys, "stdlib_module_names", ()))

    def module(self, path: str) -> Optional[Module]:
        """The file's module; nothing for a script."""
        parent = os.path.dirname(path)
        root = self.root_of(parent)
        in_package = root != parent
        source = self.sources[path]
        for candidate in self.above(root):
            module = named(path, candidate)
            if module is not None and self.is_used(module):
                # What has a program's first line and nothing to keep it from running is run, not imported.
                if source.program and not source.guarded and module.name not in self.imports:
                    return None
                return module
        if in_package and not (source.program and not source.guarded):
            return named(path, root)
        if parent in self.packages:
            return next((module for module in (named(path, at) for at in self.above(os.path.dirname(parent))) if module), None)
        return named(path, parent) if source.guarded else None

    def root_of(self, folder: str) -> str:
        """The folder of the outermost package that holds a folder; the folder itself in none. Packages may hold plain folders."""
        root = at = folder
        while at != self.top and at.startswith(self.top + os.sep):
            above = os.path.dirname(at)
            if is_package(at):
                root = above
            at = above
        while is_package(root) and root != os.path.dirname(root):
            root = os.path.dirname(root)
        return root

    def above(self, root: str) -> List[str]:
        """A folder and those above it, up to the repository's top."""
        found = [root]
        while found[-1] != self.top and found[-1].startswith(self.top + os.sep):
            found.append(os.path.dirname(found[-1]))
        return found

    def is_used(self, module: Module) -> bool:
        """Whether the repository's own imports call it, or its folder, by this name."""
        package, dot, _ = module.name.rpartition(".")
        if dot == "":
            users = self.imports.get(module.name, set())
            is_package = module.path.endswith("__init__.py")
            if is_package:
                return bool(users) or module.name in self.prefixes
            return module.name not in self.standard and bool(users) and (module.root in self.roots or module.root in users)
        if module.name in self.imports or module.name in self.prefixes:
            return True
        if package not in self.imports and package not in self.prefixes:
            return False
        if os.path.exists(os.path.join(module.root, *package.split("."), "__init__.py")):
            return True
        # A folder without __init__.py is a package where something in it is imported through it.
        start = package + "."
        return any(name.startswith(start) and exists(module.root, name) for name in self.imports)


def is_package(folder: str) -> bool:
    return os.path.exists(os.path.join(folder, "__init__.py"))


def named(path: str, root: str) -> Optional[Module]:
    """A file's module below a root; nothing where a part of the path is no name in Python."""
    parts = os.path.relpath(path, root)[: -len(".py")].split(os.sep)
    if parts[-1] == "__init__":
        parts.pop()
    if not parts or any(not part.isidentifier() or keyword.iskeyword(part) for part in parts):
        return None
    return Module(".".join(parts), path, root)


def exists(root: str, name: str) -> bool:
    """Whether a dotted name is a file or a folder below a root."""
    path = os.path.join(root, *name.split("."))
    return os.path.isfile(path + ".py") or os.path.isdir(path)


def roots_of(modules: Sequence[Module], folder: str) -> List[str]:
    """The folders that have to be on sys.path for the modules to find each other."""
    found: Dict[str, Tuple[()]] = {folder: ()}
    for module in modules:
        # A program's own folder is for itself.
        if "." in module.name or os.path.basename(module.path) == "__init__.py":
            found.setdefault(module.root, ())
    return list(found)
