import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** Package indexes on this machine: `URL/NAME/simple`. */
export interface PackageIndexes {
  readonly url: string;
  /** Every path that was asked for. */
  readonly asked: string[];
  /** Adds a wheel whose module says something; gives its SHA-256. */
  add(index: string, name: string, version: string, said: string): string;
  close(): void;
}

/** Serves indexes from a folder. What an index named in `fallbacks` lacks is asked at the address that it names. */
export async function packageIndexes(
  root: string,
  fallbacks: Readonly<Record<string, string>> = {},
): Promise<PackageIndexes> {
  const asked: string[] = [];
  const server = createServer(({ url = '' }, answer) => {
    asked.push(url);
    const [, index = '', kind, name = '', file] = /^\/([^/]+)\/(simple|files)\/([^/]+)\/([^/]+)?$/.exec(url) ?? [];
    const folder = join(root, index, name);
    if (kind === 'files' && file !== undefined) return void answer.end(readFileSync(join(folder, file)));
    const files = filesOf(folder);
    if (files.length > 0) {
      answer.setHeader('content-type', 'text/html');
      const link = (each: string): string =>
        `<a href="/${index}/files/${name}/${each}#sha256=${sha256(readFileSync(join(folder, each)))}">${each}</a>`;
      return void answer.end(`<!doctype html><html><body>${files.map(link).join('\n')}</body></html>`);
    }
    const elsewhere = fallbacks[index];
    if (elsewhere === undefined) answer.writeHead(404).end();
    else answer.writeHead(302, { location: `${elsewhere.replace(/\/$/, '')}/${name}/` }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    add(index, name, version, said) {
      const module = name.replaceAll('-', '_');
      const folder = join(root, index, name);
      mkdirSync(folder, { recursive: true });
      const wheel = join(folder, `${module}-${version}-py3-none-any.whl`);
      const info = `${module}-${version}.dist-info`;
      const files = {
        [`${module}.py`]: `said = ${JSON.stringify(said)}\n`,
        [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
        [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
        [`${info}/RECORD`]: [`${module}.py`, `${info}/METADATA`, `${info}/WHEEL`, `${info}/RECORD`]
          .map((path) => `${path},,\n`)
          .join(''),
      };
      const zip =
        'import json,sys,zipfile\nz=zipfile.ZipFile(sys.argv[1],"w")\n[z.writestr(*f) for f in json.load(sys.stdin).items()]';
      execFileSync('python3', ['-c', zip, wheel], { input: JSON.stringify(files) });
      return sha256(readFileSync(wheel));
    },
    close: () => server.close(),
  };
}

function filesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function sha256(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}
