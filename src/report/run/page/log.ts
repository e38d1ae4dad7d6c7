import { excerpt } from '../../excerpt.ts';
import { count } from '../../words.ts';
import { styledLine } from './ansi.ts';
import { markup, type Markup } from './markup.ts';

// The browser lays out only those blocks that are in sight: a log of a hundred thousand lines opens at once.
const blockLines = 200;
// About what a person reads of a failure before they look elsewhere.
const mostShown = 80;

/** What a step that failed printed: the telling part in sight, all of it folded below where there is more. */
export function failedOutput(step: string, log: readonly string[]): Markup {
  const { lines, shortened } = excerpt(log, mostShown);
  if (lines.length === 0) return markup`<p class="dim">It printed nothing.</p>\n`;
  const all = shortened ? folded(`Its whole output, ${count(log.length, 'line')}`, step, log) : undefined;
  return markup`<h4>${shortened ? 'What it printed, in part' : 'What it printed'}</h4>
<pre class="output">${styledLines(lines)}</pre>
${all}`;
}

/** An output behind a line that opens it. */
export function folded(summary: string | Markup, step: string, log: readonly string[], before?: Markup): Markup {
  return markup`<details><summary>${summary}</summary>
${before}${log.length === 0 ? undefined : wholeLog(step, log)}</details>
`;
}

function wholeLog(step: string, log: readonly string[]): Markup {
  if (log.length <= blockLines) return markup`<pre class="output">${styledLines(log)}</pre>\n`;
  const blocks: Markup[] = [];
  for (let at = 0; at < log.length; at += blockLines) {
    const lines = log.slice(at, at + blockLines);
    blocks.push(markup`<pre class="block" style="--lines:${lines.length}">${styledLines(lines)}\n</pre>`);
  }
  return markup`<div class="output scroll" tabindex="0" role="region" aria-label="Output of ${step}">${blocks}</div>\n`;
}

// A line break at the very beginning of a pre is not shown, so there is one more.
function styledLines(lines: readonly string[]): Markup {
  return { html: `${lines[0] === '' ? '\n' : ''}${lines.map((line) => styledLine(line).html).join('\n')}` };
}
