// (n) The start alone: what every command waits for.
import { must, race } from './measure.mjs';
import { parityBin } from './shop.mjs';

/** The program's version and help beside a Node that does nothing. */
export function start(scratch, rounds) {
  const contenders = [
    ['-e', '0'],
    [parityBin, '--version'],
    [parityBin, '--help'],
  ].map((args) => ({
    name: args[0] === '-e' ? 'node -e 0' : `parity ${args[1]}`,
    run: () => must(process.execPath, args, { cwd: scratch }),
  }));
  for (const contender of contenders) contender.run();
  return race(contenders, rounds);
}
