class Book:
    def __init__(self, limit):
        self.limit = int(limit)
        self.entries = []

    def write(self, name):
        self.entries.append(name)
        del self.entries[: -self.limit]
