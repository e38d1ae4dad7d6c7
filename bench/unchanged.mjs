// (l) A run in which nothing changed.
import { join } from 'node:path';
import { must, race } from './measure.mjs';
import { imageOf, parity } from './shop.mjs';
import { sixSteps } from './six-steps.mjs';
import { peerFiles, unchangedPeers } from './unchanged-peers.mjs';

/** The no-change re-run of six steps in a repository of so many files. */
export function unchanged(files) {
  return (scratch, rounds) => {
    const folder = join(scratch, `unchanged-${files}`);
    sixSteps(folder, files, peerFiles);
    const peers = unchangedPeers(folder, files, imageOf(folder));
    const contenders = [
      { name: 'git status', run: () => must('git', ['status'], { cwd: folder }) },
      { name: 'node -e 0', run: () => must(process.execPath, ['-e', '0']) },
      ...peers.contenders,
      { name: 'parity up', run: () => parity(folder, ['up']) },
    ];
    try {
      // Untimed: one run finds all steps cached, the next knows that nothing changed. Git takes files as settled a second after it
      // has written its index.
      for (const contender of contenders) contender.run();
      must('sleep', ['2']);
      for (const contender of [...contenders, ...contenders]) contender.run();
      return race(contenders, rounds);
    } finally {
      parity(folder, ['down']);
      peers.end();
    }
  };
}
