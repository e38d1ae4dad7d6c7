import type { Remedy } from '../remedy.ts';

/** What Alembic says. */
export const alembic: readonly Remedy[] = [
  {
    id: 'alembic/multiple-heads',
    title: 'Two migrations follow the same one',
    meaning:
      'Two branches each added a migration after the same revision; merged, there are two heads, and `upgrade head` cannot tell which is meant.',
    remedy: 'Join them: alembic merge heads -m "merge"; or set down_revision of the newer to the other',
    before: 'alembic upgrade head',
    after: 'alembic merge heads -m "merge"\nalembic upgrade head',
    links: ['https://alembic.sqlalchemy.org/en/latest/branches.html'],
    matchers: [{ pattern: /Multiple head revisions are present/ }, { pattern: /FAILED: Multiple heads are present/ }],
    kind: 'cause',
  },
  {
    id: 'alembic/unknown-revision',
    title: 'A migration names one that is not there',
    meaning: 'Its file was deleted, renamed, or is not committed; or the database was upgraded by another branch.',
    remedy: 'Commit the missing file of alembic/versions, correct down_revision, or make the database anew',
    links: ['https://alembic.sqlalchemy.org/en/latest/tutorial.html'],
    matchers: [
      {
        pattern: /Can't locate revision identified by '(?<revision>[^']+)'/,
        remedy:
          'Find `{revision}` in the versions folder: commit its file, correct down_revision, or make the database anew',
      },
    ],
    kind: 'cause',
  },
  {
    id: 'alembic/not-up-to-date',
    title: 'The database lacks migrations that are there',
    meaning: 'Alembic compares with the database only when that is at the newest revision.',
    remedy: 'Run alembic upgrade head before this command',
    before: 'alembic check',
    after: 'alembic upgrade head\nalembic check',
    links: ['https://alembic.sqlalchemy.org/en/latest/autogenerate.html'],
    matchers: [{ pattern: /Target database is not up to date/ }],
  },
  {
    id: 'alembic/missing-migration',
    title: 'The models have changed and no migration says so',
    meaning: '`alembic check` found differences between the models and what the migrations make.',
    remedy: 'Make it, look at it and commit it: alembic revision --autogenerate -m "what changed"',
    links: [
      'https://alembic.sqlalchemy.org/en/latest/autogenerate.html#running-alembic-check-to-test-for-new-upgrade-operations',
    ],
    matchers: [{ pattern: /New upgrade operations detected/ }],
  },
];
