import type { Remedy } from '../remedy.ts';

const options = 'https://www.typescriptlang.org/tsconfig/';
const handbook = 'https://www.typescriptlang.org/docs/handbook';

/** What TypeScript's compiler says. */
export const tsc: readonly Remedy[] = [
  {
    id: 'tsc/module-not-found',
    title: 'An import leads to no module',
    meaning:
      'There is no such file or package in the checkout. A file that exists on your disk may not be committed, or may differ in letter case: macOS does not mind, CI does. A package must be in package.json and the lock file.',
    remedy:
      'A file: commit it, mind its letter case (git add <path>). A package: npm install <name>, and commit package-lock.json',
    before: "import { Table } from './components/table';",
    after: "import { Table } from './components/Table';",
    links: [`${handbook}/modules/theory.html#module-resolution`, `${options}#traceResolution`],
    matchers: [
      {
        tool: 'tsc',
        codes: ['TS2307', 'TS2792'],
        pattern: /Cannot find module '(?<path>\.{1,2}\/[^']+)'/,
        remedy: 'Is `{path}` committed, in this letter case? git status, then git add it',
      },
      {
        tool: 'tsc',
        codes: ['TS2307', 'TS2792'],
        pattern: /Cannot find module '(?<name>[^'./][^']*)'/,
        remedy: 'Add it: npm install {name}, and commit package.json and package-lock.json',
      },
    ],
    kind: 'cause',
  },
  {
    id: 'tsc/no-declarations',
    title: 'A package has no type declarations',
    meaning: 'It is installed, but ships no .d.ts; the DefinitelyTyped project may have them as @types/….',
    remedy: 'Install its @types package, or declare the module in a .d.ts file',
    before: "import pad from 'left-pad';",
    after: '// npm install --save-dev @types/left-pad',
    links: [`${handbook}/2/type-declarations.html`],
    matchers: [
      {
        tool: 'tsc',
        codes: ['TS7016'],
        pattern: /Could not find a declaration file for module '(?<name>[^'@./][^'/]*)'/,
        remedy: 'Try npm install --save-dev @types/{name}; without one, declare the module in a .d.ts file',
      },
      { tool: 'tsc', codes: ['TS7016', 'TS2688'] },
    ],
  },
  {
    id: 'tsc/not-exported',
    title: 'A module does not export a name that is imported from it',
    meaning: 'It is misspelt, renamed, or the default export: that is imported without braces.',
    remedy: 'Correct the name, export it there, or import the default without braces',
    before: "import { App } from './App';",
    after: "import App from './App';",
    links: [`${handbook}/2/modules.html`],
    matchers: [{ tool: 'tsc', codes: ['TS2305', 'TS2614', 'TS2724', 'TS2459', 'TS1192'] }],
    kind: 'cause',
  },
  {
    id: 'tsc/cannot-find-name',
    title: 'A name is used that is defined nowhere',
    meaning:
      "It is not imported, misspelt, or of an environment whose types are not there: process and Buffer need @types/node, describe and test their runner's types.",
    remedy: 'Import or define the name; for process, Buffer, require: npm install --save-dev @types/node',
    links: [`${options}#types`],
    matchers: [
      {
        tool: 'tsc',
        codes: ['TS2304', 'TS2552', 'TS2503'],
        pattern: /Cannot find (?:name|namespace) '(?<name>[^']+)'/,
        remedy: 'Import or define `{name}`',
      },
      { tool: 'tsc', codes: ['TS2580', 'TS2591', 'TS2582', 'TS2593', 'TS2584'] },
    ],
  },
  {
    id: 'tsc/type-mismatch',
    title: 'A value has another type than what it is given to',
    meaning: 'The message names both types; in a long one the last indented line says which part does not fit.',
    remedy: 'Convert the value, or correct the declared type; read the last indented line of the message',
    before: "const total: number = '3';",
    after: "const total: number = Number('3');",
    links: [`${handbook}/2/everyday-types.html`],
    matchers: [
      {
        tool: 'tsc',
        codes: ['TS2322', 'TS2345'],
        pattern:
          /Type 'undefined' is not assignable|is not assignable to (?:type|parameter of type) '[^']+'\.[^]*'undefined'/,
        remedy: 'The value may be undefined: handle that first (??, an if), or widen the declared type',
      },
      {
        tool: 'tsc',
        codes: ['TS2322', 'TS2345'],
        pattern: /ype '(?<got>[^']+)' is not assignable to (?:type|parameter of type) '(?<wanted>[^']+)'/,
        remedy: 'Give a `{wanted}` instead of the `{got}`, or correct the declared type',
      },
      { tool: 'tsc', codes: ['TS2322', 'TS2345', 'TS2769', 'TS2741', 'TS2739'] },
    ],
  },
  {
    id: 'tsc/possibly-undefined',
    title: 'A value that may be null or undefined is used as if it never were',
    meaning:
      'With strictNullChecks (part of strict) the absent value is a type of its own: an element of an array, a find(), a ref, an optional property.',
    remedy: 'Handle the absent value: ?., ??, an if, or an early return',
    before: 'rows.find((row) => row.id === id).total',
    after: 'rows.find((row) => row.id === id)?.total ?? 0',
    links: [`${options}#strictNullChecks`],
    matchers: [
      {
        tool: 'tsc',
        codes: ['TS18047', 'TS18048', 'TS18049'],
        pattern: /^'(?<name>[^']+)' is possibly '(?<what>[^']+)'/,
        remedy: '`{name}` may be {what}: handle that with ?., ?? or an if',
      },
      { tool: 'tsc', codes: ['TS2531', 'TS2532', 'TS2533', 'TS18047', 'TS18048', 'TS18049'] },
    ],
  },
  {
    id: 'tsc/no-such-property',
    title: 'A property is used that the type does not have',
    meaning:
      'It is misspelt, has another name, or the type is too narrow: of a union only what all members have can be used.',
    remedy: 'Correct the name, add it to the type, or narrow the union first',
    links: [`${handbook}/2/narrowing.html`],
    matchers: [
      {
        tool: 'tsc',
        codes: ['TS2551'],
        pattern: /Did you mean '(?<name>[^']+)'\?/,
        remedy: 'tsc thinks of `{name}`: correct the name',
      },
      { tool: 'tsc', codes: ['TS2339', 'TS2551', 'TS2353', 'TS2561'] },
    ],
  },
  {
    id: 'tsc/implicit-any',
    title: 'A parameter or variable has no type, so it would be any',
    meaning: 'noImplicitAny (part of strict) wants a type where none can be inferred.',
    remedy: 'Annotate it',
    before: 'const total = (prices) => prices.length;',
    after: 'const total = (prices: number[]) => prices.length;',
    links: [`${options}#noImplicitAny`],
    matchers: [
      {
        tool: 'tsc',
        codes: ['TS7006', 'TS7005', 'TS7034', 'TS7031'],
        pattern: /^(?:Parameter|Variable|Binding element) '(?<name>[^']+)' implicitly has an '(?:any|any\[\])' type/,
        remedy: 'Annotate `{name}`',
      },
      { tool: 'tsc', codes: ['TS7006', 'TS7005', 'TS7034', 'TS7031', 'TS7053'] },
    ],
  },
  {
    id: 'tsc/unused',
    title: 'Something is declared and never used',
    meaning: 'noUnusedLocals and noUnusedParameters make an error of it.',
    remedy: 'Delete it; a parameter that must stay gets a name that begins with _',
    before: "import { useState } from 'react';\n\nexport const total = 3;",
    after: 'export const total = 3;',
    links: [`${options}#noUnusedLocals`],
    matchers: [
      {
        tool: 'tsc',
        codes: ['TS6133', 'TS6196'],
        pattern: /^'(?<name>[^']+)' is declared but/,
        remedy: 'Delete `{name}`; a parameter that must stay gets a name that begins with _',
      },
      { tool: 'tsc', codes: ['TS6133', 'TS6192', 'TS6196', 'TS6198'] },
    ],
    kind: 'style',
  },
];
