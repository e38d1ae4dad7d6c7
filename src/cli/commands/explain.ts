import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { loadConfig } from '../../config/load.ts';
import { nearest } from '../../config/nearest.ts';
import { findProject } from '../../config/project.ts';
import { failure } from '../../core/failure.ts';
import { readTextUpTo } from '../../core/read-text-if-exists.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { catalogue } from '../../remedies/catalogue.ts';
import { lookUp, lookUpNames } from '../../remedies/look-up.ts';
import { findRemedies } from '../../remedies/match-remedies.ts';
import { cleanLines, parseOutput } from '../../remedies/parse-output.ts';
import type { Remedy } from '../../remedies/remedy.ts';
import { teamRemedies } from '../../remedies/team-remedies.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit.ts';
import { foundText, remedyListText, remedyRecord, remedyText } from '../../report/remedy-text.ts';

const largestReadText = 32 << 20;

/**
 * `parity explain`: with nothing the list of all remedies; with ids or tools' codes what each means; with `-` what a tool's output on stdin
 * shows, which is 1 when nothing in it is known. Err `usage` for a name that nothing has.
 */
export async function explain(context: CommandContext, asked: readonly string[]): Promise<Result<number>> {
  const team = await ownRemedies(context);
  const own = new Set(team.map(({ id }) => id));
  const entries = [...team, ...catalogue.filter(({ id }) => !own.has(id))];
  if (asked.length === 0) {
    if (context.terminal.json)
      context.terminal.print(JSON.stringify({ type: 'remedies', remedies: entries.map(remedyRecord) }));
    else context.terminal.print(remedyListText(entries));
    return ok(exitCodes.yes);
  }
  if (asked.includes('-')) {
    if (asked.length === 1) return await explainOutput(context, team);
    return err(
      failure('usage', '`-` goes alone: it reads the output of a tool', { next: 'mypy core | parity explain -' }),
    );
  }
  const found: Remedy[] = [];
  for (const name of asked) {
    const named = lookUp(name, entries);
    if (named.length === 0) return err(unknownName(name, entries));
    for (const entry of named) if (!found.includes(entry)) found.push(entry);
  }
  if (context.terminal.json)
    context.terminal.print(JSON.stringify({ type: 'remedies', remedies: found.map(remedyRecord) }));
  else context.terminal.print(found.map((entry) => remedyText(entry, context.terminal.color)).join('\n\n'));
  return ok(exitCodes.yes);
}

async function explainOutput(context: CommandContext, team: readonly Remedy[]): Promise<Result<number>> {
  const {
    cwd,
    terminal: { stdin, json, color },
  } = context;
  if (stdin.isTTY)
    return err(
      failure('usage', "there is no output on stdin: pipe a tool's into it", {
        next: 'mypy core 2>&1 | parity explain -',
      }),
    );
  const output = await text(stdin);
  // What the command was is not known: the words only tell tools apart that print alike.
  // The output may be of another machine, so every path is believed but for what Python calls code of no file: `<string>`.
  const isFile = (path: string): boolean => !/(?:^|\/)<[^/]*>$/.test(path);
  const words = new Set(['mypy']);
  const readText = (path: string): string | undefined => readTextUpTo(join(cwd, path), largestReadText);
  const { diagnostics } = parseOutput({ text: output, words, cwd, folders: [], top: cwd, isFile, readText });
  const found = findRemedies({ diagnostics, text: cleanLines(output).join('\n') }, { catalogue, team });
  if (json) context.terminal.print(JSON.stringify({ type: 'explained', remedies: found, diagnostics }));
  else context.terminal.print(foundText(found, { color, isEmpty: output.trim() === '' }));
  return ok(found.length === 0 ? exitCodes.no : exitCodes.yes);
}

/** The remedies of the project here. A project that can't be read gives a warning, and the explanation goes on without its remedies. */
async function ownRemedies({ cwd, events: { emit } }: CommandContext): Promise<readonly Remedy[]> {
  const project = await findProject(cwd);
  if (!project.ok || project.value.configPath === undefined) return [];
  const config = await loadConfig(project.value);
  if (config.ok) return teamRemedies(config.value.remedies ?? []);
  const message = `without the team's own remedies: ${config.error.message}`;
  emit({ type: 'note', severity: 'warning', message, hint: 'parity up tells more' });
  return [];
}

function unknownName(name: string, entries: readonly Remedy[]): ReturnType<typeof failure> {
  const names = lookUpNames(entries);
  const tail = name.slice(name.lastIndexOf('/') + 1).toLowerCase();
  const meant = nearest(name, names);
  // `implicit-optional` without its tool, `assignment` as a part of an id.
  const alike = names.filter((each) => tail.length > 2 && each.toLowerCase().includes(tail));
  const near = [...new Set([...(meant === undefined ? [] : [meant]), ...alike])].slice(0, 3);
  const next = near.length === 0 ? 'parity explain' : near.map((each) => `parity explain ${each}`).join('\n');
  return failure('usage', `nothing is known under the name ${JSON.stringify(name)}`, { next });
}
