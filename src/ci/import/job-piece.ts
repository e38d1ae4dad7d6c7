import type { DecidedStep } from '../decided-pipeline.ts';
import type { Piece } from './split-script.ts';

/** One script of a job, on its way to become a step. */
export interface JobPiece {
  readonly job: string;
  readonly step: DecidedStep;
  readonly piece: Piece;
  /** It is the only one of its step. */
  readonly isWhole: boolean;
}
