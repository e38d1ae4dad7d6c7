import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { settings, variants } from '../../../test/support/ci-settings.ts';
import { readGitlabPipeline } from './read.ts';
import { gitlabJobs } from './write.ts';

type Jobs = Readonly<Record<string, { readonly before_script: readonly string[]; readonly script: readonly string[] }>>;

describe.each(Object.entries(variants))('the GitLab file for %s', (_, variant) => {
  test('is as it was reviewed', () => {
    expect(gitlabJobs(variant)).toMatchSnapshot();
  });

  test('is read by parity itself without a problem', () => {
    const { jobs, problems } = readGitlabPipeline({ path: '.gitlab-ci.yml', text: gitlabJobs(variant) });
    expect(problems).toEqual([]);
    const scripts = jobs.flatMap(({ steps }) =>
      steps.flatMap((one) => (one.kind === 'run' ? [one.script.value.text] : [])),
    );
    expect(scripts.filter((script) => script?.startsWith('parity up --frozen'))).toHaveLength(1);
  });

  test('has jobs of plain command lines', () => {
    const jobs = parse(gitlabJobs(variant)) as Jobs;
    expect(Object.keys(jobs)).toEqual([variant.name, ...(variant.shards > 1 ? [`${variant.name}-receipt`] : [])]);
    for (const { before_script: before, script } of Object.values(jobs))
      for (const line of [...before, ...script]) expect(typeof line).toBe('string');
  });
});

test('any command and folder survives the writing', () => {
  const anyText = fc
    .string({ unit: 'binary-ascii', minLength: 1 })
    .map((text) => text.replace(/[^\n\t\x20-\x7e]/g, '').trim())
    .filter((text) => text !== '');
  fc.assert(
    fc.property(anyText, anyText, (command, folder) => {
      const project = folder.replaceAll('\n', ' ');
      const jobs = parse(gitlabJobs(settings({ project, install: { kind: 'command', command } }))) as Jobs;
      expect(jobs['parity']?.before_script.at(-1)?.trimEnd()).toBe(command);
      if (project !== '.') expect(jobs['parity']?.before_script[0]).toBe(`cd '${project.replaceAll("'", `'\\''`)}'`);
    }),
  );
});
