import type { Diagnostic } from '../core/diagnostic.ts';
import { cacheRemote, trustedKey } from './check-cache.ts';
import { leadingName } from '../formats/package-name.ts';
import { fileProblem, requirementProblem } from './check-paths.ts';
import { patternProblem, remedyId, remedyLink, remedyProblem } from './check-remedies.ts';
import { checkSteps } from './check-steps.ts';
import {
  branchName,
  debianPackage,
  imageBase,
  imageReference,
  imageRepository,
  managerVersion,
  nodeVersion,
  pythonVersion,
  serviceName,
  toolchainName,
  toolRequirement,
  variableName,
} from './value-checks.ts';
import { pythonManagers, pythonManagerVersion } from './python-managers.ts';
import { ConfigComplaints } from './config-complaints.ts';
import type { ConfigDocument, DocumentPath } from './document.ts';

/**
 * Checks what a schema can't: versions, requirement lines, image references, names, paths that must exist, and what is
 * between steps. It works on every value that has the right type, so a mistake in one step hides no mistake in another.
 */
export async function checkConfig(document: ConfigDocument, projectDir: string): Promise<Diagnostic[]> {
  const complaints = new ConfigComplaints(document);
  await checkToolchain(complaints, ['toolchain'], projectDir);
  for (const name of complaints.keys(['toolchains'])) {
    complaints.reportKey(['toolchains', name], toolchainName(name));
    await checkToolchain(complaints, ['toolchains', name], projectDir);
    checkManagers(complaints, ['toolchains', name]);
  }
  await checkImage(complaints, projectDir);
  checkCache(complaints);
  checkRemedies(complaints);
  checkCi(complaints);
  checkServices(complaints);
  await checkSteps(complaints, projectDir);
  return complaints.problems;
}

const managers = ['npm', 'pnpm', 'yarn', 'bun'] as const;

async function checkToolchain(complaints: ConfigComplaints, at: DocumentPath, projectDir: string): Promise<void> {
  complaints.checkText([...at, 'python'], pythonVersion);
  complaints.checkText([...at, 'node'], nodeVersion);
  for (const manager of managers) complaints.checkText([...at, manager], managerVersion);
  for (const manager of pythonManagers) complaints.checkText([...at, manager], pythonManagerVersion);
  complaints.checkEachText([...at, 'tools'], toolRequirement);
  complaints.checkEachText([...at, 'system'], debianPackage);
  checkRepeatedTools(complaints, at);
  await Promise.all(
    complaints
      .texts([...at, 'requirements'])
      .map(async ([path, source]) => complaints.report(path, await requirementProblem(projectDir, source))),
  );
}

/** A toolchain with a name has what it names: a package manager runs on a Node that it names, too. */
function checkManagers(complaints: ConfigComplaints, at: DocumentPath): void {
  if (complaints.keys(at).includes('node')) return;
  for (const manager of managers.filter((each) => complaints.keys(at).includes(each))) {
    const message = `\`${String(at.at(-1))}\` has ${manager}, and no Node to run it`;
    complaints.reportKey([...at, manager], { code: 'missing-node', message, hint: 'add `node: "24"` beside it' });
  }
}

function checkRepeatedTools(complaints: ConfigComplaints, at: DocumentPath): void {
  const first = new Map<string, DocumentPath>();
  for (const [path, line] of complaints.texts([...at, 'tools'])) {
    const name = leadingName(line);
    // One tool under two markers (`; python_version < …`) is no repetition.
    if (name === undefined || line.includes(';')) continue;
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, path);
    else {
      const related = [complaints.related(earlier, 'first here')];
      const message = `\`${name}\` is in \`tools\` twice`;
      complaints.report(path, { code: 'duplicate-tool', message, hint: 'keep one', related });
    }
  }
}

async function checkImage(complaints: ConfigComplaints, projectDir: string): Promise<void> {
  complaints.checkText(['image', 'base'], imageBase);
  complaints.checkText(['image', 'repository'], imageRepository);
  const dockerfile = complaints.text(['image', 'dockerfile']);
  if (dockerfile !== undefined) complaints.report(['image', 'dockerfile'], await fileProblem(projectDir, dockerfile));
}

function checkCache(complaints: ConfigComplaints): void {
  complaints.checkText(['cache', 'remote'], cacheRemote);
  complaints.checkEachText(['cache', 'trust'], trustedKey);
  complaints.checkRepeats(['cache', 'trust'], 'key');
  // Without trusted keys, anyone who can write to the shared store could claim that a step passed.
  const remote = ['cache', 'remote'];
  if (complaints.text(remote) === undefined || complaints.list(['cache', 'trust']).length > 0) return;
  const hint = 'type `parity cache key`, and add the key that it prints: `trust: [ed25519:…]`';
  const message = '`cache.trust` does not say whose passes are believed';
  complaints.report(remote, { code: 'untrusted-remote', message, hint });
}

function checkRemedies(complaints: ConfigComplaints): void {
  const first = new Map<string, DocumentPath>();
  for (const index of complaints.list(['remedies']).keys()) {
    const path = ['remedies', index] as const;
    complaints.checkText([...path, 'id'], remedyId);
    complaints.checkText([...path, 'link'], remedyLink);
    complaints.checkText([...path, 'match'], patternProblem);
    const [id, keys] = [complaints.text([...path, 'id']), complaints.keys(path)];
    complaints.report(keys.includes('code') ? [...path, 'code'] : path, remedyProblem(keys));
    if (id === undefined) continue;
    const earlier = first.get(id);
    first.set(id, earlier ?? [...path, 'id']);
    if (earlier === undefined) continue;
    const hint = 'give each remedy an id of its own';
    const related = [complaints.related(earlier, 'first here')];
    const message = `two remedies are called \`${id}\``;
    complaints.report([...path, 'id'], { code: 'duplicate-remedy', message, hint, related });
  }
}

function checkCi(complaints: ConfigComplaints): void {
  for (const key of ['username', 'password']) complaints.checkText(['ci', 'registry', key], variableName);
  complaints.checkEachText(['ci', 'branches'], branchName);
  for (const key of ['image', 'engine']) complaints.checkText(['ci', 'gitlab', key], imageReference);
}

function checkServices(complaints: ConfigComplaints): void {
  for (const name of complaints.keys(['services'])) {
    const path = ['services', name];
    complaints.reportKey(path, serviceName(name));
    complaints.checkText([...path, 'image'], imageReference);
    for (const variable of complaints.keys([...path, 'env']))
      complaints.reportKey([...path, 'env', variable], variableName(variable));
    complaints.checkRepeats([...path, 'ports'], 'port');
  }
}
