/**
 * A script without the branches that other systems take: `case "$RUNNER_OS"` and `if [ "$RUNNER_OS" = macOS ]` leave what Linux runs. Whatever
 * it does not read for certain stays as it is.
 */
export function linuxBranches(script: string): string {
  return withoutIfs(withoutCases(script));
}

const runnerOs = `["']?(?:\\$\\{?RUNNER_OS\\}?|Linux|macOS|Windows)["']?`;

function withoutCases(script: string): string {
  const pattern = new RegExp(`^([ \\t]*)case[ \\t]+(${runnerOs})[ \\t]+in[ \\t]*\\n([^]*?)^\\1esac[ \\t]*$`, 'gm');
  return script.replace(pattern, (whole, indent: string, subject: string, body: string) => {
    if (/\bcase\b/.test(body)) return whole;
    for (const branch of body.split(/;;&?[ \t]*(?:\n|$)/)) {
      const [head, patterns = ''] = /^\s*\(?([^()\n]+)\)/.exec(branch) ?? [];
      if (head === undefined) continue;
      const isTaken = patterns.split('|').some((each) => each.trim() === '*' || plain(each) === plain(subject));
      if (isTaken) return indented(branch.slice(head.length), indent);
    }
    return `${indent}:`;
  });
}

function withoutIfs(script: string): string {
  const test = `\\[\\[?[ \\t]+(${runnerOs})[ \\t]*(==?|!=)[ \\t]*(${runnerOs})[ \\t]+\\]\\]?`;
  const pattern = new RegExp(`^([ \\t]*)if[ \\t]+${test}[ \\t]*;?\\s*then\\b([^]*?)^\\1fi[ \\t]*$`, 'gm');
  return script.replace(
    pattern,
    (whole, indent: string, left: string, sign: string, right: string, body: string): string => {
      // `elif` and an `if` within ask for more than a glance.
      if (/\b(?:elif|if)\b/.test(body)) return whole;
      const [yes = '', no = ':'] = body.split(new RegExp(`^${indent}else\\b`, 'm'));
      const isTaken = (plain(left) === plain(right)) === (sign !== '!=');
      return indented(isTaken ? yes : no, indent);
    },
  );
}

/** What a word says on a Linux runner. */
function plain(word: string): string {
  return word
    .trim()
    .replace(/^(["'])(.*)\1$/, '$2')
    .replace(/^\$\{?RUNNER_OS\}?$/, 'Linux');
}

/** Lines moved to where the whole branch stood. */
function indented(body: string, indent: string): string {
  const lines = body.split('\n').filter((line) => line.trim() !== '');
  const least = Math.min(...lines.map((line) => line.search(/\S/)));
  return lines.length === 0 ? `${indent}:` : lines.map((line) => indent + line.slice(least)).join('\n');
}
