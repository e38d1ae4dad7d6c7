import type { Diagnostic } from '../core/diagnostic.ts';
import { fileProblem, folderProblem, pathForm, requirementProblem } from './check-paths.ts';
import {
  branchName,
  debianPackage,
  imageBase,
  imageReference,
  imageRepository,
  nodeVersion,
  pythonVersion,
  serviceName,
  stepName,
  toolRequirement,
  variableName,
  type ValueCheck,
} from './check-values.ts';
import { cacheRemote, trustedKey } from './check-cache.ts';
import { patternProblem, remedyId, remedyLink, remedyProblem } from './check-remedies.ts';
import { splitProblem } from './check-split.ts';
import { usesProblems } from './check-uses.ts';
import type { Complaint, ConfigDocument, DocumentPath } from './document.ts';
import { didYouMean, findCycle } from './plan.ts';
import { valueAt } from './shape.ts';

/**
 * Checks what a schema can't: versions, requirement lines, image references, names, paths that must exist, and what is
 * between steps. Works on whatever has the right type, so that a mistake in one step hides none in another.
 */
export async function checkConfig(document: ConfigDocument, projectDir: string): Promise<Diagnostic[]> {
  const problems: Diagnostic[] = [];
  const value = (path: DocumentPath): unknown => valueAt(document.value, path);

  textAt(['toolchain', 'python'], pythonVersion);
  textAt(['toolchain', 'node'], nodeVersion);
  eachText(['toolchain', 'tools'], toolRequirement);
  eachText(['toolchain', 'system'], debianPackage);
  repeatedTools();
  await Promise.all(
    textsOf(['toolchain', 'requirements']).map(async ([path, source]) =>
      report(path, await requirementProblem(projectDir, source)),
    ),
  );
  textAt(['image', 'base'], imageBase);
  textAt(['image', 'repository'], imageRepository);
  const dockerfile = value(['image', 'dockerfile']);
  if (isText(dockerfile)) report(['image', 'dockerfile'], await fileProblem(projectDir, dockerfile));

  textAt(['cache', 'remote'], cacheRemote);
  eachText(['cache', 'trust'], trustedKey);
  repeats(['cache', 'trust'], 'key');
  unsignedRemote();

  checkRemedies();

  for (const key of ['username', 'password']) textAt(['ci', 'registry', key], variableName);
  eachText(['ci', 'branches'], branchName);
  for (const key of ['image', 'engine']) textAt(['ci', 'gitlab', key], imageReference);

  for (const name of keysOf(value(['services']))) {
    const path = ['services', name];
    reportKey(path, serviceName(name));
    textAt([...path, 'image'], imageReference);
    for (const variable of keysOf(value([...path, 'env'])))
      reportKey([...path, 'env', variable], variableName(variable));
    repeats([...path, 'ports'], 'port');
  }

  const steps = listOf(value(['pipeline'])).map((_, index) => ['pipeline', index] as const);
  for (const path of steps) await checkStep(path);
  checkNames(steps);
  return problems;

  async function checkStep(path: DocumentPath): Promise<void> {
    textAt([...path, 'name'], stepName);
    const cwd = value([...path, 'cwd']);
    if (isText(cwd)) report([...path, 'cwd'], await folderProblem(projectDir, cwd));
    const base = isText(cwd) && pathForm(cwd) === undefined ? cwd : '.';
    for (const [at, input] of textsOf([...path, 'inputs'])) report(at, pathForm(input.replace(/^!/, ''), base));
    for (const [at, volume] of textsOf([...path, 'volumes'])) report(at, volumeProblem(volume, base));
    const step = value(path);
    if (typeof step === 'object' && step !== null && !Array.isArray(step))
      for (const [key, complaint] of usesProblems(step as Readonly<Record<string, unknown>>))
        if (key === undefined) reportKey(path, complaint);
        else report([...path, key], complaint);
    const run = value([...path, 'run']);
    if (value([...path, 'split']) !== undefined && isText(run)) report([...path, 'split'], splitProblem(run));
    eachText([...path, 'passEnv'], variableName);
    eachText([...path, 'secrets'], variableName);
    for (const variable of keysOf(value([...path, 'env'])))
      reportKey([...path, 'env', variable], variableName(variable));
    for (const key of ['needs', 'passEnv', 'secrets', 'inputs', 'volumes']) repeats([...path, key], 'entry');
    sharedNames(path);
  }

  /** One name, three places it could come from: only one of them can be meant. */
  function sharedNames(path: DocumentPath): void {
    const env = new Set(keysOf(value([...path, 'env'])));
    const secrets = textsOf([...path, 'secrets']);
    for (const [at, name] of secrets) {
      if (!env.has(name)) continue;
      const related = [relatedTo([...path, 'env', name], 'its value is written here', true)];
      const hint = 'a secret comes from outside: take it out of `env`';
      add(at, { code: 'env-and-secret', message: `\`${name}\` is in \`env\` and in \`secrets\``, hint, related });
    }
    for (const [at, name] of textsOf([...path, 'passEnv'])) {
      const secret = secrets.find(([, other]) => other === name);
      if (secret === undefined && !env.has(name)) continue;
      const other = secret === undefined ? 'env' : 'secrets';
      const related = [relatedTo(secret?.[0] ?? [...path, 'env', name], 'it is given here', secret === undefined)];
      const hint = 'keep one of the two';
      add(at, { code: 'env-twice', message: `\`${name}\` is in \`passEnv\` and in \`${other}\``, hint, related });
    }
  }

  function checkNames(paths: readonly DocumentPath[]): void {
    const first = new Map<string, DocumentPath>();
    const named: { name: string; needs: string[]; path: DocumentPath }[] = [];
    for (const path of paths) {
      const name = value([...path, 'name']);
      if (!isText(name)) continue;
      const earlier = first.get(name);
      if (earlier) {
        const related = [relatedTo([...earlier, 'name'], 'first here')];
        const hint = 'give each step a name of its own';
        add([...path, 'name'], { code: 'duplicate-step', message: `two steps are called \`${name}\``, hint, related });
        continue;
      }
      first.set(name, path);
      named.push({ name, path, needs: textsOf([...path, 'needs']).map(([, need]) => need) });
    }
    for (const path of paths) {
      for (const [at, need] of textsOf([...path, 'needs'])) {
        if (first.has(need)) continue;
        const others = [...first.keys()].filter((name) => name !== value([...path, 'name']));
        const hint = others.length > 0 ? didYouMean(need, others) : 'there is no other step';
        add(at, { code: 'unknown-step', message: `no step is called \`${need}\``, hint });
      }
    }
    const cycle = findCycle(named);
    if (cycle === undefined) return;
    const links = cycle.slice(0, -1).map((name, index) => {
      const step = named.find((candidate) => candidate.name === name);
      const next = cycle[index + 1] ?? '';
      return { at: [...(step?.path ?? []), 'needs', step?.needs.indexOf(next) ?? 0], name, next };
    });
    const [head, ...rest] = links;
    if (head === undefined) return;
    const message = `steps need each other in a circle: ${cycle.join(' → ')}`;
    const related = rest.map(({ at, name, next }) => relatedTo(at, `\`${name}\` needs \`${next}\``));
    add(head.at, { code: 'needs-cycle', message, hint: 'take one of these `needs` out', related });
  }

  function checkRemedies(): void {
    const paths = listOf(value(['remedies'])).map((_, index) => ['remedies', index] as const);
    const first = new Map<string, DocumentPath>();
    for (const path of paths) {
      textAt([...path, 'id'], remedyId);
      textAt([...path, 'link'], remedyLink);
      textAt([...path, 'match'], patternProblem);
      const [id, given] = [value([...path, 'id']), keysOf(value(path))];
      const problem = remedyProblem(given);
      if (problem !== undefined) add(given.includes('code') ? [...path, 'code'] : path, problem);
      if (!isText(id)) continue;
      const earlier = first.get(id);
      first.set(id, earlier ?? [...path, 'id']);
      if (earlier === undefined) continue;
      const hint = 'give each remedy an id of its own';
      const related = [relatedTo(earlier, 'first here')];
      add([...path, 'id'], { code: 'duplicate-remedy', message: `two remedies are called \`${id}\``, hint, related });
    }
  }

  /** Whoever can write to a shared place could say that anything passed. */
  function unsignedRemote(): void {
    const path = ['cache', 'remote'];
    if (!isText(value(path)) || listOf(value(['cache', 'trust'])).length > 0) return;
    const hint = 'type `parity cache key`, and add the key that it prints: `trust: [ed25519:…]`';
    add(path, { code: 'untrusted-remote', message: '`cache.trust` does not say whose passes are believed', hint });
  }

  function repeatedTools(): void {
    const first = new Map<string, DocumentPath>();
    for (const [path, line] of textsOf(['toolchain', 'tools'])) {
      const name = /^[A-Za-z0-9._-]+/
        .exec(line.trim())?.[0]
        .toLowerCase()
        .replace(/[-_.]+/g, '-');
      // The same tool under two markers (`; python_version < …`) is no repetition.
      if (name === undefined || line.includes(';')) continue;
      const earlier = first.get(name);
      if (earlier === undefined) first.set(name, path);
      else {
        const related = [relatedTo(earlier, 'first here')];
        add(path, { code: 'duplicate-tool', message: `\`${name}\` is in \`tools\` twice`, hint: 'keep one', related });
      }
    }
  }

  function repeats(path: DocumentPath, what: string): void {
    const first = new Map<unknown, number>();
    for (const [index, item] of listOf(value(path)).entries()) {
      const earlier = first.get(item);
      if (earlier === undefined) first.set(item, index);
      else {
        const related = [relatedTo([...path, earlier], 'first here')];
        add([...path, index], { code: 'repeated', message: `this ${what} is in the list already`, related });
      }
    }
  }

  function relatedTo(path: DocumentPath, message: string, key = false): NonNullable<Diagnostic['related']>[number] {
    const span = key ? document.keySpanOf(path) : document.spanOf(path);
    const { sourceLine } = document.complain(span, { code: '', message });
    return { message, file: document.file, span, ...(sourceLine === undefined ? {} : { sourceLine }) };
  }

  function textAt(path: DocumentPath, check: ValueCheck): void {
    const found = value(path);
    if (typeof found === 'number') report(path, check(String(found)));
    else if (isText(found)) report(path, check(found));
  }

  function eachText(path: DocumentPath, check: ValueCheck): void {
    for (const [at, text] of textsOf(path)) report(at, check(text));
  }

  function textsOf(path: DocumentPath): (readonly [DocumentPath, string])[] {
    return listOf(value(path)).flatMap((item, index) => (isText(item) ? [[[...path, index], item] as const] : []));
  }

  function report(path: DocumentPath, complaint: Complaint | undefined): void {
    if (complaint) add(path, complaint);
  }

  function reportKey(path: DocumentPath, complaint: Complaint | undefined): void {
    if (complaint) problems.push(document.complain(document.keySpanOf(path), complaint));
  }

  function add(path: DocumentPath, complaint: Complaint): void {
    problems.push(document.complain(document.spanOf(path), complaint));
  }
}

function volumeProblem(volume: string, base: string): Complaint | undefined {
  const form = pathForm(volume, base);
  if (form) return form;
  if (/^\.?\/*$/.test(volume) || !/[^./]/.test(volume)) {
    const message = `\`${volume}\` would hide the step's own folder`;
    return { code: 'bad-volume', message, hint: 'name a folder in it, such as `node_modules`' };
  }
  if (/[*?[\]]/.test(volume)) {
    return {
      code: 'bad-volume',
      message: `\`${volume}\` is a pattern; a volume is one folder`,
      hint: 'write its path',
    };
  }
  if (volume.includes(':')) {
    return {
      code: 'bad-volume',
      message: `\`${volume}\` has a \`:\``,
      hint: 'the folder alone; parity names the volume',
    };
  }
  return undefined;
}

/** Text with something in it; the schema speaks about empty text. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function keysOf(value: unknown): readonly string[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
}
