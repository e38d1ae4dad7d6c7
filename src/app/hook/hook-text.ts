import { shellWord } from '../../core/shell-word.ts';

/** How a hook finds parity. */
export interface HookCall {
  /** The program of this installation and the Node that runs it; paths are absolute or relative to the work tree's top. Absent in a committed hook. */
  readonly installed?: { readonly node: string; readonly bin: string };
  /** The project's folder, relative to the work tree's top; `` = the top. */
  readonly project: string;
  /** The hook serves other repositories too: those without parity's files are none of its business. */
  readonly isShared: boolean;
}

const begin = '# >>> parity >>> checks what is pushed; `parity hook uninstall` removes these lines';
const end = '# <<< parity <<<';
const ownHead = '#!/bin/sh\n# Made by `parity hook install`.\n';

/**
 * The lines of a pre-push hook that check what is pushed, in POSIX sh, each line ended. What follows them in the hook reads its stdin as if
 * nobody had. A parity that is gone refuses the push: an unchecked push must not look checked.
 */
export function hookLines({ installed, project, isShared }: HookCall): string {
  const run = (program: string): string =>
    `${program}${project === '' ? '' : ` --cwd ${shellWord(project)}`} preflight "$@"`;
  const ways =
    installed === undefined
      ? [['[ -x node_modules/.bin/parity ]', run('node_modules/.bin/parity')]]
      : [
          [
            `[ -f ${shellWord(installed.bin)} ] && [ -x ${shellWord(installed.node)} ]`,
            run(`${shellWord(installed.node)} ${shellWord(installed.bin)}`),
          ],
          [
            `[ -f ${shellWord(installed.bin)} ] && command -v node >/dev/null 2>&1`,
            run(`node ${shellWord(installed.bin)}`),
          ],
        ];
  const chosen = [...ways, ['command -v parity >/dev/null 2>&1', run('parity')]];
  const branches = chosen.map(
    ([condition, command], index) => `  ${index === 0 ? 'if' : 'elif'} ${condition}; then\n    ${command}\n`,
  );
  const folder = project === '' ? undefined : `[ -d ${shellWord(project)} ]`;
  const concerned = isShared ? '{ [ -f parity.yaml ] || [ -f parity.lock.json ]; }' : folder;
  const indent = concerned === undefined ? '' : '  ';
  const check = `${indent}printf '%s\\n' "$parity_refs" | parity_preflight --hook pre-push "$@" || exit $?\n`;
  return `${begin}
parity_refs=$(cat)
parity_preflight() {
${branches.join('')}  else
    echo 'parity is not to be found, so this push was not checked and is refused.' >&2
    echo 'Install parity, or push without the check: git push --no-verify' >&2
    return 1
  fi
}
${concerned === undefined ? check : `if ${concerned}; then\n${check}fi\n`}if [ -n "$parity_refs" ]; then
exec <<parity_end
$parity_refs
parity_end
fi
${end}
`;
}

/** A hook file with parity's lines in it; undefined when its program is no POSIX shell. `current` is undefined when there is none. */
export function withHook(current: string | undefined, lines: string): string | undefined {
  if (current === undefined) return ownHead + lines;
  const without = withoutHook(current);
  if (without === undefined) return ownHead + lines;
  if (!isShellScript(without)) return undefined;
  // First of all: what follows may end in `exec` or `exit`.
  const head = /^#![^\n]*\n?/.exec(without)?.[0] ?? '';
  const rest = without.slice(head.length);
  return head === '' || head.endsWith('\n') ? `${head}${lines}${rest}` : `${head}\n${lines.slice(0, -1)}`;
}

/** A hook file without parity's lines, byte for byte as it was before; undefined when parity made it whole. */
export function withoutHook(current: string): string | undefined {
  const from = current.indexOf(begin);
  if (from < 0 || (from > 0 && current[from - 1] !== '\n')) return current;
  const to = current.indexOf(`\n${end}`, from);
  if (to < 0) return current;
  const after = current.slice(to + 1 + end.length);
  const before = current.slice(0, from);
  // Where there was only a first line without an end, the lines were put after one of their own.
  const text = after === '' ? before.slice(0, -1) : before + after.replace(/^\n/, '');
  return text === ownHead ? undefined : text;
}

/** True when a hook file has parity's lines. */
export function hasHook(current: string): boolean {
  return withoutHook(current) !== current;
}

// #!/bin/sh, #!/usr/bin/env bash, #!/usr/bin/env -S bash -e, #!/usr/local/bin/zsh. Without such a line, git lets sh run it.
function isShellScript(text: string): boolean {
  if (text.includes('\0')) return false;
  if (!text.startsWith('#!')) return true;
  return /^#!\s*(?:\S*\/env\s+(?:-S\s*)?)?(?:\S*\/)?(?:ba|da|a|k|z)?sh(?:\s|$)/.test(text);
}
