import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMap, isScalar, LineCounter, parseDocument, type Node, type Pair } from 'yaml';
import { compareBytes } from '../../../src/core/digest.ts';
import { ciTool } from '../../support/ci-tools.ts';
import { commitAll, git } from '../../support/environment.ts';
import { addFiles, type Tree } from '../../support/repo.ts';
import type { JobOutcome, JobPlace, JobRun } from '../compare.ts';
import { linesOf } from '../parity-side.ts';

/** The branch that pipelines run for: a change, on no main branch. */
export const branch = 'a-change';

/** Runs a pipeline by gitlab-ci-local's shell executor, in a repository of these files; throws when it can't read the pipeline. */
export async function localRuns(tree: Tree): Promise<readonly JobRun[]> {
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'gitlab-side-')));
  const [dir, home] = [join(scratch, 'repo'), join(scratch, 'home')];
  try {
    addFiles(dir, { '.gitignore': '.gitlab-ci-local\n', ...tree });
    commitAll(dir);
    git(dir, 'checkout', '--quiet', '-B', branch);
    git(dir, 'remote', 'add', 'origin', 'https://github.com/acme/shop.git');
    git(dir, 'update-ref', 'refs/remotes/origin/main', 'HEAD');
    git(dir, 'symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main');
    const args = ['--force-shell-executor', '--shell-isolation', '--no-color', '--no-artifacts-to-source'];
    // All files count as changed: there is no earlier commit to compare with.
    const all = '--no-evaluate-rule-changes';
    const { output } = await ciTool('gitlab-ci-local', [...args, all], { cwd: dir, home });
    if (!output.includes('pipeline finished')) throw new Error(output);
    return runsOf(output, dir);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** What each job (a leg of its matrix) printed, and how it ended. */
function runsOf(output: string, dir: string): readonly JobRun[] {
  // A child's jobs stand further in.
  const lines = output.split('\n').map((line) => line.replace(/^\t+/, ''));
  const names = lines.flatMap((line) => /^(.*?) +starting shell \(/.exec(line)?.[1] ?? []);
  // Jobs that may run side by side end in any order.
  const inOrder = (a: JobRun, b: JobRun): number => compareBytes(JSON.stringify(a), JSON.stringify(b));
  const runs = names.map((name): JobRun => {
    const text = lines.flatMap((line) => {
      // Names are filled up to the longest.
      const rest = line.startsWith(name) ? line.slice(name.length) : '';
      return /^ +> ?(.*)$/.exec(rest)?.[1] ?? [];
    });
    // A failure stands above what its after_script says.
    const ends = lines.filter((line) => endOf(line)?.name === name);
    const ended = ends.find((line) => line.startsWith(' FAIL')) ?? ends[0];
    const printed = text
      .join('\n')
      .replaceAll(new RegExp(`${dir}/\\.gitlab-ci-local/builds/[\\w.-]+`, 'g'), '/workspace');
    return {
      // A child's jobs are of the job that starts it; legs of a matrix have one name.
      job: (/^\[(.+?)\] -> /.exec(name)?.[1] ?? name).replace(/:? \[.*\]$| \d+\/\d+$/, ''),
      outcome: ended === undefined ? 'skipped' : (endOf(ended)?.outcome ?? 'skipped'),
      lines: text.length === 0 ? [] : linesOf(`${printed}\n`).map((each) => ({ text: each })),
    };
  });
  return runs.toSorted(inOrder);
}

/** ` PASS  build`, ` WARN 3  lint pre_script`, ` FAIL 1  tests`. */
function endOf(line: string): { readonly name: string; readonly outcome: JobOutcome } | undefined {
  const [, word, name = ''] =
    /^ (PASS|WARN|FAIL) +(?:\d+ +)?(.*?)(?: +(?:pre_script|after_script))?(?: +\d+(?:\.\d+)?% coverage)? *$/.exec(
      line,
    ) ?? [];
  return word === undefined ? undefined : { name, outcome: word === 'FAIL' ? 'failed' : 'passed' };
}

/** Where the jobs of a pipeline stand in it. */
export function placesOf(text: string): readonly JobPlace[] {
  const counter = new LineCounter();
  const root = parseDocument(text, { lineCounter: counter, logLevel: 'silent' }).contents;
  const lineAt = (offset: number): number => counter.linePos(offset).line;
  return !isMap(root)
    ? []
    : (root.items as Pair<Node, Node | null>[]).map(({ key, value }) => {
        const from = lineAt(key.range?.[0] ?? 0);
        const to = Math.max(from, lineAt((value?.range?.[1] ?? 1) - 1));
        return { job: isScalar(key) ? String(key.value) : '', from, to, steps: [] };
      });
}
