import type { RuleFinding } from '../audit.ts';
import type { CommandDifference } from '../commands/compare-commands.ts';

const words = {
  ci: 'CI',
  'pre-commit': 'pre-commit',
  tox: 'tox',
  nox: 'nox',
  make: 'make',
  just: 'just',
  'npm-script': 'npm',
  'pre-push': 'pre-push',
} as const;

/** How a command that parts from the pipeline is told. */
export function describeCommandDifference({ command, tool, step }: CommandDifference): RuleFinding {
  const { path, span, by, where } = command;
  const line = oneLine(command.command);
  const here = `${words[by]} (${where}) runs \`${line}\``;
  return {
    confidence: 'high',
    topic: `command:${tool}`,
    message:
      step === undefined ? `${here}, no step does` : `${here}, the step ${step.name} runs \`${oneLine(step.command)}\``,
    declared: line,
    location: { path, span, raw: line, note: `${words[by]} (${where})` },
    related: [],
    hint:
      step === undefined
        ? `add it to parity.yaml: { name: ${nameOf(tool)}, run: ${JSON.stringify(line)} }`
        : 'let both run the same, or say in doctor.ignore why not',
  };
}

function oneLine(command: string): string {
  const line = command.replace(/\s+/g, ' ').trim();
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}

function nameOf(tool: string): string {
  return tool.replace(/^npm run /, '').replaceAll(' ', '-');
}
