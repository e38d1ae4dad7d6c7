"""How orders are written out; found by their entry points."""

from collections.abc import Callable, Iterable
from importlib.metadata import entry_points

from orders_core import Money

Order = tuple[str, Money]


def to_csv(orders: Iterable[Order]) -> str:
    return "".join(f"{name},{money.cents}\n" for name, money in orders)


def to_text(orders: Iterable[Order]) -> str:
    return "".join(f"{name}: {money}\n" for name, money in orders)


def exporter(name: str) -> Callable[[Iterable[Order]], str]:
    (found,) = entry_points(group="orders.exporters", name=name)
    return found.load()
