// Reads vitest's JSON reports in a folder and prints, as the last line, `N passed, N failed[, N skipped]`; exit 1 when anything
// failed. A test file that could not be loaded, a check that is no test (failed-checks, one name a line) and a report
// that was never written count as one failure each: 0 failed means that all was asked and all held.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
const projects = ['unit', 'cli', 'engine'];
const failedChecks = readLines(join(folder, 'failed-checks'));
const total = { passed: 0, failed: 0, skipped: 0 };

for (const project of projects) {
  const file = join(folder, `${project}.json`);
  const counts = existsSync(file)
    ? count(JSON.parse(readFileSync(file, 'utf8')))
    : { passed: 0, failed: 0, skipped: 0 };
  const check = failedChecks.indexOf(`${project} tests`);
  // Vitest may fail with no failed test (an error outside of tests, no report at all): still one failure.
  if (check !== -1) failedChecks.splice(check, 1);
  if (check !== -1 && counts.failed === 0) counts.failed = 1;
  console.log(`${project}: ${words(counts)}`);
  for (const key of Object.keys(total)) total[key] += counts[key];
}
for (const name of failedChecks) console.log(`${name}: failed`);
total.failed += failedChecks.length;
console.log(words(total));
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;

function count(report) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of report.testResults) {
    for (const { status } of file.assertionResults) {
      if (status === 'passed') counts.passed += 1;
      else if (status === 'failed') counts.failed += 1;
      else counts.skipped += 1;
    }
    if (file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'))
      counts.failed += 1;
  }
  return counts;
}

function words({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function readLines(file) {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}
