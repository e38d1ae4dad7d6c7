import type { Remedy } from '../remedy.ts';

/** What git says. */
export const git: readonly Remedy[] = [
  {
    id: 'git/no-identity',
    title: 'git commits nothing: it has no name and e-mail address here',
    meaning:
      'Your machine has user.name and user.email in ~/.gitconfig. A step has no such file, and neither has a CI runner: a test or script that commits has to bring its own identity.',
    remedy: 'Set one where the commit is made: git -c user.name=test -c user.email=test@example.com commit',
    before: 'subprocess.run(["git", "commit", "-m", "first"], cwd=folder, check=True)',
    after:
      '# conftest.py\n@pytest.fixture(autouse=True)\ndef git_identity(monkeypatch):\n    for role in ("AUTHOR", "COMMITTER"):\n        monkeypatch.setenv(f"GIT_{role}_NAME", "test")\n        monkeypatch.setenv(f"GIT_{role}_EMAIL", "test@example.com")',
    links: ['https://git-scm.com/docs/git-commit#_commit_information'],
    matchers: [
      {
        pattern:
          /\*\*\* Please tell me who you are\.|^(?:Author|Committer) identity unknown$|fatal: (?:unable to auto-detect email address|empty ident name|no (?:email|name) was given and auto-detection is disabled)/m,
      },
    ],
    kind: 'cause',
  },
];
