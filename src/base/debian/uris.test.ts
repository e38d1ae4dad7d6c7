import { expect, it } from 'vitest';
import { packagesOfUris, pinPreferences } from './uris.ts';
import { snapshotStamp, stampSeconds, suiteFor } from './suites.ts';
import { snapshotSources } from './make-debian-base.ts';

const a = 'a'.repeat(64);
const b = 'b'.repeat(64);

it('reads apt’s addresses: names sorted by bytes, epochs and pluses decoded, what was asked for marked', () => {
  const text = `'http://m.example/git_2.39.5-0%2bdeb12u2_amd64.deb' git_1%3a2.39.5-0+deb12u2_amd64.deb 7256300 SHA256:${b}
'http://m.example/adduser_3.134_all.deb' adduser_3.134_all.deb 115000 SHA256:${a}
`;
  expect(packagesOfUris(text, ['git'])).toEqual([
    { name: 'adduser', version: '3.134', sha256: a },
    { name: 'git', version: '1:2.39.5-0+deb12u2', sha256: b, requested: true },
  ]);
  expect(() => packagesOfUris(`'http://m.example/x.deb' x_1_all.deb 1 MD5Sum:${a}`)).toThrow('SHA-256');
});

it('pins what is kept', () => {
  expect(pinPreferences([{ name: 'git', version: '1:2', sha256: a }])).toBe(
    'Package: git\nPin: version 1:2\nPin-Priority: 1001\n',
  );
});

it('stamps with the newest of the archives’ dates', () => {
  const dates = ['Date: Sun, 22 Nov 2026 02:09:05 UTC', 'Date: Sat, 11 Jul 2026 10:16:37 UTC', ''];
  expect(snapshotStamp(dates)).toBe('20261122T020905Z');
  expect(snapshotStamp([''])).toBeUndefined();
  expect(stampSeconds('20261122T020905Z')).toBe(Date.UTC(2026, 10, 22, 2, 9, 5) / 1000);
});

it('knows each suite’s Python', () => {
  expect(['3.11', '3.11.2', '3.13', '3.9', '3.12'].map(suiteFor)).toEqual([
    'bookworm',
    'bookworm',
    'trixie',
    'bullseye',
    undefined,
  ]);
});

it('turns sources into the snapshot archive’s, security apart', () => {
  const sources = `deb http://m.example/debian bookworm main
deb [signed-by="/k.gpg"] http://s.example/debian-security bookworm-security main
`;
  expect(snapshotSources(sources, 'http://snap.example/archive/', '20261122T020905Z')).toBe(
    `deb [check-valid-until=no trusted=yes] http://snap.example/archive/debian/20261122T020905Z bookworm main
deb [check-valid-until=no trusted=yes] http://snap.example/archive/debian-security/20261122T020905Z bookworm-security main
`,
  );
});
