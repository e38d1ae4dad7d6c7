import { alembic } from './catalogue/alembic.ts';
import { asyncio } from './catalogue/asyncio.ts';
import { black } from './catalogue/black.ts';
import { fastapi } from './catalogue/fastapi.ts';
import { flake8 } from './catalogue/flake8.ts';
import { git } from './catalogue/git.ts';
import { infrastructure } from './catalogue/infrastructure.ts';
import { mypy } from './catalogue/mypy.ts';
import { npm } from './catalogue/npm.ts';
import { pip } from './catalogue/pip.ts';
import { pytest } from './catalogue/pytest.ts';
import { python } from './catalogue/python.ts';
import { shell } from './catalogue/shell.ts';
import { sqlalchemy } from './catalogue/sqlalchemy.ts';
import { tsc } from './catalogue/tsc.ts';
import { vite } from './catalogue/vite.ts';
import { vitest } from './catalogue/vitest.ts';
import type { Remedy } from './remedy.ts';

/** All entries, tool by tool. Each has an example below test/fixtures/remedies that fails for real with the tools in parity's image. */
export const catalogue: readonly Remedy[] = [
  black,
  flake8,
  mypy,
  python,
  pytest,
  asyncio,
  sqlalchemy,
  alembic,
  fastapi,
  tsc,
  vite,
  vitest,
  npm,
  pip,
  git,
  shell,
  infrastructure,
].flat();
