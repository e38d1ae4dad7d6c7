import { count } from '../../words.ts';
import { markup, type Markup } from './markup.ts';
import { sign } from './outcome.ts';
import type { VersionRow, VersionsTable } from './page-facts.ts';

/** The toolchain as it is declared, locked and really there; what came with something else is folded. Undefined without a lock. */
export function versionsPart(versions: VersionsTable | null): Markup | undefined {
  if (versions === null) return undefined;
  const { rows, notObserved } = versions;
  const declaredRows = rows.filter(({ declared }) => declared !== null);
  const otherRows = rows.filter(({ declared }) => declared === null);
  const isObserved = notObserved === null;
  const differing = isObserved ? rows.filter((row) => verdictOf(row) === 'differs').length : 0;
  const verdict = !isObserved
    ? `The image was not looked into: ${notObserved}.`
    : differing === 0
      ? 'What the image holds is what the lock says.'
      : `${count(differing, 'version')} in the image ${differing === 1 ? 'is' : 'are'} not what the lock says.`;
  const more =
    otherRows.length === 0
      ? undefined
      : markup`<details><summary>${count(otherRows.length, 'package')} that came with them</summary>
${table(otherRows, isObserved, 'Versions of packages that came with others')}</details>
`;
  return markup`<section aria-labelledby="versions">
<h2 id="versions">Versions</h2>
<p>${verdict}</p>
${table(declaredRows, isObserved, 'Versions of what the project asks for')}${more}</section>
`;
}

function table(rows: readonly VersionRow[], isObserved: boolean, caption: string): Markup {
  return markup`<table class="versions">
<caption class="unseen">${caption}</caption>
<thead><tr><th scope="col">Name</th><th scope="col">Declared</th><th scope="col">Locked</th><th scope="col">In the image</th></tr></thead>
<tbody>
${rows.map((row) => rowOf(row, isObserved))}</tbody>
</table>
`;
}

function rowOf(row: VersionRow, isObserved: boolean): Markup {
  const { name, declared, locked, observed } = row;
  const verdict = isObserved ? verdictOf(row) : 'unknown';
  const there =
    verdict === 'differs'
      ? markup`<span class="badge failed">${sign('failed')} ${observed ?? 'missing'}</span>`
      : verdict === 'same'
        ? markup`<span class="passed">${sign('passed')} ${observed ?? ''}</span>`
        : observed === null && row.isOptional === true
          ? undefined
          : markup`<span class="dim">${observed ?? 'not known'}</span>`;
  return markup`<tr><th scope="row">${name}</th><td>${declared ?? ''}</td><td>${locked.length === 0 ? '' : locked.join(' or ')}</td><td>${there}</td></tr>
`;
}

function verdictOf({ locked, observed, isOptional }: VersionRow): 'same' | 'differs' | 'unknown' {
  if (locked.length === 0) return 'unknown';
  if (observed === null) return isOptional === true ? 'unknown' : 'differs';
  return locked.includes(observed) ? 'same' : 'differs';
}
