import type { ContainerInfo, ContainerSpec } from '../engine.ts';
import type { FakeFiles } from './fake-files.ts';
import type { RunningFake } from './fake-process.ts';

/** A container of the fake. */
export interface FakeContainer {
  readonly id: string;
  readonly name: string;
  readonly imageId: string;
  readonly spec: ContainerSpec;
  readonly files: FakeFiles;
  readonly main: RunningFake;
  readonly execs: Set<RunningFake>;
  state: ContainerInfo['state'];
  exitCode: number;
  oomKilled: boolean;
}
