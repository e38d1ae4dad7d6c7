import type { CheckingTool } from './checking-tool.ts';
import { pytestTool } from './pytest-tool.ts';
import { pythonTools } from './python-tools.ts';
import { uiTools } from './ui-tools.ts';

/** The tools whose command lines are compared, by the name of their program. Options are those of their own `--help`. */
export const checkingTools: Readonly<Record<string, CheckingTool>> = { ...pythonTools, pytest: pytestTool, ...uiTools };
