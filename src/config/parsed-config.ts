import type { Span } from '../core/span.ts';
import type { ConfigFile } from './schema.ts';

/** A parity.yaml without mistakes, with the places of its services and steps. */
export interface ParsedConfig {
  readonly config: ConfigFile;
  readonly serviceSpans: Readonly<Record<string, Span>>;
  /** In the pipeline's order. */
  readonly stepSpans: readonly Span[];
}
