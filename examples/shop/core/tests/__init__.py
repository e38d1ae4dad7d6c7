"""The shop's tests: `pytest -q` at the repository's root."""
