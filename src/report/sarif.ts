import { parityVersion } from '../core/version.ts';

/** A SARIF 2.1.0 log of these runs (https://docs.oasis-open.org/sarif/sarif/v2.1.0/os), with a final newline. */
export function sarifLog(runs: readonly SarifRun[]): string {
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: runs.map(({ driver, category, results }) => ({
      tool: { driver },
      ...(category === undefined ? {} : { automationDetails: { id: `${category}/` } }),
      columnKind: 'utf16CodeUnits',
      originalUriBaseIds: { SRCROOT: { description: { text: 'The top of the repository.' } } },
      results,
    })),
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

/** What one tool found. */
export interface SarifRun {
  readonly driver: Readonly<Record<string, unknown>>;
  /** Tells this run from others of the same commit; code scanning replaces what it had of it before. */
  readonly category?: string;
  readonly results: readonly Readonly<Record<string, unknown>>[];
}

/** Parity itself as the tool of a run. */
export function parityDriver(name: string): Readonly<Record<string, unknown>> {
  return { name, version: parityVersion, semanticVersion: parityVersion };
}

/** A region of a file; numbers are 1-based. */
export interface SarifRegion {
  readonly startLine: number;
  readonly startColumn?: number;
  readonly endLine?: number;
  readonly endColumn?: number;
}

/** A place, its file relative to the repository's top (`SRCROOT`). */
export function sarifLocation(path: string, region: SarifRegion): Readonly<Record<string, unknown>> {
  return {
    physicalLocation: {
      artifactLocation: { uri: path.split('/').map(encodeURIComponent).join('/'), uriBaseId: 'SRCROOT' },
      region,
    },
  };
}
