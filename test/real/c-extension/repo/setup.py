import os
import sys

from setuptools import Extension, setup

arguments = ["/O2"] if sys.platform == "win32" else ["-O2", "-Wall"]

setup(
    ext_modules=[
        Extension(
            "wordhash._speedups",
            sources=["src/wordhash/_speedups.c"],
            depends=["src/wordhash/fnv.h"],
            include_dirs=["src/wordhash"],
            extra_compile_args=arguments,
            define_macros=[("WORDHASH_SEED", os.environ.get("WORDHASH_SEED", "0"))],
        )
    ],
)
