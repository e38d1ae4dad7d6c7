import type { Severity } from './diagnostic.ts';

/** What a tool said in its output about the repository's code, in one form for all tools. */
export interface ToolDiagnostic {
  /** The tool by its package's name: `mypy`, `flake8`, `black`, `pytest`, `tsc`. */
  readonly tool: string;
  /** The tool's own code for it: `assignment`, `E501`, `TS2307`; for pytest the exception's class; null when it has none. */
  readonly code: string | null;
  readonly severity: Severity;
  /** The tool's own words, one line or several. */
  readonly message: string;
  /** Relative to the repository's top, `/` between; null when it is about no file of the repository. */
  readonly file: string | null;
  /** 1-based; null when the tool names no line. */
  readonly line: number | null;
  /** 1-based, as the tool counts; null when it names none. */
  readonly column: number | null;
  /** pytest: the test's node ID, `core/tests/test_api.py::test_total`. */
  readonly test?: string;
  /** pytest: what failed when it was not the test's own call. */
  readonly phase?: TestPhase;
}

/** Where in a test's life something failed, its own call aside. */
export type TestPhase = 'collect' | 'setup' | 'teardown';
