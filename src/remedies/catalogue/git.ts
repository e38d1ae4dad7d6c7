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
  {
    id: 'git/unreachable-repository',
    title: 'A repository cannot be fetched from here',
    meaning:
      'git could not reach the host of a repository. pre-commit gets each hook from its repository, so that none of its hooks runs then; other steps say what they can without it.',
    remedy:
      'Where no network leads there, leave it to CI, or have git take a mirror: git config --global url.MIRROR.insteadOf URL',
    before: 'repos:\n  - repo: https://github.com/psf/black\n    rev: 25.9.0\n    hooks: [{ id: black }]',
    after:
      'repos:\n  - repo: local\n    hooks: [{ id: black, name: black, entry: black --check, language: system, types: [python] }]',
    links: ['https://git-scm.com/docs/git-config#Documentation/git-config.txt-urlbaseinsteadOf'],
    matchers: [
      {
        pattern:
          /fatal: unable to access '(?<url>https?:\/\/[^\s']{1,80})': (?:Could not resolve host|Failed to connect|Connection )/,
        remedy: 'Nothing here reaches {url}: leave it to CI, or give git a mirror (url.MIRROR.insteadOf)',
      },
    ],
    kind: 'cause',
    escalates: true,
    covers: ['infrastructure/name-resolution', 'infrastructure/connection-refused'],
  },
  {
    id: 'git/submodule-not-checked-out',
    title: 'A submodule is not checked out, and its files are wanted',
    meaning:
      'The repository has a submodule whose folder is empty here, as after a plain git clone. CI checks it out (`submodules:` of actions/checkout), and steps see it here as soon as it is there.',
    remedy: 'Check it out: git submodule update --init --recursive',
    before: 'git clone URL',
    after: 'git clone --recurse-submodules URL',
    links: ['https://git-scm.com/docs/git-submodule#Documentation/git-submodule.txt-update'],
    matchers: [
      {
        tool: 'git',
        pattern: /^(?<path>.+) is a submodule that is not checked out$/,
        remedy: 'Check it out: git submodule update --init --recursive {path}',
        isDecisive: true,
      },
    ],
    kind: 'cause',
  },
];
