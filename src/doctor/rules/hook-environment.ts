import { posix } from 'node:path';
import type { Audit, Rule, RuleFinding } from '../audit.ts';
import { invocationOf } from '../commands/invocation.ts';
import { shellCommands } from '../../formats/shell.ts';
import { foundSettings } from '../commands/found-settings.ts';
import type { LocatedCommandDeclaration, LocatedDeclaration, Subject } from '../declaration.ts';
import { isLinterPlugin } from '../tools.ts';

/** PD026. A hook of another repository than `local` has an environment of its own: the tool, and its additional_dependencies. */
export const hookEnvironment: Rule = {
  id: 'PD026',
  name: 'hook-environment',
  severity: 'warning',
  sentence: "A hook's own environment has other plug-ins or stubs than CI's: the two find different things.",
  check: (audit) => audit.commands.flatMap((hook) => (isIsolated(audit, hook) ? checkHook(audit, hook) : [])),
};

const tools = ['flake8', 'pylint', 'mypy'];

function toolOf(hook: LocatedCommandDeclaration): string | undefined {
  const tool = hook.by === 'pre-commit' ? invocationOf(hook.command)?.tool : undefined;
  return tool !== undefined && tools.includes(tool) ? tool : undefined;
}

function isIsolated({ places }: Audit, hook: LocatedCommandDeclaration): boolean {
  const tool = toolOf(hook);
  return (
    tool !== undefined &&
    (places.get(`pypi:${tool}`) ?? []).some(({ path, how }) => path === hook.path && how.startsWith('rev of '))
  );
}

function checkHook(audit: Audit, hook: LocatedCommandDeclaration): readonly RuleFinding[] {
  const tool = toolOf(hook) ?? '';
  const own = ofHook(audit, hook);
  // Where pre-commit is all that runs the tool, there is nothing to part from.
  if (!isRunOtherwise(audit, tool)) return [];
  if (tool === 'mypy') return lackOf(hook, tool, [...pluginsOf(audit, own), ...stubsOf(audit, own)]);
  const prefix = tool === 'pylint' ? 'pypi:pylint-' : 'pypi:';
  const plugins = [...audit.places.keys(), ...lockedSubjects(audit)].filter(
    (subject) => isLinterPlugin(subject) && (tool === 'pylint') === subject.startsWith('pypi:pylint-'),
  );
  const lacking = [...new Set(plugins)].filter((subject) => !own.has(subject) && isElsewhere(audit, subject, hook));
  const alone = [...own].filter(([subject]) => subject.startsWith(prefix) && !isElsewhere(audit, subject, hook));
  return [
    ...alone.map(([subject, place]): RuleFinding => {
      const name = subject.replace('pypi:', '');
      return {
        confidence: 'high',
        topic: subject,
        message: `only the hook ${hook.where} has ${name}: ${audit.lock === undefined ? 'CI does not install it' : 'neither CI nor the lock has it'}`,
        declared: place.raw,
        location: { path: place.path, span: place.span, raw: place.raw, note: place.how },
        related: [],
        hint: `add ${name}${place.value ?? ''} to what CI installs${audit.lock === undefined ? '' : ' (then: parity lock)'}, or take it from the hook`,
      };
    }),
    ...lackOf(
      hook,
      tool,
      lacking.map((subject) => ({ subject, why: '' })),
    ),
  ];
}

interface Lack {
  readonly subject: Subject;
  /** Why the tool needs it, in brackets; empty for what is plain. */
  readonly why: string;
}

/** One finding for all that a hook's environment lacks. */
function lackOf(hook: LocatedCommandDeclaration, tool: string, lacks: readonly Lack[]): readonly RuleFinding[] {
  const [first] = lacks;
  if (first === undefined) return [];
  const names = lacks.map(({ subject, why }) => `${subject.replace('pypi:', '')}${why}`);
  const list = names.length === 1 ? `no ${names[0]}` : `neither ${names.slice(0, -1).join(', ')} nor ${names.at(-1)}`;
  const { path, span } = hook;
  return [
    {
      confidence: 'high',
      topic: `command:${tool}`,
      message: `the hook ${hook.where}'s own environment has ${list}, which CI's has`,
      location: { path, span, raw: hook.where, note: `the hook ${hook.where}` },
      related: [],
      hint: `add to the hook: additional_dependencies: [${lacks.map(({ subject }) => subject.replace('pypi:', '')).join(', ')}], at CI's versions`,
    },
  ];
}

function ofHook({ places }: Audit, hook: LocatedCommandDeclaration): ReadonlyMap<Subject, LocatedDeclaration> {
  const how = `additional_dependencies of ${hook.where}`;
  return new Map(
    [...places].flatMap(([subject, list]) => {
      const place = list.find((each) => each.path === hook.path && each.how === how);
      return place === undefined ? [] : [[subject, place] as const];
    }),
  );
}

function lockedSubjects({ lock }: Audit): readonly Subject[] {
  return lock?.python.packages.map(({ name }): Subject => `pypi:${name}`) ?? [];
}

/** True for what the lock holds, or another file than the hook's installs. */
function isElsewhere(audit: Audit, subject: Subject, { path }: LocatedCommandDeclaration): boolean {
  const declared = (audit.places.get(subject) ?? []).some(
    (place) => place.path !== path && ['install', 'library', 'locked'].includes(place.role),
  );
  return declared || lockedSubjects(audit).includes(subject);
}

function isRunOtherwise({ commands, pipeline = [] }: Audit, tool: string): boolean {
  const runs = (command: string): boolean => invocationOf(command)?.tool === tool;
  return (
    commands.some(({ by, command }) => by !== 'pre-commit' && runs(command)) ||
    pipeline.some((step) => shellCommands(step.run).some(({ words }) => runs(words.map(({ text }) => text).join(' '))))
  );
}

// Plug-ins of mypy that are in another package than their module's name says.
const packagesOfPlugins: Readonly<Record<string, string>> = {
  mypy_django_plugin: 'django-stubs',
  mypy_drf_plugin: 'djangorestframework-stubs',
  sqlmypy: 'sqlalchemy-stubs',
  strawberry: 'strawberry-graphql',
  numpy: 'numpy',
};

function pluginsOf({ settings }: Audit, own: ReadonlyMap<Subject, LocatedDeclaration>): readonly Lack[] {
  const plugins = foundSettings({ tool: 'mypy', cwd: '.', paths: [] }, settings)?.options.get('plugins') ?? '';
  const lacks = new Map<Subject, Lack>();
  for (const plugin of plugins.split(',').map((word) => word.trim())) {
    // A file is one of the project's own.
    if (plugin === '' || posix.basename(plugin).endsWith('.py') || /\.py:/.test(plugin)) continue;
    const [module = ''] = plugin.split(/[.:]/);
    const subject: Subject = `pypi:${packagesOfPlugins[module] ?? module.toLowerCase().replaceAll('_', '-')}`;
    if (!own.has(subject)) lacks.set(subject, { subject, why: ` (mypy loads the plug-in ${plugin})` });
  }
  return [...lacks.values()];
}

function stubsOf(audit: Audit, own: ReadonlyMap<Subject, LocatedDeclaration>): readonly Lack[] {
  const isStub = (subject: Subject): boolean => /^pypi:(?:types-.+|.+-stubs)$/.test(subject);
  const known = new Set([...audit.places.keys(), ...lockedSubjects(audit)].filter(isStub));
  return [...known].filter((subject) => !own.has(subject)).map((subject) => ({ subject, why: '' }));
}
