import type { Span } from '../../core/span.ts';
import type { Declared, ProjectMetadata } from './pyproject.ts';
import { normaliseName } from './requirement.ts';

interface Line {
  readonly text: string;
  readonly span: Span;
  /** True on the key's own line. */
  readonly inline: boolean;
}

/**
 * Reads what a setup.cfg declares: `[metadata] name`, `[options] install_requires` and `python_requires`,
 * `[options.extras_require]`, each as a list or as `file: requirements.txt`. Pure; unknown sections are none of its business.
 */
export function parseSetupCfg(text: string): ProjectMetadata {
  const sections = readSections(text);
  const options = sections.get('options');
  const name = sections.get('metadata')?.get('name')?.[0]?.text;
  const python = options?.get('python_requires')?.[0];
  const extras = [...(sections.get('options.extras_require') ?? [])];
  return {
    ...(name === undefined ? {} : { name: normaliseName(name) }),
    ...(python === undefined ? {} : { requiresPython: python }),
    hasProject: options !== undefined || name !== undefined,
    dependencies: declared(options?.get('install_requires') ?? []),
    extras: new Map(extras.map(([extra, lines]) => [normaliseName(extra), declared(lines)])),
    groups: new Map(),
  };
}

function declared(lines: readonly Line[]): Declared[] {
  return lines.flatMap(({ text, span, inline }): Declared[] => {
    const file = /^file:\s*(.*)$/.exec(text)?.[1];
    // Setuptools takes `a; b` on the key's own line for two requirements, and on lines of its own for one with a marker.
    const texts = inline ? text.split(';').map((one) => one.trim()) : [text];
    if (file === undefined)
      return texts.filter((one) => one !== '').map((one) => ({ kind: 'requirement', text: one, span }));
    return file.split(',').map((path) => ({ kind: 'file', path: path.trim(), span }));
  });
}

/** configparser's subset that setup.cfg files use: sections, `key = value`, indented further lines, comment lines. */
function readSections(text: string): Map<string, Map<string, Line[]>> {
  const sections = new Map<string, Map<string, Line[]>>();
  let section = new Map<string, Line[]>();
  let lines: Line[] = [];
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    if (/^\s*[#;]/.test(raw) || raw.trim() === '') continue;
    const header = /^\[([^\]]+)\]/.exec(raw)?.[1];
    if (header !== undefined) {
      section = sections.get(header.trim()) ?? new Map<string, Line[]>();
      sections.set(header.trim(), section);
      lines = [];
      continue;
    }
    const pair = /^([^\s=:][^=:]*?)\s*[=:]\s*(.*)$/.exec(raw);
    const value = /^\s/.test(raw) ? raw : (pair?.[2] ?? '');
    if (!/^\s/.test(raw) && pair !== null) {
      lines = [];
      section.set((pair[1] ?? '').trim(), lines);
    }
    const shown = value.trim();
    if (shown === '') continue;
    const column = raw.indexOf(shown) + 1;
    lines.push({
      text: shown,
      inline: !/^\s/.test(raw),
      span: { line: index + 1, column, endLine: index + 1, endColumn: column + shown.length },
    });
  }
  return sections;
}
