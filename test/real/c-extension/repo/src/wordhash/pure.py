"""The same in Python."""

OFFSET = 0x811C9DC5
PRIME = 0x01000193


def fnv1a(word: bytes) -> int:
    value = OFFSET
    for byte in word:
        value = ((value ^ byte) * PRIME) & 0xFFFFFFFF
    return value
