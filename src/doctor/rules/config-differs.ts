import type { Rule, RuleFinding } from '../audit.ts';
import { compareCommands } from '../commands/compare-commands.ts';
import { hooksApart, type HookApart } from '../commands/hooks-apart.ts';
import type { Location } from '../finding.ts';
import type { ToolSettings } from '../tool-settings.ts';
import { describeCommandDifference } from './commands.ts';

/** PD023. */
export const configDiffers: Rule = {
  id: 'PD023',
  name: 'config-differs',
  severity: 'warning',
  sentence: 'CI, the pipeline and the hooks run a tool with different config files.',
  check: (audit) => [
    ...compareCommands(audit)
      .filter(({ kind }) => kind === 'config')
      .map(describeCommandDifference),
    ...hooksApart(audit).map(describeHook),
  ],
};

function describeHook({
  tool,
  hook,
  hookSettings,
  runners,
  command,
  folder,
  settings,
  difference,
}: HookApart): RuleFinding {
  const others = runners.join(' and ');
  const verb = runners.length > 1 ? 'run' : 'runs';
  return {
    confidence: 'high',
    topic: `command:${tool}`,
    message: `pre-commit (${hook.where}) runs ${tool} from the top with ${named(hookSettings, difference.one)}, ${others} ${verb} it in ${folder} with ${named(settings, difference.other)}: they want different things of the files there`,
    declared: hook.command,
    location: { path: hook.path, span: hook.span, raw: hook.command, note: `pre-commit (${hook.where})` },
    related: [
      ...(command === undefined
        ? []
        : [{ path: command.path, span: command.span, raw: command.command, note: `CI (${command.where})` }]),
      ...[settings, hookSettings].flatMap(placeOf),
    ],
    hint: `give the hook \`exclude: ^${folder}/\` and a second one \`files: ^${folder}/\` with its own config, or keep one config at the top`,
  };
}

function named(settings: ToolSettings | undefined, option: string): string {
  return settings === undefined ? `its defaults (${option})` : `${settings.path} (${option})`;
}

function placeOf(settings: ToolSettings | undefined): readonly Location[] {
  if (settings === undefined) return [];
  const { path, span, tool } = settings;
  return [{ path, span, raw: '', note: `settings of ${tool}` }];
}
