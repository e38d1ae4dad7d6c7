import type { Receipt } from '../../../receipt/receipt.ts';
import { formatReceipt } from '../../../receipt/write-receipt.ts';
import { count, duration, size } from '../../words.ts';
import type { RunReport } from '../run-report.ts';
import { markup, type Markup } from './markup.ts';

// A repository of a hundred thousand files has a receipt of ten megabytes; without them it is still the record of the run.
const longestReceipt = 1024 * 1024;

/** What decided the run, by digest. */
export function decided({ finished, receipt }: RunReport): Markup {
  const known: readonly (readonly [string, string])[] = [
    ['image', finished.imageId ?? 'none'],
    ...(receipt === null ? [] : receiptFacts(receipt)),
    ['duration', duration(finished.durationMs)],
  ];
  return markup`<section aria-labelledby="decided">
<h2 id="decided">What decided it</h2>
<dl>
${known.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>\n`)}</dl>
</section>
`;
}

function receiptFacts(receipt: Receipt): readonly (readonly [string, string])[] {
  const { commit, dirty, lock, platform, engine, machine, options, files } = receipt;
  const shard = options.shard === null ? '' : `, part ${options.shard.index} of ${options.shard.of}`;
  return [
    ['commit', commit === null ? 'none' : `${commit}${dirty ? ' with changes that are not committed' : ''}`],
    ['lock', lock],
    ['platform', platform],
    ['engine', `${engine.product} ${engine.version}`],
    ['machine', `${count(machine.cpus, 'CPU')}, ${size(machine.memoryBytes)}`],
    ['run', `${options.cold ? 'cold' : 'warm'}, ${count(options.jobs, 'step')} at once${shard}`],
    ['files', count(Object.keys(files).length, 'file')],
  ];
}

/** The receipt, folded, in a field from which it can be copied; undefined when there is none. */
export function receiptPart({ receipt }: RunReport): Markup | undefined {
  if (receipt === null) return undefined;
  const whole = formatReceipt(receipt);
  const isWhole = whole.length <= longestReceipt;
  const files = count(Object.keys(receipt.files).length, 'file');
  const cut = isWhole
    ? undefined
    : markup`<p class="dim">Without its list of ${files}, which would make the page slow: parity up --report receipt=FILE writes all of it.</p>\n`;
  return markup`<section aria-labelledby="receipt">
<h2 id="receipt">Receipt</h2>
<p>The record of this run. Saved as a file, <code>parity compare FILE</code> names the first thing in which another run differs.</p>
${cut}<details><summary>Show it, ${size(Buffer.byteLength(whole))}</summary>
<textarea readonly rows="20" spellcheck="false" aria-label="The receipt, as JSON">${isWhole ? whole : formatReceipt({ ...receipt, files: {} })}</textarea>
</details>
</section>
`;
}
