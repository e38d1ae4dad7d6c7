import type { ManagerName, ManagerWish } from '../../config/config.ts';
import { decision, type Decision } from '../../config/detect/decision.ts';
import { managerVersion } from '../../config/value-checks.ts';
import type { CiPlace, DecidedJob, LeftOut } from '../decided-pipeline.ts';
import type { PlacedInstall } from './install.ts';

/** What decides the package managers of Node. */
export interface ManagerFacts {
  readonly jobs: readonly Pick<DecidedJob, 'id' | 'setUp'>[];
  readonly installs: readonly PlacedInstall[];
  /** Every command that steps run. */
  readonly commands: readonly { readonly words: readonly string[]; readonly place: CiPlace }[];
  /** What the repository's own files ask for. */
  readonly detected: readonly ManagerWish[];
}

/** The package managers of an imported pipeline, and why. */
export interface ImportedManagers {
  readonly wishes: readonly ManagerWish[];
  readonly decisions: readonly Decision[];
  readonly leftOut: readonly LeftOut[];
}

interface Said {
  readonly name: ManagerName;
  readonly said: string;
  readonly place: CiPlace;
  readonly how: string;
}

/**
 * The package managers that CI's jobs put into PATH (pnpm/action-setup, oven-sh/setup-bun, `npm install -g`, corepack), in place of what the repository's own
 * files ask for; but `packageManager` of package.json binds pnpm and Yarn themselves, whichever is installed. A Yarn that steps call
 * and nothing names is the 1 of CI's machines.
 */
export function importManagers({ jobs, installs, commands, detected }: ManagerFacts): ImportedManagers {
  const decisions: Decision[] = [];
  const leftOut: LeftOut[] = [];
  const said: readonly Said[] = [
    ...jobs.flatMap(({ setUp = [] }) =>
      setUp.flatMap(({ name, version }) =>
        name === 'pnpm' || name === 'bun' ? [{ name, said: version.said, place: version.place, how: version.how }] : [],
      ),
    ),
    ...installs.flatMap(({ install, place }) =>
      (install.managers ?? []).map((each) => ({ ...each, place, how: `${each.name}@${each.said}` })),
    ),
  ];
  const kept = (wish: ManagerWish): readonly ManagerWish[] => {
    decisions.push({ ...decision(wish.name, wish.version, `${wish.file}: ${wish.key}`), kind: 'toolchain' });
    return [wish];
  };
  const wishes = (['npm', 'pnpm', 'yarn', 'bun'] as const).flatMap((name): readonly ManagerWish[] => {
    const own = detected.find((wish) => wish.name === name);
    if ((name === 'pnpm' || name === 'yarn') && own !== undefined && /^(?:packageManager|devEngines)/.test(own.key))
      return kept(own);
    const found = said.filter((each) => each.name === name);
    const [first] = found.filter((each) => managerVersion(plainVersion(each.said)) === undefined);
    for (const { said: text, place } of found) {
      const version = plainVersion(text);
      const complaint = managerVersion(version);
      const why =
        complaint !== undefined
          ? complaint.message
          : first !== undefined && version !== plainVersion(first.said)
            ? `the image has one ${name}, ${plainVersion(first.said)}`
            : undefined;
      if (why !== undefined) leftOut.push({ place, what: `${name} ${text}`, why });
    }
    if (first !== undefined) {
      const version = plainVersion(first.said);
      const { file, span } = first.place;
      decisions.push({ ...decision(name, version, `${file}:${span.line}: ${first.how}`), kind: 'toolchain' });
      return [{ name, version, file, key: first.how, line: span.line }];
    }
    if (own !== undefined) return kept(own);
    const call = commands.find(({ words: [program] }) => program === name || (name === 'bun' && program === 'bunx'));
    if (name === 'npm' || call === undefined) return [];
    const version = name === 'yarn' ? '1' : 'latest';
    decisions.push({ ...decision(name, version, 'a step runs it, and nothing says which one'), kind: 'toolchain' });
    const { file, span } = call.place;
    return [{ name, version, file, key: call.words.join(' '), line: span.line }];
  });
  return { wishes, decisions, leftOut };
}

/** `9` of `v9`, `latest-9` and `9.15.4+sha512.…`: what CI calls a version. */
function plainVersion(said: string): string {
  return said
    .trim()
    .replace(/\+.*$/, '')
    .replace(/^v(?=\d)|^(?:latest|next)-(?=\d)/, '');
}
