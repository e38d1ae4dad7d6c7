"""The connection to the database. Importing this module connects to nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from core.models import Base


class Database:
    """An engine and its sessions: the app makes one, and each test makes its own."""

    def __init__(self, url: str) -> None:
        self._engine = create_async_engine(url)
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)

    async def create_tables(self) -> None:
        """Creates the tables that are not there yet."""
        async with self._engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One session, one transaction: committed at the end, or undone as a whole.

        A session belongs to one task. Sharing one between tasks (or tests) is the
        usual reason for tests that fail now and then.
        """
        async with self._sessions() as session, session.begin():
            yield session

    async def close(self) -> None:
        """Closes the connections."""
        await self._engine.dispose()
