import type { CommandContext } from '../context.ts';
import {
  lockProject,
  countChanges,
  type LockOutcome,
  type LockProjectOptions,
  type ProjectLocked,
} from '../../app/lock/lock-project.ts';
import { openProject } from '../../app/project/open-project.ts';
import { startConnecting } from '../../app/project/pending-engine.ts';
import { ok, type Result } from '../../core/result.ts';
import { describeChange } from '../../lock/changes.ts';
import { describeChangedInput } from '../../lock/check-lock.ts';
import type { Lock } from '../../lock/lock.ts';
import { lockFileName } from '../../lock/write.ts';
import { exitCodes } from '../exit.ts';

/** `parity lock`: brings the lock up to date, or with `check` only says whether it is. Exit code 1 for a stale one. */
export async function lock(
  context: CommandContext,
  flags: Pick<LockProjectOptions, 'check' | 'upgrade' | 'platform'>,
): Promise<Result<number>> {
  const { terminal, events, signal } = context;
  const pending = startConnecting(context);
  try {
    const opened = await openProject(context, { verbose: terminal.verbose });
    if (!opened.ok) return opened;
    const { project, config } = opened.value;
    const locking = { projectDir: project.dir, config, engine: pending.engine, emit: events.emit, signal };
    const locked = await lockProject({ ...locking, ...flags });
    if (!locked.ok) return locked;
    const { outcome } = locked.value;
    terminal.print(terminal.json ? JSON.stringify({ type: 'lock-finished', ...outcome }) : lockText(locked.value));
    return ok(outcome.status === 'stale' ? exitCodes.no : exitCodes.yes);
  } finally {
    await pending.close();
  }
}

function lockText({ outcome, awaitedImage, resolved }: ProjectLocked): string {
  if (awaitedImage !== undefined)
    return `${lockFileName} is not complete: the image of ${awaitedImage} awaits its first build there: parity build`;
  return resolved === undefined ? checkText(outcome) : resolvedText(outcome, resolved);
}

function checkText({ status, moved }: LockOutcome): string {
  if (status === 'current') return `${lockFileName} is up to date`;
  const lines = moved.map((each) => `  ${describeChangedInput(each)}`);
  return [`${lockFileName} is stale:`, ...lines, 'Run: parity lock'].join('\n');
}

/** Which packages of the repository are built, and with how much. */
function builtHere(build: Lock['python']['build']): string {
  if (build === undefined) return '';
  const names = build.projects.map(({ name, path }) => name ?? path).join(', ');
  return `; ${names} ${build.projects.length === 1 ? 'is' : 'are'} built here, with ${build.packages.length} build requirements`;
}

function packageLines({ packages }: Lock['python'], of: string): readonly string[] {
  return packages.map(({ name, version }) => `+ ${name} ${version}${of}`);
}

function contentText({ python, node }: Pick<Lock, 'python' | 'node'>): string {
  const withNode = node === undefined ? '' : `, Node ${node.version}`;
  return `Python ${python.version} with ${python.packages.length} packages${withNode}${builtHere(python.build)}`;
}

function resolvedText(
  { changes }: LockOutcome,
  { lock, changed, isFirst }: NonNullable<ProjectLocked['resolved']>,
): string {
  if (!changed) return `${lockFileName} is already up to date`;
  if (isFirst) {
    const named = Object.entries(lock.toolchains ?? {});
    return [
      ...packageLines(lock.python, ''),
      ...named.flatMap(([name, { python }]) => packageLines(python, ` (${name})`)),
      `wrote ${lockFileName}: ${contentText(lock)}`,
      ...named.map(([name, each]) => `  toolchain ${name}: ${contentText(each)}`),
    ].join('\n');
  }
  const pins = changes.length === 0 ? 'no pin changed' : countChanges(changes);
  return [...changes.map(describeChange), `wrote ${lockFileName}: ${pins}`].join('\n');
}
