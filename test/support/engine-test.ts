import { test as plain, type TestAPI } from 'vitest';
import { createDockerEngine } from '../../src/engine/docker/docker-engine.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { ownAddress } from './engines.ts';
import { commitAll, projectDir, sweep } from './environment.ts';
import { lockedProject } from './locked-project.ts';
import { addFiles, type Tree } from './repo.ts';

/** What the tests of a file need of an engine; what they leave in it goes when the last of them is over. */
export interface EngineTest {
  readonly address: string;
  readonly engine: Engine;
  readonly test: TestAPI;
  /** A folder for a project, not made yet. It is removed with all that the engine has of the project and of the folders around it. */
  folder(name?: string): string;
  /** A project in a folder of its own whose lock and image are there: `parity up` has only to run it. */
  makeProject(pipeline: string, options?: ProjectOptions): Promise<string>;
  /** More folders of projects, in a folder that `folder` gave, whose containers and volumes go, too. */
  readonly dirs: string[];
  /** Images' names that go, too. */
  readonly references: Set<string>;
}

/** How a project is made. */
export interface ProjectOptions {
  readonly name?: string | undefined;
  readonly files?: Tree;
  /** Makes it a git repository with one commit of all its files. */
  readonly commit?: boolean;
}

/** The set-up of a file whose tests use an engine, the machine's own unless an address is given. Called once, at the top of the file. */
export function engineTest(address = ownAddress()): EngineTest {
  const engine = createDockerEngine({ address, source: 'test' });
  const dirs: string[] = [];
  const references = new Set<string>();
  const folder = (name?: string): string => {
    const dir = projectDir(name);
    dirs.push(dir);
    return dir;
  };
  return {
    address,
    engine,
    dirs,
    references,
    folder,
    async makeProject(pipeline, { name, files = {}, commit = false } = {}) {
      const dir = folder(name);
      addFiles(dir, files);
      references.add(await lockedProject(engine, dir, pipeline));
      if (commit) commitAll(dir);
      return dir;
    },
    test: plain.extend<{ $file: { swept: undefined } }>({
      swept: [
        // oxlint-disable-next-line no-empty-pattern -- vitest reads what a fixture needs from its first parameter
        async ({}, use) => {
          await use(undefined);
          await sweep(engine, dirs);
          for (const reference of references) await engine.removeImage(reference);
          await engine.close();
        },
        { scope: 'file', auto: true },
      ],
    }),
  };
}
