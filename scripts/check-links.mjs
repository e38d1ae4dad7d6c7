// Asks for the pages that the remedies' links name, as a maintainer does now and then: `node scripts/check-links.mjs`, or with addresses to ask for
// those alone. Says of each that is not right what is wrong. Exit code 0: all are there; 1: some are not; 3: of some nobody could tell.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { EnvHttpProxyAgent, fetch } from 'undici';

const atOnce = 4;
const timeoutMs = 20_000;
const root = fileURLToPath(new URL('..', import.meta.url));
const dispatcher = new EnvHttpProxyAgent();

const asked = process.argv.slice(2);
const links = asked.length > 0 ? asked : await catalogueLinks();
// One question a page, however many places in it are named.
const pages = groupedByPage(links);
const findings = (await inTurn([...pages], atOnce, askFor)).flat();
await dispatcher.close();

const of = (kind) => findings.filter((finding) => finding.kind === kind);
for (const kind of ['broken', 'moved', 'unknown'])
  for (const { link, words } of of(kind)) console.log(`${kind.padEnd(8)} ${link}\n         ${words}`);
console.log(
  `${links.length} links: ${of('right').length} right, ${of('broken').length} broken, ${of('moved').length} moved, ${of('unknown').length} could not be asked`,
);
process.exitCode = of('broken').length + of('moved').length > 0 ? 1 : of('unknown').length > 0 ? 3 : 0;

/** What became of the links to one page: `right`, `broken`, `moved` (it answers elsewhere) or `unknown` (nobody answered). */
async function askFor([page, named]) {
  const all = (kind, words) => named.map((link) => ({ link, kind, words }));
  try {
    const headers = { accept: 'text/html', 'user-agent': 'parity-check-links' };
    const answer = await fetch(page, { dispatcher, headers, signal: AbortSignal.timeout(timeoutMs) });
    const text = await answer.text();
    // Refused to programs, too many questions, out of order: it says nothing of the page.
    if ([401, 403, 407, 408, 425, 429].includes(answer.status) || answer.status >= 500)
      return all('unknown', `${answer.status} ${answer.statusText}`.trim());
    if (!answer.ok) return all('broken', `${answer.status} ${answer.statusText}`.trim());
    if (isElsewhere(page, answer.url)) return all('moved', `it is at ${answer.url} now`);
    return named.map((link) => ({ link, ...judged(new URL(link).hash.slice(1), text) }));
  } catch (error) {
    return all('unknown', error.cause?.message ?? error.message);
  }
}

function judged(fragment, html) {
  const name = decodeURIComponent(fragment);
  const ids = new Set(
    [...html.matchAll(/\b(?:id|name)=(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/g)].map((m) => m[1] ?? m[2] ?? m[3]),
  );
  // GitHub's own pages put a word before the ids of a README.
  if (name === '' || ids.has(name) || ids.has(`user-content-${name}`)) return { kind: 'right', words: '' };
  return { kind: 'broken', words: `the page has no #${name}` };
}

/** True when the answer came from another page; a slash at the end, a language or a version that was filled in are none. */
function isElsewhere(from, to) {
  const [a, b] = [new URL(from), new URL(to)];
  const bare = (path) =>
    path.replace(/\/(?:v\d+|en(?:-US)?|current|stable|latest)(?=\/)/g, '').replace(/(?:\/|\.html)$/, '');
  return a.host.replace(/^www\./, '') !== b.host.replace(/^www\./, '') || bare(a.pathname) !== bare(b.pathname);
}

function withoutFragment(link) {
  return link.split('#', 1)[0];
}

function groupedByPage(all) {
  const grouped = new Map();
  for (const link of all) grouped.set(withoutFragment(link), [...(grouped.get(withoutFragment(link)) ?? []), link]);
  return grouped;
}

/** The results in the order of the items, with that many under way. */
async function inTurn(items, limit, work) {
  const results = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}

async function catalogueLinks() {
  // Node 20 reads no TypeScript.
  await mkdir(join(root, 'node_modules', '.cache'), { recursive: true });
  const folder = await mkdtemp(join(root, 'node_modules', '.cache', 'links-'));
  try {
    const outfile = join(folder, 'catalogue.mjs');
    const entryPoints = [join(root, 'src/remedies/catalogue.ts')];
    await build({ entryPoints, outfile, bundle: true, format: 'esm', platform: 'node', logLevel: 'warning' });
    const { catalogue } = await import(pathToFileURL(outfile).href);
    return [...new Set(catalogue.flatMap((entry) => entry.links))].sort();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
