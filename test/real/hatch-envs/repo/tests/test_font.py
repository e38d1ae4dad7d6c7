import os

import pytest

from glyphboard import load_font


@pytest.fixture
def font():
    return load_font()


def test_the_environments_font(font):
    assert os.environ["GLYPHBOARD_FONT"] == font.name == "block"


@pytest.mark.parametrize("text", ["h", "hi", "HIHI"])
def test_three_rows(font, text):
    assert len(font.render(text).splitlines()) == 3


def test_width(font):
    assert font.width("hi") == 5


@pytest.mark.xfail(raises=KeyError, strict=True)
def test_missing_letter(font):
    font.render("x")
