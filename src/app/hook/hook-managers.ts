/** What .pre-commit-config.yaml needs for the check of a push, where parity is installed. */
export const preCommitLines = `repos:
  - repo: local
    hooks:
      - id: parity-preflight
        name: parity preflight
        entry: parity preflight --hook pre-commit
        language: system
        stages: [pre-push]
        pass_filenames: false
        always_run: true`;

/** What lefthook.yml needs for it. */
export const lefthookLines = `pre-push:
  commands:
    parity:
      run: parity preflight --hook pre-push
      use_stdin: true`;
