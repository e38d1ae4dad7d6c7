import { printedPlace, type PrintedPlace, type RawDiagnostic, type ToolOutput } from '../raw-diagnostic.ts';

const line = /^npm (?:error|ERR!)(?: (.*))?$/;
// A script that failed has said itself what is wrong.
const ofScript = /^(?:ELIFECYCLE|\d+)$/;
const noise =
  /^(?:code |errno |syscall |path |dest |type |A complete log of this run|For a full report see|Log files were not written|This is a problem related to network|In most cases you are behind a proxy|If you are behind a proxy, please make sure|'proxy' config is set properly)/;
// Before each line of some errors: what they are about.
const topic = /^(?:network|notsup|notarget|enoent) (?=\S)/;

/** npm's own errors; of a script that failed it has nothing to add. */
export function parseNpm({ lines }: ToolOutput): readonly RawDiagnostic[] {
  const found: RawDiagnostic[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const texts: string[] = [];
    const begun = at;
    for (; line.test(lines[at] ?? ''); at += 1) texts.push(line.exec(lines[at] ?? '')?.[1] ?? '');
    if (texts.length === 0) continue;
    const code = texts.map((text) => /^code (\S+)$/.exec(text)?.[1]).find((each) => each !== undefined) ?? null;
    const words = withoutUsage(texts)
      .map((text) => withoutTopic(text, code))
      .filter((text) => !noise.test(text.trim()))
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim();
    if (words === '' || (code !== null && ofScript.test(code)) || /^Lifecycle script .* failed/.test(words)) continue;
    const message = words.split('\n').slice(0, 12).join('\n').trimEnd();
    const about = /https?:\/\//.test(message) ? { about: ['package-lock.json'] } : {};
    found.push({ tool: 'npm', code, severity: 'error', message, places: placesOf(code, words), at: begun, ...about });
  }
  return found;
}

/** What comes before the list of a command's options, and before the sentence that says what the command does. */
function withoutUsage(texts: readonly string[]): readonly string[] {
  const usage = texts.indexOf('Usage:');
  return usage < 0 ? texts : texts.slice(0, Math.max(0, usage - 2));
}

function withoutTopic(text: string, code: string | null): string {
  const [first = ''] = text.split(' ', 1);
  const isCode = code !== null && [code, code.toLowerCase(), code.replace(/^E(?=\d)/, '')].includes(first);
  if (text === 'network') return '';
  return isCode && !text.startsWith('code ') ? text.slice(first.length).trimStart() : text.replace(topic, '');
}

function placesOf(code: string | null, message: string): readonly PrintedPlace[] {
  if (/package-lock\.json.*(?:not in sync|in sync)/s.test(message)) return [printedPlace('package-lock.json')];
  if (code === 'EINTEGRITY') return [printedPlace('package-lock.json')];
  return code === 'ERESOLVE' || code === 'EJSONPARSE' ? [printedPlace('package.json')] : [];
}
