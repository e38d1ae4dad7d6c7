import { printedPlace, type RawDiagnostic, type ToolOutput } from '../raw-diagnostic.ts';

// bash: line 1: nowhere: command not found · /bin/sh: 1: nowhere: not found · ./run.sh: line 3: nowhere: command not found
const command = /^(\S*?\b(?:bash|sh|dash|zsh|\w+\.sh)): (?:line )?(\d+): (\S.*): (?:command )?not found$/;
// bash: line 1: ./run.sh: Permission denied · bash: line 1: ./run.sh: cannot execute: required file not found ·
// bash: line 1: ./run.sh: /bin/zsh: bad interpreter: No such file or directory · env: 'python3.13': No such file or directory
const unstartable =
  /^(\S*?\b(?:bash|sh|dash)): (?:line )?(\d+): (\S+: (?:Permission denied|(?:\S+: bad interpreter: )?No such file or directory|cannot execute.*))$/;
// make: ./run.sh: No such file or directory
const make = /^(g?make)(?:\[\d+\])?: (\S*\/\S+: No such file or directory)$/;
// run.sh: line 2: set: pipefail\r: invalid option name · run.sh: 1: set: Illegal option -\r · run.sh: line 1: syntax error near unexpected token `$'do\r'' ·
// run.sh: 3: Syntax error: word unexpected (expecting "do")
const ofLine = /^(\S+): (?:line )?(\d+): (.*\\r.*|[Ss]yntax error: .+)$/;
const env = /^(?:\/usr\/bin\/)?env: (.+: (?:No such file or directory|Permission denied))$/;
// /usr/bin/python3: No module named black · python: can't open file '/workspace/x.py': [Errno 2] No such file or directory
const python = /^(?:\S*\/)?(python[\d.]*): ((?:No module named |can't open file |Error while finding module ).+)$/;

/** Commands, modules and scripts that could not be started because they are not there. */
export function parseNotFound({ lines, files = [] }: ToolOutput): readonly RawDiagnostic[] {
  return lines.flatMap((text, at): readonly RawDiagnostic[] => {
    const diagnose = (
      tool: string,
      message: string,
      places: RawDiagnostic['places'] = [],
    ): readonly RawDiagnostic[] => [{ tool, code: null, severity: 'error', message, places, at }];
    const [, shell, line, name] = command.exec(text) ?? [];
    if (shell !== undefined && name !== undefined)
      return aboutScript(diagnose(...ofShell(shell, line, `${name}: command not found`)), name);
    const [, other, otherLine, wrong] = unstartable.exec(text) ?? [];
    if (other !== undefined && wrong !== undefined)
      return aboutScript(diagnose(...ofShell(other, otherLine, wrong)), wrong);
    const [, byMake, ofMake] = make.exec(text) ?? [];
    if (byMake !== undefined && ofMake !== undefined) return aboutScript(diagnose('make', ofMake), ofMake);
    const [, script, scriptLine, complaint] = ofLine.exec(text) ?? [];
    if (script !== undefined && complaint !== undefined)
      return diagnose('sh', complaint, [printedPlace(script, scriptLine)]).map((one) => ({ ...one, about: [script] }));
    const ofEnv = env.exec(text)?.[1];
    // env does not say which script names what it can't find: one that the step calls.
    if (ofEnv !== undefined) return diagnose('env', ofEnv).map((one) => ({ ...one, about: files }));
    const missing = python.exec(text)?.[2];
    return missing === undefined ? [] : diagnose('python', missing);
  });
}

/** What is called by its path and does not start may be there all the same: then its first line is to blame. */
function aboutScript(found: readonly RawDiagnostic[], words: string): readonly RawDiagnostic[] {
  const [script = ''] = words.split(': ');
  if (!script.includes('/') || words.endsWith('Permission denied')) return found;
  return found.map((one) => (one.places.length > 0 ? one : { ...one, about: [script] }));
}

/** A script that is a file is the place; the step's own command line is none. */
function ofShell(shell: string, line: string | undefined, message: string): [string, string, RawDiagnostic['places']] {
  const name = shell.slice(shell.lastIndexOf('/') + 1);
  return name.endsWith('.sh') ? ['bash', message, [printedPlace(shell, line)]] : [name, message, []];
}
