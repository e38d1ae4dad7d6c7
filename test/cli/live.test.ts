import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { build } from 'esbuild';
import stringWidth from 'string-width';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratchFolder } from '../support/parity.ts';

let scratch: ReturnType<typeof scratchFolder>;
let program: string;
beforeAll(async () => {
  scratch = scratchFolder();
  program = join(scratch.dir, 'live-run.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('../support/live-run.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
  });
});
afterAll(() => {
  scratch.remove();
});

/** Runs the program on a pseudo-terminal of that many columns (util-linux's script); `until` gets what came so far and may type. */
function onTerminal(
  mode: string,
  columns: number,
  until: (output: string, type: (keys: string) => void) => void = () => {},
): Promise<string> {
  const command = `stty cols ${columns} rows 30; exec ${JSON.stringify(process.execPath)} ${JSON.stringify(program)} ${mode} ${JSON.stringify(scratch.dir)}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm-256color' },
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    until(output, (keys) => child.stdin.write(keys));
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(output));
  });
}

describe('liveReporter on a terminal', () => {
  it('puts each failing step’s own output and next command right under it', async () => {
    const text = stripVTControlCharacters(await onTerminal('failing', 80)).replaceAll('\r', '');
    expect(text).toBe(`✗ format         0.4 s  exit code 1
  would reformat core/app.py

  Oh no! 1 file would be reformatted.
  Run: black core/
✓ lint           0.8 s
✗ types          2.3 s  exit code 1
  core/models.py:12: error: Incompatible default for parameter "x"  [assignment]
  Found 1 error in 1 file (checked 20 source files)
✗ tests          4.2 s  exit code 1
  ...F
  FAILED core/tests/test_cart.py::test_total - assert 3 == 4
✓ ui-install     3.1 s
✗ ui-types       1.5 s  exit code 2
  src/App.tsx(3,18): error TS2307: Cannot find module './Missing'.
✓ ui-build    1 min 2 s

4 failed, 3 passed in 6.2 s
`);
  });

  it('moves nothing on a terminal without a size, as some CI systems give', async () => {
    let typed = false;
    const output = await onTerminal('sizeless', 0, (sofar, type) => {
      if (typed || !sofar.includes('alive')) return;
      typed = true;
      type('\u0003');
    });
    expect(stripVTControlCharacters(output).replaceAll('\r', '')).toBe(`note: No parity.yaml here:
  Python in core/
  parity init writes it down
✓ image: built, 569 MB (41.0 s)
alive
^Cclosed
`);
    expect(output).not.toContain('\u001B[?25l');
  });

  it.each([80, 20])(
    'moves one line of at most %i columns for what runs, and gives the cursor back on Ctrl-C',
    async (columns) => {
      let typed = false;
      const output = await onTerminal('waiting', columns, (sofar, type) => {
        // Two frames of the spinner: it moves.
        if (typed || new Set(sofar.match(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/g)).size < 2) return;
        typed = true;
        type('\u0003');
      });
      expect(output).toContain('\u001B[?25l');
      expect(output.lastIndexOf('\u001B[?25h')).toBeGreaterThan(output.lastIndexOf('\u001B[?25l'));
      expect(stripVTControlCharacters(output)).toMatch(/closed\r?\n$/);
      const frames = stripVTControlCharacters(output).match(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏][^\r\n⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]*/g) ?? [];
      expect(frames[0]).toMatch(columns === 80 ? /format, tests 0\/2 \d+ ms|format, tests 0\/2 0\.\d s/ : /…/);
      for (const frame of frames) expect(stringWidth(frame.replace(/\^C.*/, ''))).toBeLessThan(columns);
    },
  );
});
