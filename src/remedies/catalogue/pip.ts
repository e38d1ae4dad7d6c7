import type { Remedy } from '../remedy.ts';

/** What pip and uv say when a step installs something. */
export const pip: readonly Remedy[] = [
  {
    id: 'pip/network',
    title: 'A step installs Python packages and has no network',
    meaning:
      'What steps need is in the image, at the locked versions. A pip install in a step asks the index each time, and gets whatever is newest that day.',
    remedy:
      'Put the package into toolchain.tools or the requirements, run parity lock, and take pip install out of the step',
    before: '- { name: lint, run: pip install flake8 && flake8 core }',
    after: 'toolchain:\n  tools: [flake8==7.3.0]\npipeline:\n  - { name: lint, run: flake8 core }',
    links: ['https://pip.pypa.io/en/stable/topics/repeatable-installs/'],
    matchers: [
      { pattern: /WARNING: Retrying \(Retry\(.*after connection broken by/ },
      { pattern: /error: Failed to fetch: `https?:\/\/\S*\/simple\// },
    ],
    kind: 'cause',
    covers: ['pip/no-matching-distribution', 'infrastructure/name-resolution', 'infrastructure/connection-refused'],
  },
  {
    id: 'pip/no-matching-distribution',
    title: 'The index has no version of a package that would do',
    meaning:
      'The name is misspelt, the version does not exist, none is for this Python, or the index is another than you think (index URL, proxy).',
    remedy: 'Check name and version; parity lock says which Python and index were asked',
    links: ['https://pip.pypa.io/en/stable/cli/pip_install/'],
    matchers: [
      {
        pattern: /No matching distribution found for (?<name>[^\s(]+)/,
        remedy: 'Check the name and version of `{name}`, and that there is one for this Python',
      },
    ],
    kind: 'cause',
  },
  {
    id: 'pip/hash-mismatch',
    title: 'A package is not the one whose hash was written down',
    meaning:
      'The file that came has another SHA-256 than the requirements: it was replaced on the index, changed by a proxy, or the line was edited by hand. Never drop the hash to get past it.',
    remedy: 'Find out who changed the file; if the version was meant to change, make the hashes anew',
    links: ['https://pip.pypa.io/en/stable/topics/secure-installs/'],
    matchers: [
      { pattern: /THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE/ },
      { pattern: /Hash mismatch for `/ },
    ],
    kind: 'cause',
  },
  {
    id: 'pip/conflict',
    title: 'Requirements contradict each other',
    meaning: 'Two of them allow no common version of a third.',
    remedy: 'Loosen one of the pins that the message names; parity lock tells the same before any step runs',
    links: ['https://pip.pypa.io/en/stable/topics/dependency-resolution/'],
    matchers: [
      { pattern: /ERROR: ResolutionImpossible:/ },
      { pattern: /Cannot install .* because these package versions have conflicting dependencies/ },
    ],
    kind: 'cause',
    covers: ['pip/no-matching-distribution'],
  },
];
