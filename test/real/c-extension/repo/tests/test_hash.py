import pytest

import wordhash
from wordhash import Table, pure_fnv1a

try:
    from wordhash._speedups import fnv1a as compiled
except ImportError:
    compiled = None

needs_compiled = pytest.mark.skipif(compiled is None, reason="the extension was not built")
both = pytest.mark.parametrize(
    "hash_word",
    [pure_fnv1a, pytest.param(compiled, marks=needs_compiled)],
    ids=["pure", "compiled"],
)


@both
@pytest.mark.parametrize("word, value", [(b"", 0x811C9DC5), (b"a", 0xE40C292C)])
def test_known_values(hash_word, word, value):
    assert hash_word(word) == value


@both
def test_table(hash_word):
    assert list(Table(["b", "a", "a"], hash_word)) == ["a", "b"]


@needs_compiled
@pytest.mark.repeat(3)
def test_the_same():
    for length in range(100):
        assert compiled(bytes(length)) == pure_fnv1a(bytes(length))


def test_the_extension_is_used():
    assert wordhash.fnv1a is compiled


@pytest.mark.xfail(raises=TypeError, strict=True)
def test_text_has_no_hash():
    wordhash.fnv1a("text")
