import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { folderOf } from '../../test/support/repo.ts';
import { detectedTrees } from '../../test/support/repo-trees.ts';
import { initProject } from '../app/init/init-project.ts';
import { loadProjectConfig } from '../app/project/project-config.ts';
import type { Config, StepConfig } from './config.ts';
import type { Detected } from './detect.ts';
import { detectedStep } from './detect/detected-step.ts';
import { writeConfigFile } from './init.ts';
import { loadConfig, parseConfig } from './load.ts';

/** A config without what depends on where it was read: source and spans. */
function content({ toolchain, image, services, pipeline }: Config): unknown {
  return { toolchain, image, services, pipeline: pipeline.map((step) => ({ ...step, span: undefined })) };
}

async function run(
  dir: string,
  force = false,
): Promise<{ result: Awaited<ReturnType<typeof initProject>>; out: string; err: string }> {
  let out = '';
  let err = '';
  const result = await initProject({
    cwd: dir,
    force,
    stdout: (text) => (out += text),
    stderr: (text) => (err += text),
  });
  return { result, out, err };
}

beforeEach(() => {
  process.env['XDG_CACHE_HOME'] = folderOf({});
});

describe('what init writes', () => {
  test.each(Object.entries(detectedTrees))('loads back as what runs without it: %s', async (_, tree) => {
    const dir = folderOf(tree);
    const without = await loadProjectConfig({ dir });
    if (!without.ok) throw new Error(without.error.message);
    const { result } = await run(dir);
    expect(result.ok).toBe(true);
    const loaded = await loadConfig({ dir, configPath: join(dir, 'parity.yaml') });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.error.diagnostics ?? loaded.error, null, 1));
    expect(content(loaded.value)).toEqual(content(without.value));
  });

  test('the whole file for the reference layout', async () => {
    const dir = folderOf(detectedTrees['the reference layout'] ?? {});
    const { out, err } = await run(dir);
    expect(readFileSync(join(dir, 'parity.yaml'), 'utf8')).toMatchSnapshot();
    expect(out.replaceAll(dir, 'DIR')).toMatchSnapshot();
    expect(err).toBe('');
  });

  test('what a person should look at is in the file and on stderr', async () => {
    const dir = folderOf({ 'app.py': '', 'requirements.txt': 'a==1\n', 'requirements-dev.txt': 'a==2\n' });
    const { err } = await run(dir);
    const line =
      "look at this: requirements-dev.txt: left out (requirements-dev.txt:1 says a==2 and requirements.txt:1 says a==1: one environment can't hold both)";
    expect(err).toBe(`${line}\n`);
    expect(readFileSync(join(dir, 'parity.yaml'), 'utf8')).toContain(`# ${line}\n`);
  });

  test('a job’s needs are written where the order of its steps says something else, and load back', async () => {
    const steps = [
      detectedStep({ name: 'start', run: 'x', job: 'web' }),
      detectedStep({ name: 'lint', run: 'x' }),
      detectedStep({ name: 'smoke', run: 'x', job: 'web', needs: ['start'] }),
      detectedStep({ name: 'aside', run: 'x', job: 'web' }),
      detectedStep({ name: 'last', run: 'x', job: 'web', needs: ['lint', 'aside'] }),
    ];
    const config: Config = {
      source: { kind: 'detected', notes: [] },
      toolchain: { python: '3.11', node: '24', tools: [], requirements: [], system: [] },
      image: { base: 'auto' },
      services: [],
      cache: {},
      doctor: { ignore: [] },
      pipeline: steps,
    };
    const text = writeConfigFile({ config, decisions: [] });
    expect(text.match(/name: .*|needs: .*/g)).toEqual([
      'name: start',
      'name: lint',
      'name: smoke',
      'name: aside',
      'needs: []',
      'name: last',
      'needs: [lint, aside]',
    ]);
    const dir = folderOf({ 'parity.yaml': text });
    const loaded = await loadConfig({ dir, configPath: join(dir, 'parity.yaml') });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
    expect(loaded.value.pipeline.map(({ needs }) => needs)).toEqual(steps.map(({ needs }) => needs));
  });

  test('how the repository’s own packages are installed is in the file with its reason, and loads back', async () => {
    const build = { network: 'none', projects: ['.', 'lib'], wheels: ['.'] } as const;
    const config: Config = {
      source: { kind: 'detected', notes: [] },
      toolchain: { python: '3.11', tools: [], requirements: ['requirements.txt'], system: [], build },
      image: { base: 'auto' },
      services: [],
      cache: {},
      doctor: { ignore: [] },
      pipeline: [detectedStep({ name: 'tests', run: 'pytest' })],
    };
    const why = 'ci.yml:7: without -e';
    const reason = {
      subject: 'build.wheels',
      choice: '.',
      why,
      severity: 'note',
      places: [],
      kind: 'toolchain',
    } as const;
    const text = writeConfigFile({ config, decisions: [reason] });
    expect(text).toContain('  build:\n    projects: [., lib]\n    wheels: [.] # ci.yml:7: without -e\n\n');
    const dir = folderOf({ 'parity.yaml': text, 'requirements.txt': '' });
    const loaded = await loadConfig({ dir, configPath: join(dir, 'parity.yaml') });
    expect(loaded.ok ? loaded.value.toolchain.build : loaded.error).toEqual(build);
  });

  test('any text survives: quotes, line breaks, YAML words, signs', async () => {
    const dir = folderOf({});
    const texts = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
      fc.constantFrom(
        'yes',
        'null',
        '~',
        '1.10',
        '.5',
        'a: b',
        'a #b',
        '- x',
        '{',
        '*',
        '&a',
        '!x',
        "it's",
        '"',
        'a\nb',
        '\u2028',
        '%',
        '@a',
        '`',
        '0x1f',
        '.nan',
        'a:',
        ' a',
        '<<',
        '=',
        '2024-01-01',
      ),
    );
    const usable = texts.filter((text) => text.trim() === text && text !== '');
    await fc.assert(
      fc.asyncProperty(usable, usable, usable, async (command, value, why) => {
        const step: StepConfig = detectedStep({ name: 'a', run: command, fix: value, env: { A: value } });
        const config: Config = {
          source: { kind: 'detected', notes: [] },
          toolchain: { python: '3.10', tools: [], requirements: [], system: [] },
          image: { base: 'auto' },
          services: [],
          cache: {},
          doctor: { ignore: [] },
          pipeline: [step],
        };
        const decision = { choice: why, why, severity: 'note', places: [] } as const;
        const detected: Detected = {
          config,
          decisions: [
            { ...decision, subject: 'a' },
            { ...decision, subject: why },
            { ...decision, subject: 'python' },
          ],
        };
        const bytes = Buffer.from(writeConfigFile(detected));
        const parsed = await parseConfig(bytes, { file: 'parity.yaml', projectDir: dir });
        if (!parsed.ok) throw new Error(`${JSON.stringify(parsed.error)}\n${bytes.toString()}`);
        expect(parsed.value.config.pipeline?.[0]).toMatchObject({
          name: 'a',
          run: command,
          fix: value,
          env: { A: value },
        });
        expect(parsed.value.config.toolchain?.python).toBe('3.10');
      }),
      { numRuns: 300 },
    );
  });
});

describe('init', () => {
  test('never overwrites unasked; --force does, and says so', async () => {
    const dir = folderOf({ 'parity.yaml': 'mine\n', 'app.py': '' });
    expect((await run(dir)).result).toEqual({
      ok: false,
      error: {
        reason: 'usage',
        message: `${dir}/parity.yaml is there already, and init never overwrites it unasked`,
        next: 'parity init --force',
      },
    });
    expect(readFileSync(join(dir, 'parity.yaml'), 'utf8')).toBe('mine\n');
    const forced = await run(dir, true);
    expect(forced.out).toContain(`Overwrote ${dir}/parity.yaml (1 step). Run: parity up\n`);
  });

  test('a parity.yml in the way is named, not ignored', async () => {
    const dir = folderOf({ 'parity.yml': '' });
    expect((await run(dir)).result).toMatchObject({
      error: { reason: 'config-invalid', next: expect.stringContaining('mv ') },
    });
    expect(existsSync(join(dir, 'parity.yaml'))).toBe(false);
  });

  test('a link that leads nowhere is something that is there', async () => {
    const dir = folderOf({});
    symlinkSync(join(dir, 'nowhere'), join(dir, 'parity.yaml'));
    expect((await run(dir)).result).toMatchObject({ error: { reason: 'usage' } });
  });

  test('a folder that does not exist', async () => {
    const dir = folderOf({});
    expect((await run(join(dir, 'nowhere'))).result).toMatchObject({ error: { reason: 'usage' } });
  });
});
