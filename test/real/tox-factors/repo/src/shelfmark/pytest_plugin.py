"""A fixture for the tests of other libraries' programs."""

import pytest

from .mark import parse


@pytest.fixture
def mark():
    return parse
