import { expect, test } from 'vitest';
import { containerUser, withGroupEntry, withPasswdEntry } from './container-user.ts';

const passwd = 'root:x:0:0:root:/root:/bin/bash\nnode:x:1000:1000::/home/node:/bin/bash\n';

test('the caller comes first in passwd, so that a uid which the image knows by another name is parity’s', () => {
  expect(withPasswdEntry(passwd, { uid: 1000, gid: 50 })).toBe(
    `parity:x:1000:50:parity:/home/parity:/bin/bash\n${passwd}`,
  );
  expect(withPasswdEntry(withPasswdEntry(passwd, { uid: 7, gid: 7 }), { uid: 8, gid: 8 })).toBe(
    `parity:x:8:8:parity:/home/parity:/bin/bash\n${passwd}`,
  );
  expect(withGroupEntry('root:x:0:\n', { uid: 1, gid: 2 })).toBe('parity:x:2:\nroot:x:0:\n');
});

test('root keeps its own name; an image without accounts gets one', () => {
  expect(withPasswdEntry(passwd, { uid: 0, gid: 0 })).toBe(passwd);
  expect(withPasswdEntry('', { uid: 0, gid: 0 })).toBe('parity:x:0:0:parity:/home/parity:/bin/bash\n');
});

test('a rootless engine has the caller as its root', () => {
  const caller = { uid: 1234, gid: 99 };
  expect(containerUser({ rootless: true }, caller)).toEqual({ uid: 0, gid: 0 });
  expect(containerUser({ rootless: false }, caller)).toEqual(caller);
});
