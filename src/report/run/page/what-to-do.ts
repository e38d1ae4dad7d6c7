import type { FoundRemedy } from '../../../core/found-remedy.ts';
import { count } from '../../words.ts';
import { markup, type Markup } from './markup.ts';

/** What to do next: what is known of such failures, then what to type. A command can be taken with one click. Undefined for nothing. */
export function whatToDo(next: readonly string[], remedies: readonly FoundRemedy[] = []): Markup | undefined {
  const lines = next.flatMap((text) => text.split('\n')).filter((line) => line.trim() !== '');
  if (lines.length + remedies.length === 0) return undefined;
  return markup`<div class="next">
<h4>What to do</h4>
<ul>
${remedies.map(remedyItem)}${lines.map((line) => markup`<li>${nextLine(line)}</li>\n`)}</ul>
</div>
`;
}

function remedyItem({ id, title, remedy, count: times, file, line, link }: FoundRemedy): Markup {
  const place =
    file === null ? undefined : markup` <code class="place">${line === null ? file : `${file}:${line}`}</code>`;
  const more = times > 1 ? markup` <span class="dim">${count(times, 'problem')}</span>` : undefined;
  // A team's own entries are foreign, too.
  const page =
    link !== null && /^https?:\/\//.test(link)
      ? markup`${' · '}<a href="${link}" rel="noreferrer">${hostOf(link)}</a>`
      : undefined;
  return markup`<li><strong>${title}</strong>${place}${more}
${withCode(remedy)}
<span class="dim">More: <code class="take">parity explain ${id}</code>${page}</span></li>
`;
}

function hostOf(link: string): string {
  return /^https?:\/\/([^/?#]*)/.exec(link)?.[1] ?? link;
}

function nextLine(line: string): Markup {
  const [, command] = /^Run: (.+)$/.exec(line.trim()) ?? [];
  return command === undefined ? withCode(line) : markup`Run <code class="take">${command}</code>`;
}

/** A text in which what stands between backquotes is code. */
export function withCode(text: string): Markup {
  const parts = text.split(/`([^`]+)`/);
  return markup`${parts.map((part, index) => (index % 2 === 0 ? part : markup`<code>${part}</code>`))}`;
}
