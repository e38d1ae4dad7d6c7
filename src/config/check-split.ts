import { pytestCommand } from '../formats/pytest-command.ts';
import { shellCommands } from '../formats/shell.ts';
import type { Complaint } from './document.ts';

/** What keeps a step's command from being split, or undefined. A command may do more than run pytest: only its pytest is divided. */
export function splitProblem(run: string): Complaint | undefined {
  const code = 'cannot-split';
  const found = shellCommands(run).map(({ words }) => pytestCommand(words.map(({ text }) => text)));
  if (found.includes('coverage')) {
    const message = '`coverage run` measures one process: these tests cannot be split';
    return { code, message, hint: 'run `pytest --cov` (pytest-cov), which adds up the parts, or take `split` out' };
  }
  if (!found.includes('plain')) {
    const message = 'there is no pytest to split in `run`';
    return { code, message, hint: 'write the command that runs pytest in `run`, or take `split` out' };
  }
  if (/\bPYTEST_ADDOPTS\+?=/.test(run)) {
    const message = 'the command sets PYTEST_ADDOPTS, by which parity splits pytest';
    return { code, message, hint: 'set PYTEST_ADDOPTS in `env`, or take `split` out' };
  }
  return undefined;
}
