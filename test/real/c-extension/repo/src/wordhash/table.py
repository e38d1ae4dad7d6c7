"""Words in the order of their hashes."""

from sortedcontainers import SortedDict


class Table:
    def __init__(self, words, hash_word):
        self._words = SortedDict((hash_word(word.encode()), word) for word in words)

    def __iter__(self):
        return iter(self._words.values())

    def __len__(self):
        return len(self._words)
