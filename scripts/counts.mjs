// Reads vitest's JSON reports: how many tests passed and failed, and how long each file took.
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * What the reports of these projects (`<project>.json` in a folder) say. A test file that could not be loaded, a report that was never
 * written and a project whose vitest failed without a failed test count as one failure each.
 */
export function countReports(folder, projects, failedChecks) {
  const counts = projects.map((project) => {
    const file = join(folder, `${project}.json`);
    const found = existsSync(file)
      ? count(JSON.parse(readFileSync(file, 'utf8')))
      : { passed: 0, failed: 1, skipped: 0, files: [], failures: [] };
    const isSilent = failedChecks.includes(project) && found.failed === 0;
    return { project, ...found, failed: isSilent ? 1 : found.failed };
  });
  return counts;
}

/** `N passed, N failed[, N skipped]` */
export function countsText({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** Lines with the time of each file, the slowest first; those under a second are summed up. */
export function timesTable(counts, root) {
  const files = counts.flatMap(({ project, files: timed }) => timed.map((file) => ({ ...file, project })));
  const slow = files.filter(({ seconds }) => seconds >= 1).sort((a, b) => b.seconds - a.seconds);
  const rest = files.filter(({ seconds }) => seconds < 1);
  const row = (seconds, project, name) => `${seconds.toFixed(1).padStart(7)} s  ${project.padEnd(11)}  ${name}`;
  return [
    ...slow.map(({ seconds, project, path }) => row(seconds, project, relative(root, path))),
    row(
      rest.reduce((sum, { seconds }) => sum + seconds, 0),
      'all',
      `${rest.length} files that take less than a second each`,
    ),
  ];
}

/** Lines with each failed test, its file first, and how its error begins; a file that could not be loaded counts as one. */
export function failureLines(counts, root) {
  const told = counts.flatMap(({ failures }) => failures);
  return told.flatMap(({ path, name, message }) => [
    `${relative(root, path)} > ${name}`,
    ...message
      .split('\n')
      .filter((line) => line.trim() !== '' && !/^\s+at .*(?:node:internal|node_modules)/.test(line))
      .slice(0, 12)
      .map((line) => `    ${line.slice(0, 300)}`),
  ]);
}

function count(report) {
  const counts = { passed: 0, failed: 0, skipped: 0, files: [], failures: [] };
  for (const file of report.testResults) {
    for (const { status, fullName, failureMessages = [] } of file.assertionResults) {
      if (status === 'passed') counts.passed += 1;
      else if (status === 'failed') {
        counts.failed += 1;
        counts.failures.push({ path: file.name, name: fullName, message: failureMessages.join('\n') });
      } else counts.skipped += 1;
    }
    if (file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed')) {
      counts.failed += 1;
      counts.failures.push({ path: file.name, name: 'the file itself', message: file.message ?? '' });
    }
    const held = file.assertionResults.length > 0 && file.assertionResults.every(({ status }) => status === 'passed');
    counts.files.push({
      path: file.name,
      seconds: (file.endTime - file.startTime) / 1000,
      held: held && file.status === 'passed',
    });
  }
  return counts;
}
