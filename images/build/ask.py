"""Asks the build backends of the repository's packages what their builds need (PEP 517 and 660).

usage: ask.py DIR    DIR/ask.json: [{"folder", "backend", "backendPath", "metadata", "editable"}]; folders are below DIR
                     DIR/asked.json: for each, {"requires": […], "needs": […] or null, "name": text or null, "error": text or null}

`requires` is what a build (editable or not) asks for besides build-system.requires; `needs` and `name` are of the metadata.
Each backend runs in a process of its own, with a stand-in for a version that comes from git, which is not here.
"""

import json
import os
import pathlib
import pkgutil
import subprocess
import sys
import tempfile

# What backends and their plugins take in place of git's answer.
WITHOUT_GIT = {
    "SETUPTOOLS_SCM_PRETEND_VERSION": "0",
    "PDM_BUILD_SCM_VERSION": "0",
    "PBR_VERSION": "0",
    "POETRY_DYNAMIC_VERSIONING_BYPASS": "0",
    "UV_DYNAMIC_VERSIONING_BYPASS": "0",
}


def ask_one(backend_name, kind, wants_metadata, answer):
    backend = pkgutil.resolve_name(backend_name)
    # Without a hook for editable builds pip runs setup.py, which asks for what it asks for to make a wheel.
    hook = getattr(backend, f"get_requires_for_build_{kind}", None) or getattr(backend, "get_requires_for_build_wheel", None)
    result = {"requires": list(hook({}) if hook else []), "needs": None, "name": None}
    if wants_metadata == "yes":
        prepare = getattr(backend, f"prepare_metadata_for_build_{kind}", None) or backend.prepare_metadata_for_build_wheel
        with tempfile.TemporaryDirectory() as folder:
            info = prepare(folder, {})
            text = pathlib.Path(folder, info, "METADATA").read_text(encoding="utf-8")
        head = text.split("\n\n", 1)[0]
        result["name"] = next((line[5:].strip() for line in head.splitlines() if line.startswith("Name:")), None)
        result["needs"] = [line.split(":", 1)[1].strip() for line in head.splitlines() if line.startswith("Requires-Dist:")]
    pathlib.Path(answer).write_text(json.dumps(result), encoding="utf-8")


def ask(folder, project):
    root = os.path.join(folder, project["folder"])
    with tempfile.NamedTemporaryFile(dir=folder) as answer:
        command = [sys.executable, "-B", os.path.abspath(__file__), "one", project["backend"], "editable" if project["editable"] else "wheel"]
        done = subprocess.run(
            [*command, "yes" if project["metadata"] else "no", answer.name, *project["backendPath"]],
            cwd=root,
            env={**os.environ, **WITHOUT_GIT},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        text = pathlib.Path(answer.name).read_text(encoding="utf-8")
        if done.returncode == 0 and text:
            return {**json.loads(text), "error": None}
        return {"requires": [], "needs": None, "name": None, "error": done.stdout.decode("utf-8", "replace")[-4000:]}


def main(folder):
    with open(os.path.join(folder, "ask.json"), encoding="utf-8") as file:
        projects = json.load(file)
    answers = [ask(folder, project) for project in projects]
    with open(os.path.join(folder, "asked.json"), "w", encoding="utf-8") as file:
        json.dump(answers, file)


if sys.argv[1] == "one":
    # As pip calls a backend: the project's folder is not where modules are looked for, but its backend-path is.
    sys.path[:1] = [os.path.abspath(each) for each in sys.argv[6:]]
    ask_one(*sys.argv[2:6])
else:
    main(sys.argv[1])
