import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readTextUpTo } from '../core/read-text-if-exists.ts';
import { parseStepOutput } from '../pipeline/parse-step-output.ts';
import { stepRemedies } from '../pipeline/step-remedies.ts';
import { catalogue } from './catalogue.ts';

// A pipeline with a step for each entry, and what each printed in parity's image (scripts/record-remedies.mjs). The same steps are run for
// real by test/image/remedies.test.ts.
const fixtures = fileURLToPath(new URL('../../test/fixtures/remedies/', import.meta.url));
const { pipeline } = parse(readFileSync(join(fixtures, 'parity.yaml'), 'utf8')) as {
  readonly pipeline: readonly {
    readonly name: string;
    readonly run: string;
    readonly cwd?: string;
    readonly network?: 'full';
  }[];
};
const examples = pipeline.filter(({ name }) => name.includes(':'));

describe('every entry', () => {
  it('has an example, and only once', () => {
    const ids = catalogue.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(examples.map(({ name }) => name.replace(':', '/')).sort()).toEqual([...ids].sort());
  });

  it.each(catalogue.map((entry) => [entry.id, entry] as const))('%s can be told in three lines', (_, entry) => {
    const { id, title, meaning, remedy, links, matchers, before, after, covers = [] } = entry;
    expect(id).toMatch(/^[a-z0-9]+\/[a-z0-9]+(?:-[a-z0-9]+)*$/);
    for (const line of [title, remedy, ...matchers.flatMap((each) => [each.remedy ?? [], each.offline ?? []].flat())]) {
      expect(line).toMatch(/^[\p{L}`'].*[^.\s]$/u);
      expect(line.length).toBeLessThanOrEqual(140);
    }
    expect(meaning).toMatch(/\.$/);
    expect(links.length).toBeGreaterThan(0);
    for (const link of links) expect(link).toMatch(/^https:\/\/[a-z0-9.-]+\//);
    expect(before === undefined || after !== undefined).toBe(true);
    for (const other of covers) expect(catalogue.map((each) => each.id)).toContain(other);
    for (const { tool, codes, pattern, remedy: words = '' } of matchers) {
      expect(tool ?? pattern, 'what it is known by').toBeDefined();
      if (codes !== undefined) expect(tool).toBeDefined();
      // A place in the sentence that nothing can fill would never be told.
      for (const [, name = ''] of words.matchAll(/\{(\w+)\}/g))
        if (!['test', 'files', 'snapshots'].includes(name)) expect(pattern?.source).toContain(`(?<${name}>`);
        else expect(tool, 'whose diagnostics have one').toBeDefined();
    }
  });
});

describe('what the real tools printed', () => {
  const isFile = (path: string): boolean => existsSync(join(fixtures, path));
  const readText = (path: string): string | undefined => readTextUpTo(join(fixtures, path), 1 << 20);

  it.each(examples)('$name', ({ name, run, cwd = '.', network = 'none' as const }) => {
    const id = name.replace(':', '/');
    const text = readFileSync(join(fixtures, id, 'output.txt'), 'utf8');
    const step = { name, run, network };
    const folder = join('/workspace', cwd);
    const { diagnostics } = parseStepOutput({ step, cwd: folder, text, passed: false, isFile, readText });
    const { remedies } = stepRemedies({
      step,
      cwd: folder,
      project: '/workspace',
      diagnostics,
      text,
      team: [],
      isFile,
    });
    expect(remedies[0]?.id).toBe(id);
    // Others may fit, too; what does not is worse than nothing.
    expect(remedies.length).toBeLessThanOrEqual(3);
  });

  it('is that of files which are there', () => {
    for (const { name } of examples)
      expect(readdirSync(join(fixtures, name.replace(':', '/'))).length).toBeGreaterThan(1);
  });
});
