import { posix } from 'node:path';
import { decision, type Decision } from '../../config/detect/decision.ts';
import { admits, parseRequirement, parseRequirementsFile } from '../../config/detect/requirement.ts';
import type { LeftOut } from '../decided-pipeline.ts';
import type { PlacedInstall } from './install.ts';

/** What jobs install that one environment can hold, what was taken out for that, and what stays contradictory. */
export interface Consistent {
  readonly installs: readonly PlacedInstall[];
  readonly leftOut: readonly LeftOut[];
  readonly decisions: readonly Decision[];
}

interface Pin {
  readonly name: string;
  readonly version: string;
  readonly file: string;
  readonly line: number;
  readonly job: string;
}

/**
 * CI gives each job an environment of its own, and here they share one. A line that another job installs by hand gives way to what an earlier job's
 * requirements pin; two requirements files that pin one package differently can't be reconciled, which is said with both places and the way out.
 */
export function consistentInstalls(
  installs: readonly PlacedInstall[],
  readText: (path: string) => string | undefined,
): Consistent {
  const pins = installs.flatMap(({ install, job }) =>
    install.files.flatMap((file) => pinsOf(file, readText).map((pin): Pin => ({ ...pin, job }))),
  );
  const leftOut: LeftOut[] = [];
  const order = new Map(installs.map(({ job }, index) => [job, index] as const).toReversed());
  const isBefore = (a: string, b: string): boolean => (order.get(a) ?? 0) < (order.get(b) ?? 0);
  const kept = installs.map((each): PlacedInstall => {
    const refused = (said: string): Pin | undefined => {
      const requirement = parseRequirement(said);
      return pins.find(
        ({ name, version, job }) =>
          requirement?.name === name && isBefore(job, each.job) && !admits(requirement.specifier, version),
      );
    };
    const tools = each.install.tools.filter((said) => {
      const pin = refused(said);
      if (pin === undefined) return true;
      const why = `an environment has one ${pin.name}: ${pin.file}:${pin.line} pins ${pin.version} for job ${pin.job}`;
      leftOut.push({ place: each.place, what: `install of ${said} of job ${each.job}`, why });
      return false;
    });
    return tools.length === each.install.tools.length ? each : { ...each, install: { ...each.install, tools } };
  });
  return { installs: kept, leftOut, decisions: contradictions(pins) };
}

function pinsOf(
  file: string,
  readText: (path: string) => string | undefined,
  trail: readonly string[] = [],
): readonly Omit<Pin, 'job'>[] {
  const text = readText(file);
  if (text === undefined || trail.includes(file)) return [];
  const { requirements, includes } = parseRequirementsFile(text);
  return [
    ...requirements.flatMap(({ name, exact, marker, line }) =>
      exact === undefined || marker !== undefined ? [] : [{ name, version: exact, file, line }],
    ),
    ...includes.flatMap((path) => pinsOf(posix.join(posix.dirname(file), path), readText, [...trail, file])),
  ];
}

/** Each package that two jobs pin differently, once. */
function contradictions(pins: readonly Pin[]): readonly Decision[] {
  const found = new Map<string, Decision>();
  for (const pin of pins) {
    const other = pins.find(
      ({ name, version, file, job }) =>
        name === pin.name && version !== pin.version && file !== pin.file && job !== pin.job,
    );
    if (other === undefined || found.has(pin.name)) continue;
    const place = ({ file, line, version, job }: Pin): string => `${file}:${line} pins ${version} (job ${job})`;
    found.set(
      pin.name,
      decision(
        pin.name,
        'pinned twice',
        `${place(pin)}, ${place(other)}; one environment can't have both: ${wayOut(pin, other)}`,
        {
          severity: 'warning',
          places: [pin, other],
        },
      ),
    );
  }
  return [...found.values()];
}

function wayOut(a: Pin, b: Pin): string {
  const folders = [a, b].map(({ file }) => posix.dirname(file));
  if (folders[0] !== folders[1] && !folders.includes('.'))
    return `give each folder a parity.yaml of its own (${folders.map((folder) => `parity init --cwd ${folder}`).join(', ')})`;
  return `keep the steps and requirements of one of the jobs in parity.yaml`;
}
