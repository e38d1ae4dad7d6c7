import type { z } from 'zod';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Complaint, ConfigDocument, DocumentPath } from './document.ts';
import { nearest } from './nearest.ts';
import { knownKeys } from './schema.ts';

/** Words of neighbouring tools, and parity's word for the same. */
const synonyms: Readonly<Record<string, string>> = {
  steps: 'pipeline',
  jobs: 'pipeline',
  stages: 'pipeline',
  tasks: 'pipeline',
  tools: 'toolchain',
  command: 'run',
  cmd: 'run',
  script: 'run',
  'working-directory': 'cwd',
  workdir: 'cwd',
  working_dir: 'cwd',
  directory: 'cwd',
  dir: 'cwd',
  depends_on: 'needs',
  dependsOn: 'needs',
  environment: 'env',
  variables: 'env',
  'timeout-minutes': 'timeout',
  timeout_minutes: 'timeout',
  healthcheck: 'ready',
  runs_on: 'runner',
  'runs-on': 'runner',
  parallel: 'shards',
  fetch_depth: 'depth',
  'fetch-depth': 'depth',
  'python-version': 'python',
  'node-version': 'node',
  packages: 'system',
  apt: 'system',
  dependencies: 'requirements',
  from: 'base',
  id: 'name',
};

/** Says what is wrong with the form of the document (keys, types, choices) from zod's issues, each at its place. */
export function shapeDiagnostics(document: ConfigDocument, issues: readonly z.core.$ZodIssue[]): Diagnostic[] {
  return issues.flatMap((issue) => {
    const path = issue.path as DocumentPath;
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) =>
        document.complain(document.keySpanOf([...path, key]), unknownKey(document, path, key)),
      );
    }
    const actual = valueAt(document.value, path);
    if (actual === undefined) return [document.complain(document.keySpanOf(path.slice(0, -1)), missing(path))];
    return [document.complain(document.spanOf(path), wrongValue(path, issue, actual))];
  });
}

/** The value at a path; undefined when there is none. */
export function valueAt(value: unknown, path: DocumentPath): unknown {
  let current = value;
  for (const part of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, part)) return undefined;
    current = (current as Record<string | number, unknown>)[part];
  }
  return current;
}

function unknownKey(document: ConfigDocument, path: DocumentPath, key: string): Complaint {
  const kind = kindAt(path);
  const keys = knownKeys[kind];
  const synonym = synonyms[key];
  const meant = synonym !== undefined && keys.includes(synonym) ? synonym : nearest(key, keys);
  const holder = valueAt(document.value, path);
  const taken = meant !== undefined && typeof holder === 'object' && holder !== null && Object.hasOwn(holder, meant);
  const place = {
    top: 'parity.yaml',
    toolchain: path[0] === 'toolchains' ? `\`toolchains.${String(path[1])}\`` : '`toolchain`',
    image: '`image`',
    service: 'a service',
    step: 'a step',
    build: `\`${path.join('.')}\``,
    cache: '`cache`',
    doctor: '`doctor`',
    ignored: 'an item of `doctor.ignore`',
    remedy: 'an item of `remedies`',
    ci: '`ci`',
    registry: '`ci.registry`',
    github: '`ci.github`',
    gitlab: '`ci.gitlab`',
  };
  const all = `known here: ${keys.join(', ')}`;
  return {
    code: 'unknown-key',
    message: `${place[kind]} has no key \`${key}\``,
    hint: meant === undefined ? all : taken ? `\`${meant}\` is there already; ${all}` : `did you mean \`${meant}\`?`,
  };
}

function kindAt(path: DocumentPath): keyof typeof knownKeys {
  if (path.length === 0) return 'top';
  if (path[0] === 'pipeline') return 'step';
  if (path[0] === 'services') return 'service';
  if (path[0] === 'remedies') return 'remedy';
  if (path[0] === 'cache') return 'cache';
  if (path[0] === 'doctor') return path.length > 1 ? 'ignored' : 'doctor';
  if (path[0] === 'ci') return path[1] === 'registry' || path[1] === 'github' || path[1] === 'gitlab' ? path[1] : 'ci';
  if (path[0] === 'image') return 'image';
  return path[path[0] === 'toolchains' ? 2 : 1] === 'build' ? 'build' : 'toolchain';
}

const examples: Readonly<Record<string, string>> = {
  version: 'version: 1',
  name: 'name: tests',
  run: 'run: pytest -q',
  image: 'image: "postgres:16"',
  rule: 'rule: PD004',
  reason: 'reason: the docs are built with what their theme asks for',
  id: 'id: team/vpn',
  title: 'title: The VPN is down',
  remedy: 'remedy: Connect with the VPN, then run it again',
  username: 'username: REGISTRY_USER',
  password: 'password: REGISTRY_TOKEN',
};

function missing(path: DocumentPath): Complaint {
  const key = String(path.at(-1));
  const owners = {
    step: 'this step',
    ignored: 'this item',
    remedy: 'this remedy',
    registry: '`ci.registry`',
    service: 'this service',
  };
  const kind = kindAt(path);
  const owner = path.length === 1 ? 'parity.yaml' : (owners[kind as keyof typeof owners] ?? 'this map');
  const example = examples[key];
  return {
    code: 'missing-key',
    message: `${owner} has no \`${key}\``,
    ...(example === undefined ? {} : { hint: `add \`${example}\`` }),
  };
}

function wrongValue(path: DocumentPath, issue: z.core.$ZodIssue, actual: unknown): Complaint {
  const key = path.findLast((part) => typeof part === 'string') ?? '';
  const label = typeof path.at(-1) === 'number' ? `an entry of \`${key}\`` : `\`${key}\``;
  if (path.length === 0) {
    const message = `parity.yaml must hold keys and values, not ${kindOf(actual)}`;
    return { code: 'wrong-type', message, hint: 'start with `version: 1`' };
  }
  if (actual === null) {
    return { code: 'empty-value', message: `${label} has no value`, hint: 'give it one, or take the key out' };
  }
  if (path.length === 1 && key === 'version') {
    const newer = typeof actual === 'number' && actual > 1;
    return {
      code: 'unknown-version',
      message: newer
        ? `this parity reads version 1 of the file, not ${actual}`
        : `\`version\` must be 1, not ${show(actual)}`,
      hint: newer ? 'install a newer parity, or write `version: 1`' : 'write `version: 1`',
    };
  }
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String);
    const meant = typeof actual === 'string' ? nearest(actual, values) : undefined;
    return {
      code: 'unknown-choice',
      message: `${label} can't be ${show(actual)}`,
      hint: meant === undefined ? `one of ${values.join(', ')}` : `did you mean \`${meant}\`?`,
    };
  }
  if (key === 'cache' && path.at(-3) === 'pipeline') {
    const hint = 'true, false, or how long a pass stands: 90s, 10m, 24h';
    return { code: 'bad-duration', message: `${label} can't be ${show(actual)}`, hint };
  }
  if (key === 'timeout' || key === 'readyTimeout') {
    return {
      code: 'bad-duration',
      message: `${label} is no length of time: ${show(actual)}`,
      hint: 'seconds as a number, or 90s, 10m, 1h',
    };
  }
  if (key === 'split') {
    const hint = 'auto, or a number of processes from 2 to 64';
    return { code: 'bad-split', message: `${label} can't be ${show(actual)}`, hint };
  }
  if (key === 'ports' && path.at(-1) !== 'ports') {
    const last = /(\d+)(?:\/tcp)?$/.exec(String(actual))?.[1];
    const fits = last !== undefined && Number(last) >= 1 && Number(last) <= 65_535;
    return {
      code: 'bad-port',
      message: `${show(actual)} is no port`,
      hint: fits && last !== String(actual) ? `the container's own port alone: ${last}` : 'a number from 1 to 65535',
    };
  }
  if (path[0] === 'ci' && (key === 'shards' || key === 'depth') && typeof actual === 'number') {
    const hint = key === 'shards' ? 'a whole number from 1 to 100' : 'a whole number; 0 is all of the history';
    return { code: 'bad-number', message: `${label} can't be ${show(actual)}`, hint };
  }
  const emptyText = typeof actual === 'string' && actual.trim() === '';
  if (emptyText || (Array.isArray(actual) && actual.length === 0)) {
    const hints: Readonly<Record<string, string>> = {
      pipeline: 'add a step, or take `pipeline` out: the steps are then detected',
      run: 'write the command, such as `run: pytest -q`',
    };
    return { code: 'empty-value', message: `${label} is empty`, hint: hints[key] ?? 'give it a value, or take it out' };
  }
  const expected = expectedKind(issue, path);
  const hint = conversion(key, expected, actual);
  return {
    code: 'wrong-type',
    message: `${label} must be ${expected}, not ${kindOf(actual)}`,
    ...(hint === undefined ? {} : { hint }),
  };
}

function expectedKind(issue: z.core.$ZodIssue, path: DocumentPath): string {
  const names: Readonly<Record<string, string>> = {
    string: 'text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
    object: 'a map',
    record: 'a map',
  };
  if (issue.code === 'invalid_type') return names[issue.expected] ?? issue.expected;
  return path.includes('env') ? 'text, a number or true/false' : 'text';
}

/** The same value as it would have to be written, when that is plain. */
function conversion(key: string, expected: string, actual: unknown): string | undefined {
  if (expected === 'a list' && isPlain(actual)) return `write \`${key}: [${quote(String(actual))}]\``;
  if (expected === 'a map' && Array.isArray(actual) && key === 'env') {
    const [name = 'NAME', value = 'value'] = String(actual[0]).split(/=(.*)/s);
    return `write \`env: { ${name}: ${quote(value)} }\``;
  }
  if (expected === 'true or false' && typeof actual === 'string') {
    if (/^(yes|on|y)$/i.test(actual)) return 'write `true`';
    if (/^(no|off|n)$/i.test(actual)) return 'write `false`';
  }
  if (expected === 'text' && key === 'run' && Array.isArray(actual)) {
    return `one command line: \`run: ${actual.map(String).join(' && ')}\`, or a block after \`run: |\``;
  }
  if (expected.startsWith('text') && isPlain(actual)) return `write \`"${String(actual)}"\``;
  if (expected === 'a list' && typeof actual === 'object' && key === 'pipeline')
    return 'each step starts with `- name:`';
  return undefined;
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function quote(text: string): string {
  return /^[\w./@-][\w ./@=<>~!-]*$/.test(text) ? text : JSON.stringify(text);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return typeof value === 'string' ? `the text ${show(value)}` : show(value);
}

function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a map';
  const text = String(value);
  return `\`${text.length > 40 ? `${text.slice(0, 39)}…` : text}\``;
}
