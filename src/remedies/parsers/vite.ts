import { printedPlace, type PrintedPlace, type RawDiagnostic, type ToolOutput } from '../raw-diagnostic.ts';

// Could not resolve "./Missing" from "src/App.tsx" (rollup: before it `[!] RollupError: `) ·
// [vite]: Rollup failed to resolve import "react-dom" from "/workspace/ui/src/main.tsx".
const unresolved =
  /^(?:\[!\] |\[[\w:@/-]+\]:? |RollupError: )*((?:Could not resolve|Rollup failed to resolve import) (["']).+?\2 from (["'])(.+?)\3.*)$/;
// /workspace/ui/src/broken.ts:1:22: ERROR: Unexpected ";"   (esbuild, which vite transforms with)
const esbuild = /^(\S.*?):(\d+):(\d+): ERROR: (\S.*)$/;
// ✘ [ERROR] Could not resolve "left-pad"   (esbuild's own command: the place is two lines below)
const esbuildError = /^(?:✘|X) \[ERROR\] (\S.*)$/;
const esbuildPlace = /^ {4}(\S.*?):(\d+):(\d+):$/;
// [vite:css] … · src/x.ts (3:4): Expected …   with the place in a line of its own
const named = /^(?:\[!\] |\[[\w:@/-]+\] |RollupError: |SyntaxError: )+(\S.*)$/;
// failed to load config from /workspace/ui/vite.config.ts, error during build:, then Error [ERR_MODULE_NOT_FOUND]: Cannot find package …
const buildError = /^error during build:$/;
const config = /^failed to load config from (\S.*)$/;
const nodeError = /^(?:\[[\w:@/-]+\] )?(?:(?:[A-Z]\w*)?Error(?: \[(\w+)\])?: )?(\S.*)$/;
const fileLine = /^file: (\/.+?)(?::(\d+):(\d+))?(?: \(.+\))?$/;

/** vite, rollup and esbuild: imports that lead nowhere, and sources that can't be read. */
export function parseVite({ lines, words }: ToolOutput): readonly RawDiagnostic[] {
  const isVite = words.has('vite') || lines.some((line) => /^(?:vite v\d|error during build:$)/.test(line));
  const tool = isVite ? 'vite' : 'rollup';
  const found: RawDiagnostic[] = [];
  lines.forEach((text, at) => {
    const add = (message: string, place: PrintedPlace, by = tool): void => {
      if (found.some((one) => one.places[0]?.path === place.path && one.message === message)) return;
      found.push({ tool: by, code: null, severity: 'error', message, places: [place], at });
    };
    const lost = unresolved.exec(text);
    const [, , , , from] = lost ?? [];
    const broken = esbuild.exec(text);
    const [, path, line, column, wrong] = broken ?? [];
    const place = filePlace(lines, at);
    if (lost?.[1] !== undefined && from !== undefined) add(lost[1], place ?? printedPlace(from));
    else if (path !== undefined && wrong !== undefined)
      add(wrong, printedPlace(path, line, zeroBased(column)), isVite ? tool : 'esbuild');
    else if (esbuildError.test(text)) {
      const [, at2, line2, column2] = esbuildPlace.exec(lines[at + 2] ?? '') ?? [];
      if (at2 !== undefined)
        add(esbuildError.exec(text)?.[1] ?? '', printedPlace(at2, line2, zeroBased(column2)), 'esbuild');
    } else if (place !== undefined && named.test(text) && !esbuild.test(lines[at + 1] ?? ''))
      add(named.exec(text)?.[1] ?? '', place);
  });
  return [...found, ...otherBuildErrors(lines, found)];
}

/** A build that ended for another reason, a config that can't be loaded for instance. */
function otherBuildErrors(lines: readonly string[], found: readonly RawDiagnostic[]): readonly RawDiagnostic[] {
  const at = lines.findIndex((line) => buildError.test(line));
  if (at < 0 || found.some((one) => one.at > at)) return [];
  const [, code, message] = nodeError.exec(lines[at + 1] ?? '') ?? [];
  if (message === undefined) return [];
  const above = lines.slice(Math.max(0, at - 5), at).flatMap((line) => config.exec(line)?.[1] ?? []);
  const places = above.map((path) => printedPlace(path));
  return [{ tool: 'vite', code: code ?? null, severity: 'error', message, places, at: at + 1 }];
}

/** The `file:` line right below an error's text. */
function filePlace(lines: readonly string[], at: number): PrintedPlace | undefined {
  for (const text of lines.slice(at + 1, at + 4)) {
    const [, path, line, column] = fileLine.exec(text) ?? [];
    if (path !== undefined) return printedPlace(path, line, zeroBased(column));
  }
  return undefined;
}

/** esbuild's and rollup's columns count from 0. */
function zeroBased(column: string | undefined): string | undefined {
  return column === undefined ? undefined : String(Number(column) + 1);
}
