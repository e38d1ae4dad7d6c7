// Writes src/lock/node/npm-of-node.json: which npm each release of Node brings, from 14 on. It reads the release posts of a checkout of
// nodejs/nodejs.org (https://github.com/nodejs/nodejs.org), whose lists of commits name every new npm:
//
//   node scripts/npm-of-node.mjs <checkout, bare or not>
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import semver from 'semver';

const [checkout] = process.argv.slice(2);
if (checkout === undefined) {
  console.error('usage: node scripts/npm-of-node.mjs <checkout of nodejs/nodejs.org>');
  process.exit(2);
}
const oldest = 13;
const target = fileURLToPath(new URL('../src/lock/node/npm-of-node.json', import.meta.url));

const git = (...args) => execFileSync('git', ['-C', checkout, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });

const releases = git('ls-tree', '-r', '--name-only', 'HEAD', 'apps/site/pages/en/blog/release/')
  .split('\n')
  .flatMap((path) => {
    const version = /\/v(\d+\.\d+\.\d+)\.md$/.exec(path)?.[1];
    return version !== undefined && semver.major(version) >= oldest - 1 ? [{ version, path }] : [];
  })
  .sort((a, b) => semver.compare(a.version, b.version))
  .map(({ version, path }) => {
    const text = git('show', `HEAD:${path}`);
    return { version, date: /^date: ["']?(\d{4}-\d\d-\d\d)/m.exec(text)?.[1] ?? '', npm: newest(namedIn(text)) };
  });

/** The versions of npm that a post's list of commits names: `deps: upgrade npm to 10.9.4`. */
function namedIn(text) {
  return text
    .split('\n')
    .filter((line) => /\b(?:upgrade|update|bump)/i.test(line))
    .flatMap((line) => /\bnpm`?\*{0,2} (?:\w+ )?to `?v?(\d+\.\d+\.\d+)/.exec(line)?.[1] ?? []);
}

function newest(versions) {
  return versions.toSorted(semver.rcompare)[0];
}

const table = {};
const dated = [];
for (const { version, date, npm: named } of releases) {
  const major = semver.major(version);
  const before = dated.findLast((each) => each.major === major)?.npm;
  // What a first release's list lacks came with the release line before it.
  const inherited = newest(dated.filter((each) => each.major === major - 1 && each.date <= date).map(({ npm }) => npm));
  const npm = named ?? before ?? inherited;
  if (npm === undefined) continue;
  dated.push({ major, date, npm });
  table[major] ??= { newest: version, npm: {} };
  table[major].newest = version;
  if (npm !== before) table[major].npm[version] = npm;
}
for (const major of Object.keys(table)) if (Number(major) <= oldest) delete table[major];
await writeFile(target, `${JSON.stringify(table, undefined, 2)}\n`);
