// Fails on what no other linter here can see in src (tests aside): a path in parity's cache folder that the table of its subfolders does not
// give, and a subfolder that another room than its owner uses.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
const cacheTable = 'src/core/cache-folders.ts';
const owners = ownersOf(parse(cacheTable));
const used = new Set();
const found = [];

for (const name of readdirSync(`${root}src`, { recursive: true }).sort())
  if (/(?<!\.test)\.ts$/.test(name)) lintFile(`src/${name}`, parse(`src/${name}`));
for (const name of owners.keys()) if (!used.has(name)) found.push(`${cacheTable}: nothing uses the subfolder ${name}`);

if (found.length > 0) {
  console.error(found.join('\n'));
  process.exitCode = 1;
}

function lintFile(file, source) {
  const room = /^src\/(\w+)/.exec(file)[1];
  visit(source);

  function visit(node) {
    if (ts.isCallExpression(node)) checkCall(node);
    ts.forEachChild(node, visit);
  }

  function checkCall(call) {
    const [first] = call.arguments;
    if (isCallOf(call, 'join', 'resolve') && call.arguments.some((argument) => isCallOf(argument, 'cacheDir')))
      complain(call, `a subfolder of the cache comes from cacheFolder(), which has the table of them (${cacheTable})`);
    if (!isCallOf(call, 'cacheFolder') || !ts.isStringLiteral(first)) return;
    used.add(first.text);
    if (!owners.get(first.text)?.includes(room))
      complain(
        call,
        `the cache's subfolder ${first.text} belongs to ${owners.get(first.text)?.join(', ')} (${cacheTable})`,
      );
  }

  function complain(node, message) {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    found.push(`${file}:${line + 1}: ${message}`);
  }
}

function isCallOf(node, ...names) {
  return ts.isCallExpression(node) && ts.isIdentifier(node.expression) && names.includes(node.expression.text);
}

/** The rooms that own each subfolder, by its name. */
function ownersOf(source) {
  const rows = new Map();
  visit(source);
  return rows;

  function visit(node) {
    if (ts.isPropertyAssignment(node) && ts.isObjectLiteralExpression(node.initializer)) {
      const owner = node.initializer.properties.find(({ name }) => name?.getText(source) === 'owner');
      if (owner !== undefined) rows.set(node.name.text, owner.initializer.text.split(', '));
    }
    ts.forEachChild(node, visit);
  }
}

function parse(file) {
  return ts.createSourceFile(file, readFileSync(`${root}${file}`, 'utf8'), ts.ScriptTarget.Latest, true);
}
