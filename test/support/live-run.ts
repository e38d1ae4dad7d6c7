import { LiveReporter } from '../../src/report/live.ts';
import { failingRun, passingRun } from './run-events.ts';

// A program for live.test.ts: tells a run on a real terminal, whole (`failing`), or up to its steps and then until Ctrl-C (`waiting`; `sizeless` tells that it lives).
const reporter = new LiveReporter({
  out: process.stdout,
  err: process.stderr,
  color: true,
  quiet: false,
  verbose: false,
  unicode: true,
  logDir: process.argv[3] ?? '',
});
if (process.argv[2] === 'failing') {
  for (const event of failingRun) reporter.event(event);
  await reporter.close();
} else {
  const keepAlive = setInterval(() => {}, 1000);
  process.on('SIGINT', () => {
    clearInterval(keepAlive);
    void reporter.close().then(() => process.stdout.write('closed\n'));
  });
  for (const event of passingRun.slice(0, -3)) reporter.event(event);
  // Long after the moving line has begun, where there is one.
  if (process.argv[2] === 'sizeless') setTimeout(() => process.stdout.write('alive\n'), 600);
}
