import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';

const commands = [
  'sh',
  'cat',
  'sleep',
  'id',
  'ls',
  'stat',
  'head',
  'dd',
  'wc',
  'true',
  'false',
  'env',
  'pwd',
  'kill',
  'yes',
  'printf',
  'echo',
  'test',
  'chmod',
  'mkdir',
  'seq',
];

/**
 * The root file system of an image of 2 MB, made without a registry: the machine's static busybox (Debian's package
 * `busybox-static`) with a few of its commands. Throws, naming the package, where it is missing or not static.
 */
export function tinyRootFs(): Readable {
  const busybox = staticBusybox();
  const tar = pack();
  for (const dir of ['bin', 'etc', 'proc', 'sys', 'dev', 'tmp', 'work'])
    tar.entry({ name: `${dir}/`, type: 'directory', mode: dir === 'tmp' ? 0o1777 : 0o755 });
  tar.entry({ name: 'bin/busybox', mode: 0o755 }, busybox);
  for (const command of commands) tar.entry({ name: `bin/${command}`, type: 'symlink', linkname: 'busybox' });
  tar.entry({ name: 'etc/passwd' }, 'root:x:0:0:root:/:/bin/sh\n');
  tar.entry({ name: 'etc/group' }, 'root:x:0:\n');
  tar.finalize();
  return Readable.from(tar);
}

function staticBusybox(): Buffer {
  const path = execFileSync('sh', ['-c', 'command -v busybox || true'], { encoding: 'utf8' }).trim();
  if (path === '') throw new Error('the contract tests need a static busybox: apt-get install busybox-static');
  const binary = readFileSync(path);
  if (namesInterpreter(binary)) throw new Error('the busybox here is not static: apt-get install busybox-static');
  return binary;
}

// A dynamically linked ELF has a program header of type PT_INTERP (3), and would not run in an empty root.
function namesInterpreter(elf: Buffer): boolean {
  const [at, size, count] = [Number(elf.readBigUInt64LE(0x20)), elf.readUInt16LE(0x36), elf.readUInt16LE(0x38)];
  return Array.from({ length: count }, (_, index) => elf.readUInt32LE(at + index * size)).includes(3);
}
