import { Readable } from 'node:stream';
import { failure } from '../../src/core/failure.ts';
import { err, ok } from '../../src/core/result.ts';
import { createFakeEngine, type FakeProcess } from '../../src/engine/fake/fake-engine.ts';
import { engineContract } from './engine-contract.ts';

// The few programs that the contract runs, played.
function play(process: FakeProcess): void {
  const [command, , script = ''] = process.argv;
  const readOn = (): void => {
    process.stdin.on('data', (data: Buffer) => process.stdout(data));
    process.stdin.on('end', () => process.exit(0));
  };
  if (command === 'cat') return readOn();
  const { FROM_IMAGE, FROM_SPEC, FROM_EXEC } = process.env;
  const echoed: Record<string, string> = {
    '"$FROM_IMAGE $FROM_SPEC $FROM_EXEC $(id -u) $(pwd)"': `${FROM_IMAGE} ${FROM_SPEC} ${FROM_EXEC} ${process.user.split(':')[0]} ${process.workingDir}`,
  };
  for (const line of script.split(/; | && /)) {
    const [, word = '', toErr] = /^echo (.*?)( >&2)?$/.exec(line) ?? [];
    if (word !== '') process[toErr === undefined ? 'stdout' : 'stderr'](`${echoed[word] ?? word}\n`);
    if (line === 'cat') return readOn();
    const code = /^exit (\d+)$/.exec(line)?.[1];
    if (code !== undefined) return process.exit(Number(code));
  }
  process.exit(0);
}

const cache = new Set<string>();

engineContract('the fake', {
  rootFs: () => Readable.from([Buffer.from('root')]),
  engine: () =>
    createFakeEngine({
      start: play,
      exec: play,
      async build(options, context) {
        const recipe = context.subarray(512, context.indexOf(0, 512)).toString();
        const refused = (message: string, detail: string) => err(failure('image-build-failed', message, { detail }));
        for (const [index, title] of recipe.trim().split('\n').entries()) {
          if (title.startsWith('RNU')) return refused('could not build', 'unknown instruction: RNU');
          const cached = cache.has(title);
          options.onProgress?.({ type: 'step', index: index + 1, total: undefined, title, cached });
          if (!title.startsWith('RUN') || cached) continue;
          if (title.includes('sleep 600')) {
            options.onProgress?.({ type: 'output', text: 'begun' });
            if (options.signal?.aborted) return err(failure('interrupted', 'interrupted: could not build'));
          }
          if (title.includes('exit 4')) return refused(`step \`${title}\` failed`, 'oops\nexit 4');
          if (title.includes('$WORD')) {
            options.onProgress?.({ type: 'output', text: `word ${options.buildArgs['WORD']}` });
            options.onProgress?.({ type: 'output', text: 'end' });
          }
          cache.add(title);
        }
        return ok({});
      },
    }),
});
