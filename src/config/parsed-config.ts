import type { Span } from '../core/span.ts';
import type { ConfigFile } from './schema.ts';

/** A parity.yaml without mistakes, and where its parts stand. */
export interface ParsedConfig {
  readonly config: ConfigFile;
  readonly serviceSpans: Readonly<Record<string, Span>>;
  /** In the pipeline's order. */
  readonly stepSpans: readonly Span[];
}
