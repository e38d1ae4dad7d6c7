import { join } from 'node:path';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Failure } from '../core/failure.ts';
import { readTextIfExists } from '../core/read-text-if-exists.ts';
import { spanAt } from '../core/span.ts';
import { normalisedName } from '../formats/package-name.ts';
import type { Lock } from '../lock/lock.ts';
import { unbuiltName } from './build-failure.ts';

/**
 * A failure to build a package, with the place of the requirement that brings the package: its own, or that of the one that requires it. The failure as it is
 * when it is another one, or no file of the project asks for the package.
 */
export function withAsker(found: Failure, lock: Pick<Lock, 'python'>, projectDir: string): Failure {
  const name = unbuiltName(found);
  if (name === undefined) return found;
  const diagnostic = askerOf(normalisedName(name), lock, projectDir);
  return diagnostic === undefined ? found : { ...found, diagnostics: [...(found.diagnostics ?? []), diagnostic] };
}

function askerOf(unbuilt: string, lock: Pick<Lock, 'python'>, projectDir: string): Diagnostic | undefined {
  const via = new Map(lock.python.packages.map((one) => [normalisedName(one.name), one.via]));
  const seen = new Set<string>();
  // Nearest first: the package's own requirement, then those of what requires it.
  for (let names = [unbuilt]; names.length > 0;) {
    const next: string[] = [];
    for (const name of names) {
      if (seen.has(name)) continue;
      seen.add(name);
      for (const asker of via.get(name) ?? []) {
        const diagnostic = requirementIn(asker, name, projectDir);
        if (diagnostic !== undefined)
          return {
            ...diagnostic,
            message:
              name === unbuilt
                ? `${name} has no wheel that fits`
                : `${name} requires ${unbuilt}, which has no wheel that fits`,
          };
        if (via.has(normalisedName(asker))) next.push(normalisedName(asker));
      }
    }
    names = next;
  }
  return undefined;
}

/** Where a file asks for a package by its name, as pip and TOML write requirements. `asker` is a file, with what of it behind its name. */
function requirementIn(asker: string, name: string, projectDir: string): Omit<Diagnostic, 'message'> | undefined {
  const [file = ''] = asker === 'toolchain.tools' ? ['parity.yaml'] : (/^[^:[\s]+/.exec(asker) ?? []);
  if (!/\.(?:txt|in|toml|cfg|yaml)$/.test(file)) return undefined;
  const text = readTextIfExists(join(projectDir, file));
  if (text === undefined) return undefined;
  for (const match of text.matchAll(
    /(?<=^\s*|^\s*- |["'[]|, )[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?(?=\s*(?:[[=<>!~;@#"',]|$))/gm,
  )) {
    if (normalisedName(match[0]) !== name) continue;
    const span = spanAt(text, match.index, match[0].length);
    return {
      severity: 'error',
      code: 'package-not-built',
      file,
      span,
      sourceLine: text.split('\n')[span.line - 1] ?? '',
    };
  }
  return undefined;
}
