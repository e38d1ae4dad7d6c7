# The image in which parity resolves, and makes the Python parts of images: a base and uv, by hash, as the stage `uv` of Dockerfile.parity has
# it. The venv gets no pip of its own, which takes longer to install than all the rest, where the pip that the base's Python carries runs as it is.
ARG BASE
FROM ${BASE}
USER 0
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
COPY images/uv.txt parity-ca.cr[t] /parity-build/
RUN set -eu; \
    if [ -f /parity-build/parity-ca.crt ]; then export PIP_CERT=/parity-build/parity-ca.crt; fi; \
    install() { \
      /opt/uv/bin/python -m pip install --quiet --no-cache-dir --no-compile --disable-pip-version-check --only-binary :all: \
        --require-hashes -r /parity-build/uv.txt; \
    }; \
    carried=$(python3 -c 'import ensurepip, os; print(os.path.dirname(ensurepip.__file__))' || true); \
    python3 -m venv --without-pip /opt/uv; \
    for pip in /usr/share/python-wheels/pip-*.whl "$carried"/_bundled/pip-*.whl; do \
      if [ -f "$pip" ] && PYTHONPATH=$pip install; then break; fi; \
    done; \
    if [ ! -x /opt/uv/bin/uv ]; then python3 -m venv --clear /opt/uv; install; fi; \
    /opt/uv/bin/uv --version
