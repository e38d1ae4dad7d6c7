import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { settings, variants } from '../../../test/support/ci-settings.ts';
import { readGithubPipeline } from './read.ts';
import { githubWorkflow } from './write.ts';

interface Step {
  readonly name: string;
  readonly run?: string;
  readonly uses?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly defaults: { readonly run: Readonly<Record<string, string>> };
  readonly jobs: Readonly<
    Record<string, { readonly permissions?: Readonly<Record<string, string>>; readonly steps: readonly Step[] }>
  >;
}

const read = (text: string): Workflow => parse(text) as Workflow;
const stepsOf = (workflow: Workflow): readonly Step[] => Object.values(workflow.jobs).flatMap(({ steps }) => steps);

describe.each(Object.entries(variants))('the workflow for %s', (_, variant) => {
  const text = githubWorkflow(variant);

  test('is as it was reviewed', () => {
    expect(text).toMatchSnapshot();
  });

  test('pins every action by a full commit, and says which version that is', () => {
    const lines = text.split('\n').filter((line) => line.includes('uses:'));
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(line).toMatch(/uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test('asks for no right that it does not use', () => {
    const workflow = read(text);
    expect(workflow.permissions).toEqual({ contents: 'read' });
    for (const job of Object.values(workflow.jobs)) {
      const scans = job.steps.some(({ uses = '' }) => uses.includes('upload-sarif'));
      const ownToken = JSON.stringify(job.steps).includes('secrets.GITHUB_TOKEN');
      expect(job.permissions ?? { contents: 'read' }).toEqual({
        contents: 'read',
        ...(ownToken ? { packages: 'read' } : {}),
        ...(scans ? { actions: 'read', 'security-events': 'write' } : {}),
      });
    }
  });

  test('is read by parity itself without a problem', () => {
    const { jobs, problems } = readGithubPipeline({ path: 'parity.yml', text });
    expect(problems).toEqual([]);
    const scripts = jobs.flatMap(({ steps }) =>
      steps.flatMap((one) => (one.kind === 'run' ? [one.script.value.text] : [])),
    );
    expect(scripts.filter((script) => script?.includes('parity up --frozen'))).toHaveLength(1);
  });

  test('gives secrets to the pipeline and the registry alone', () => {
    const holding = stepsOf(read(text)).filter((step) => JSON.stringify(step).includes('secrets.'));
    for (const { name } of holding) expect(['Run the pipeline', 'Log in to the registry']).toContain(name);
  });
});

test('any command, folder and name survives the writing', () => {
  const anyText = fc
    .string({ unit: 'binary-ascii', minLength: 1 })
    .map((text) => text.replace(/[^\n\t\x20-\x7e]/g, '').trim());
  fc.assert(
    fc.property(
      anyText.filter((text) => text !== ''),
      anyText,
      (command, folder) => {
        const project = folder === '' ? '.' : folder.replaceAll('\n', ' ');
        const workflow = read(githubWorkflow(settings({ project, install: { kind: 'command', command } })));
        const install = stepsOf(workflow).find(({ name }) => name === 'Install parity');
        expect(install?.run?.trimEnd()).toBe(command);
        expect(workflow.defaults.run['working-directory']).toBe(project === '.' ? undefined : project);
      },
    ),
  );
});
