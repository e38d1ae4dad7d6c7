import pytest

from shelfmark import Mark, parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("QA76", Mark("QA", 76)),
        ("QA 76 C3", Mark("QA", 76, "C3")),
        (" Z 699 ", Mark("Z", 699)),
    ],
)
def test_parse(text, expected):
    assert parse(text) == expected
    assert str(parse(str(expected))) == str(expected)


def test_refuses():
    with pytest.raises(ValueError, match="no call number"):
        parse("76 QA")


def test_order():
    assert sorted([Mark("QA", 9), Mark("Q", 10), Mark("QA", 10)])[0] == Mark("Q", 10)


@pytest.mark.xfail(reason="decimals")
def test_decimals():
    assert parse("QA76.9")
