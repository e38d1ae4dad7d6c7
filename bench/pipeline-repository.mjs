// A repository of sixty modules and three hundred tests, laid out as the page's: SQLAlchemy models of a part of a shop each, and tests that do
// what such tests do: make a database, fill it, ask it, reckon.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { commitAll } from './measure.mjs';
import { pythonSteps, tools } from './shop.mjs';

const modules = 60;

/** Writes the repository, with `split` (a line of parity.yaml) on its tests' step if one is given, and commits it. */
export function writePipelineRepository(folder, split) {
  const names = ['format', 'lint', 'types', 'tests'];
  const steps = pythonSteps.map((run, index) => {
    const more = names[index] === 'tests' && split !== undefined ? `\n    ${split}` : '';
    return `  - name: ${names[index]}\n    run: ${run}${more}\n`;
  });
  const toolchain = `{ python: "3.11", tools: [${tools.split(' ').join(', ')}], requirements: [core/requirements.txt], system: [] }`;
  const files = {
    'parity.yaml': `version: 1\ntoolchain: ${toolchain}\npipeline:\n${steps.join('')}`,
    'mypy.ini': '[mypy]\npython_version = 3.11\nstrict = True\n',
    'pyproject.toml': '[tool.pytest.ini_options]\nasyncio_default_fixture_loop_scope = "function"\n',
    '.gitignore': '.venv/\n.mypy_cache/\n.pytest_cache/\n__pycache__/\n.coverage\n',
    'core/__init__.py': '',
    'core/requirements.txt': 'sqlalchemy==2.0.23\n',
    'core/parts/__init__.py': '',
    'core/tests/__init__.py': '',
    'core/tests/conftest.py': conftest,
  };
  for (let n = 1; n <= modules; n += 1) {
    files[`core/parts/part_${n}.py`] = partOf(n);
    files[`core/tests/test_part_${n}.py`] = testsOf(n);
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  commitAll(folder);
}

/** A copy of such a repository, its lock included. */
export function copyRepository(from, to) {
  cpSync(from, to, { recursive: true });
}

const conftest = `from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import MetaData, create_engine
from sqlalchemy.orm import Session

Open = Callable[[MetaData], Session]


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens sessions with databases of their own."""
    engine = create_engine("sqlite://")
    sessions: list[Session] = []

    def open_session(metadata: MetaData) -> Session:
        metadata.create_all(engine)
        sessions.append(Session(engine))
        return sessions[-1]

    yield open_session
    for session in sessions:
        session.close()
    engine.dispose()
`;

const partOf = (n) => `"""Products, customers and orders of part ${n}."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ForeignKey, Numeric, String, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session
from sqlalchemy.orm import mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customer_${n}"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    orders: Mapped[list[Order]] = relationship(back_populates="customer")


class Product(Base):
    __tablename__ = "product_${n}"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    stock: Mapped[int] = mapped_column(default=0)


class Order(Base):
    __tablename__ = "order_${n}"
    id: Mapped[int] = mapped_column(primary_key=True)
    quantity: Mapped[int]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer_${n}.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product_${n}.id"))
    customer: Mapped[Customer] = relationship(back_populates="orders")
    product: Mapped[Product] = relationship()


@dataclass(frozen=True)
class Line:
    code: str
    quantity: int
    total: Decimal


def fill(session: Session, count: int) -> None:
    """Puts in customers and products, and an order of each."""
    for number in range(count):
        product = Product(code=f"P{number}", price=Decimal(number), stock=9)
        customer = Customer(name=f"customer {number}")
        order = Order(quantity=1 + number % 3)
        order.customer, order.product = customer, product
        session.add(order)
    session.commit()


def lines(session: Session) -> list[Line]:
    """Every order's line."""
    query = select(Order).join(Order.product).order_by(Product.id)
    found = []
    for each in session.scalars(query):
        total = each.product.price * each.quantity
        found.append(Line(each.product.code, each.quantity, total))
    return found


def revenue(session: Session) -> Decimal:
    """What all orders come to."""
    total = func.sum(Product.price * Order.quantity)
    query = select(total).select_from(Order).join(Order.product)
    return Decimal(session.scalar(query) or 0)


def sell(session: Session, code: str, quantity: int) -> int:
    """Takes products out of stock; gives what is left."""
    product = session.scalars(select(Product).filter_by(code=code)).one()
    if product.stock < quantity:
        raise ValueError(f"only {product.stock} of {code}")
    product.stock -= quantity
    session.commit()
    return product.stock


async def fingerprint(text: str, rounds: int) -> str:
    """A digest that takes its time."""
    digest = text.encode()
    for _ in range(rounds):
        digest = hashlib.sha256(digest).digest()
    return digest.hex()
`;

// How much there is to do differs from module to module, so that a division by count alone would be a bad one.
const testsOf = (n) => {
  const rows = 12 + (n % 5) * 9;
  return `from decimal import Decimal

import pytest

from core.parts import part_${n} as part
from core.tests.conftest import Open


def test_lines(opened: Open) -> None:
    session = opened(part.Base.metadata)
    part.fill(session, ${rows})
    found = part.lines(session)
    assert len(found) == ${rows}
    assert found[3].total == Decimal(3)


def test_revenue(opened: Open) -> None:
    session = opened(part.Base.metadata)
    part.fill(session, ${rows})
    expected = sum((each.total for each in part.lines(session)), Decimal(0))
    assert part.revenue(session) == expected


def test_sell(opened: Open) -> None:
    session = opened(part.Base.metadata)
    part.fill(session, ${rows})
    left = [part.sell(session, f"P{number}", 2) for number in range(10)]
    assert left == [7] * 10


def test_too_many(opened: Open) -> None:
    session = opened(part.Base.metadata)
    part.fill(session, ${rows})
    with pytest.raises(ValueError, match="only 9 of P1"):
        part.sell(session, "P1", 10)


@pytest.mark.asyncio
async def test_fingerprint() -> None:
    assert len(await part.fingerprint("part ${n}", ${8000 + (n % 4) * 4000})) == 64
`;
};
