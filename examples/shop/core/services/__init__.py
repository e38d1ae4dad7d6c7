"""What the shop does. A service takes a session and leaves the commit to its caller."""
