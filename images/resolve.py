"""Runs commands in stages inside a container and tells what they did as JSON lines on stdout.

The request, /parity/lock/request.json:
  stages   list of stages; a stage is a list of {"name", "argv"} that run side by side; a stage that fails is the last
  outputs  files whose text is told at the end, as far as they are there
A task with "folder" runs the repository's own code: as nobody, to whom that folder belongs, so that it can't touch the cache of packages.
"@libc@" in an argument becomes what this image's C library is called in a platform tag.
"""

import json
import os
import platform
import subprocess
import sys
import threading

FOLDER = "/parity/lock"
# The C library versions that the resolver has a name for, newest first.
GLIBC_NAMES = [(2, minor) for minor in range(40, 30, -1)] + [(2, 28), (2, 17)]
# Nobody waits longer; a client that was killed can't end this container.
LIFE_SECONDS = 1800
NOBODY = 65534

telling = threading.Lock()


def tell(**frame):
    line = (json.dumps(frame) + "\n").encode()
    with telling:
        try:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
        except OSError:
            os._exit(1)


def libc_name():
    name, version = platform.libc_ver()
    if name != "glibc":
        return "unknown-linux-musl"
    have = tuple(int(part) for part in version.split(".")[:2])
    known = next((one for one in GLIBC_NAMES if one <= have), GLIBC_NAMES[-1])
    return "manylinux_%d_%d" % known


def give_to_nobody(root):
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            os.chown(os.path.join(folder, name), NOBODY, NOBODY, follow_symlinks=False)
    os.chown(root, NOBODY, NOBODY)


def run(task, libc, codes):
    argv = [part.replace("@libc@", libc) for part in task["argv"]]
    as_nobody = {}
    if "folder" in task:
        give_to_nobody(os.path.join(FOLDER, task["folder"]))
        as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    try:
        process = subprocess.Popen(
            argv,
            cwd=FOLDER,
            **as_nobody,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
    except OSError as error:
        tell(
            type="text", name=task["name"], text="%s: %s\n" % (argv[0], error.strerror)
        )
        codes[task["name"]] = 127
        return
    for line in process.stderr:
        tell(type="text", name=task["name"], text=line.decode("utf-8", "replace"))
    codes[task["name"]] = process.wait()


def main():
    with open(os.path.join(FOLDER, "request.json"), encoding="utf-8") as file:
        request = json.load(file)
    watchdog = threading.Timer(LIFE_SECONDS, os._exit, [1])
    watchdog.daemon = True
    watchdog.start()
    libc = libc_name()
    codes = {}
    for stage in request["stages"]:
        threads = [
            threading.Thread(target=run, args=(task, libc, codes)) for task in stage
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if any(codes[task["name"]] != 0 for task in stage):
            break
    files = {}
    for name in request["outputs"]:
        try:
            path = os.path.join(FOLDER, name)
            if os.path.islink(path):
                continue
            with open(path, encoding="utf-8") as file:
                files[name] = file.read()
        except FileNotFoundError:
            pass
    tell(type="done", codes=codes, files=files)


main()
