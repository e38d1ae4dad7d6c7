"""Where Python keeps bytecode in parity's containers; a .pth file loads this whenever Python starts.

PYTHONPYCACHEPREFIX keeps bytecode out of the work tree, but moves all of it. A module that a test writes to a temporary folder would have none beside
it, as it has in CI, and when the folder is removed and made again, the old bytecode would be met. So what lies elsewhere has its bytecode beside
it, and the image's own is used. Of a file in the work tree that was written just now an import keeps none: bytecode is told from stale by second
and size. Who asks for bytecode by name (py_compile, compileall) gets it.
"""

import sys

PREFIX = "/parity/bytecode"
WORK_TREE = "/workspace/"
IMAGE = ("/usr/", "/opt/", "/parity/pytest/", "/parity/checks/")
SETTLED_SECONDS = 2.0


def place_bytecode():
    from os import fspath, stat
    from time import time

    external = sys.modules["_frozen_importlib_external"]
    imports = vars(external)
    given = external.cache_from_source

    def cache_from_source(path, *arguments, **options):
        moved = given(path, *arguments, **options)
        if not moved.startswith(PREFIX + "/"):
            return moved
        source = moved[len(PREFIX) :]
        if source.startswith(WORK_TREE):
            if sys._getframe(1).f_globals is not imports:
                return moved
            try:
                settled = time() - stat(path).st_mtime > SETTLED_SECONDS
            except OSError:
                settled = True
            return moved if settled else PREFIX + "/unsettled" + source
        folder, separator, _ = fspath(path).rpartition("/")
        beside = folder + separator + "__pycache__/" + source.rpartition("/")[2]
        if source.startswith(IMAGE):
            try:
                stat(beside)
            except OSError:
                return moved
        return beside

    # Coverage measures files, and this is none of the project's.
    cache_from_source.__code__ = cache_from_source.__code__.replace(co_filename="<parity_bytecode>")
    external.cache_from_source = cache_from_source
    if "importlib.util" in sys.modules:
        sys.modules["importlib.util"].cache_from_source = cache_from_source


if sys.pycache_prefix == PREFIX:
    place_bytecode()
