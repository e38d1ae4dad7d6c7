import pytest

from iniconfig import IniConfig, ParseError

TEXT = """\
[one]
a = 1
b : 2
  3

# a remark
[two]
c =
    4
"""


@pytest.fixture
def ini():
    return IniConfig("some.ini", TEXT)


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [("one", "a", "1"), ("one", "b", "2\n3"), ("two", "c", "4")],
)
def test_values(ini, section, name, value):
    assert ini[section][name] == value == ini.get(section, name)


def test_lines(ini):
    assert ini["two"].lineof("c") == 7


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = 1", "x.ini:1: no section header defined"),
        ("[a]\n[a]", "x.ini:2: duplicate section 'a'"),
        ("[a]\nb=1\nb=2", "x.ini:3: duplicate name 'b'"),
    ],
)
def test_mistakes(text, message):
    with pytest.raises(ParseError) as caught:
        IniConfig("x.ini", text)
    assert str(caught.value) == message


@pytest.mark.bytes
@pytest.mark.skip(reason="which encoding it is cannot be told")
def test_latin_1(tmp_path):
    raise NotImplementedError


@pytest.mark.xfail(raises=AssertionError)
def test_remark_behind_a_value():
    assert IniConfig("x.ini", "[a]\nb = 1 # one")["a"]["b"] == "1"
