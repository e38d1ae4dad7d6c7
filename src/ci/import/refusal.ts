import { shellCommands, type ShellCommand } from '../../formats/shell.ts';
import type { ShellStatement } from '../../formats/statements.ts';
import { commandKind } from './command.ts';

/** A command that leaves the script: it sets up, or says nothing by itself. */
export function isSetUpCommand(command: ShellCommand): boolean {
  const kind = commandKind(command);
  return kind === 'python-install' || kind === 'system-install' || kind === 'aside' || hasNoEffect(command);
}

/** A command that says nothing by itself. */
export function hasNoEffect(command: ShellCommand): boolean {
  return commandKind(command) === 'neutral';
}

/** Why a statement can't be a part of a step, and whether what stands around it may need it; undefined when it can be one. */
export function refusalReason(
  statement: ShellStatement,
): { readonly why: string; readonly needed: boolean } | undefined {
  const kinds = shellCommands(statement.text).map((command) => [commandKind(command), command] as const);
  const publishing = kinds.find(([kind]) => kind === 'publish');
  if (publishing !== undefined) {
    const asks = publishing[1].words[0]?.text === 'gh';
    return { why: asks ? 'it asks GitHub' : 'it publishes', needed: false };
  }
  const foreign = kinds.find(([kind]) => kind === 'foreign');
  if (foreign !== undefined) {
    const installs = foreignInstall.test(foreign[1].words[0]?.text ?? '');
    return { why: foreignReason(foreign[1]), needed: !installs };
  }
  const installs = kinds.some(([kind]) => kind === 'python-install' || kind === 'system-install');
  const others = kinds.some(([, command]) => !isSetUpCommand(command));
  const isSystems = /\/etc\/(?:apt|timezone|localtime|locale)|\bapt\.conf/.test(statement.text);
  if ((others || isSystems) && needsRoot(statement.text))
    return { why: 'it needs root, which steps do not have', needed: !isSystems };
  // `pip install x && pytest` comes apart; a loop or a pipe around both does not.
  if (
    installs &&
    others &&
    (statement.isCompound || statement.parts.some(({ joint }) => joint === '||' || joint === '|'))
  )
    return { why: 'it installs packages together with other commands', needed: true };
  return undefined;
}

/** Programs that only install: what they bring is the image's business. */
const foreignInstall = /^(?:apk|dnf|microdnf|yum|zypper|pacman|dpkg|apt-key|snap|brew)$/;

const rootPrograms = /^(?:useradd|adduser|groupadd|usermod|su|chown|chgrp|dpkg|apt-key|mount|umount|ufw|iptables)$/;

/** Steps run as the caller, not as root: what changes the system itself can't. */
function needsRoot(text: string): boolean {
  return (
    /(?:^|[\s;&|(])sudo\s|\/etc\/apt/.test(text) ||
    /(?:>>?|\b(?:rm|tee|cp|mv|ln|install|sed -\S*i\S*|touch|mkdir)\b[^\n;&|]*?)\s*["']?\/(?:etc|usr|opt|root|var|srv|bin|lib)\//.test(
      text,
    )
  );
}

function foreignReason({ words }: ShellCommand): string {
  const program = (words[0]?.text ?? '').replace(/^.*\//, '');
  if (/^(?:docker|docker-compose|podman|buildah|kind|minikube|act)$/.test(program))
    return 'it needs a container engine, which steps do not have';
  if (/^(?:npm|pnpm|yarn|bun)$/.test(program))
    return 'the image has no global npm packages: name it in package.json, or call it through npx';
  if (/^(?:conda|mamba|micromamba)$/.test(program))
    return 'conda environments are not read: list what the steps need in toolchain.tools and toolchain.system';
  if (/^(?:kubectl|helm|terraform|tofu|pulumi|ansible-playbook)$/.test(program))
    return 'it works on machines elsewhere';
  if (rootPrograms.test(program)) return 'it needs root, which steps do not have';
  if (/^(?:apk|dnf|microdnf|yum|zypper|pacman)$/.test(program))
    return 'the image is Debian: what it installs goes into toolchain.system under its name there';
  return `the image has no ${program}; a Debian package of it goes into toolchain.system`;
}

/**
 * A statement that only writes one of the files through which a GitHub step speaks to the runner: `passed-on` is for the later steps of its job, an
 * `output` for those that ask for it, and `aside` for nobody here (a summary, a variable with a plain value, which later steps get as theirs).
 */
export function runnerFile({
  text,
  isCompound,
}: ShellStatement): { readonly file: 'passed-on' | 'output' | 'aside' } | undefined {
  const file = />>\s*["']?\$\{?GITHUB_(ENV|OUTPUT|PATH|STEP_SUMMARY)\}?["']?\s*$/.exec(text)?.[1];
  if (file === undefined || isCompound || !/^(?:echo|printf|cat|sed)\b/.test(text)) return undefined;
  if (file === 'OUTPUT') return { file: 'output' };
  const isPlain = file === 'ENV' && /^echo\s+(["']?)[A-Za-z_]\w*=[^"'`$\n>]*\1\s*>>/.test(text);
  return { file: file === 'STEP_SUMMARY' || isPlain ? 'aside' : 'passed-on' };
}
