import { printedPlace, type PrintedPlace, type Said, type ToolOutput } from '../said.ts';

const line = /^npm (?:error|ERR!)(?: (.*))?$/;
// A script that failed has said itself what is wrong.
const ofScript = /^(?:ELIFECYCLE|\d+)$/;
const noise =
  /^(?:code |errno |A complete log of this run|For a full report see|This is a problem related to network|Log files were not written)/;

/** npm's own errors; of a script that failed it has nothing to add. */
export function parseNpm({ lines }: ToolOutput): readonly Said[] {
  const found: Said[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const texts: string[] = [];
    const begun = at;
    for (; line.test(lines[at] ?? ''); at += 1) texts.push(line.exec(lines[at] ?? '')?.[1] ?? '');
    if (texts.length === 0) continue;
    const code = texts.map((text) => /^code (\S+)$/.exec(text)?.[1]).find((each) => each !== undefined) ?? null;
    const words = texts
      .filter((text) => !noise.test(text.trim()))
      .map((text) =>
        code === null ? text : text.replace(new RegExp(`^${escaped(code.replace(/^E(?=\d)/, ''))} `), ''),
      )
      .join('\n')
      .trim();
    if (words === '' || (code !== null && ofScript.test(code)) || /^Lifecycle script .* failed/.test(words)) continue;
    const message = words.split('\n').slice(0, 12).join('\n');
    found.push({ tool: 'npm', code, severity: 'error', message, places: placesOf(code, words), at: begun });
  }
  return found;
}

function placesOf(code: string | null, message: string): readonly PrintedPlace[] {
  if (/package-lock\.json.*(?:not in sync|in sync)/s.test(message)) return [printedPlace('package-lock.json')];
  return code === 'ERESOLVE' || code === 'EJSONPARSE' ? [printedPlace('package.json')] : [];
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
