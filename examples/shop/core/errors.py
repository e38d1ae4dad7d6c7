"""What can go wrong in the shop, in the shop's own words."""


class ShopError(Exception):
    """A request that the shop has to refuse."""


class NotFound(ShopError):
    """There is no such thing."""


class Conflict(ShopError):
    """The thing exists, and its state does not allow this."""


class Invalid(ShopError):
    """The request makes no sense, whatever the state."""
