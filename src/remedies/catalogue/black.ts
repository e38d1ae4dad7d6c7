import type { Remedy } from '../remedy.ts';

/** What black says. */
export const black: readonly Remedy[] = [
  {
    id: 'black/unformatted',
    title: 'Files are not formatted as black formats them',
    meaning:
      'With --check black changes nothing and fails when it would. Two versions of black may format the same file differently, so only the locked version decides.',
    remedy: 'Let black write them: run it without --check',
    before: "total = sum( prices , start = 0 )\nname = 'shop'",
    after: 'total = sum(prices, start=0)\nname = "shop"',
    links: ['https://black.readthedocs.io/en/stable/usage_and_configuration/the_basics.html'],
    matchers: [
      {
        tool: 'black',
        pattern: /^would be reformatted$/,
        remedy: 'Let black write it: parity run -- black {files}',
      },
    ],
    kind: 'style',
    obvious: true,
  },
  {
    id: 'black/cannot-parse',
    title: 'black cannot read a file: it is no valid Python',
    meaning:
      'The file has a syntax error, or uses syntax that is newer than the Python versions that black was told to target. Nothing else about the file is certain until it can be parsed.',
    remedy: 'Mend the syntax at that place; if it is valid in your Python, name that version in target-version',
    before: 'def total(prices:\n    return sum(prices)',
    after: 'def total(prices):\n    return sum(prices)',
    links: ['https://black.readthedocs.io/en/stable/faq.html'],
    matchers: [
      {
        tool: 'black',
        pattern: /^Cannot parse(?: for target version [^:]+)?: (?<place>\d+:\d+)/,
        remedy: 'Mend the syntax at {place}; if it is valid in your Python, name that version in target-version',
      },
      { tool: 'black', pattern: /^cannot parse\b/ },
    ],
    kind: 'cause',
  },
  {
    id: 'black/required-version',
    title: "The project's configuration requires another version of black than the lock has",
    meaning:
      'required-version in pyproject.toml makes black refuse to run as any other version, so that nobody formats the code in another way. The lock and that setting have to name the same version.',
    remedy: 'Pin that black in toolchain.tools and lock it (parity lock), or change required-version',
    before: '[tool.black]\nrequired-version = "24.1.0"',
    after: '[tool.black]\nrequired-version = "25.9.0"',
    links: ['https://black.readthedocs.io/en/stable/usage_and_configuration/the_basics.html#required-version'],
    matchers: [
      {
        pattern: /The required version `(?<wanted>[^`]+)` does not match the running version `(?<running>[^`]+)`/,
        remedy: 'Pin black=={wanted} in toolchain.tools and run parity lock, or set required-version = "{running}"',
      },
    ],
    kind: 'cause',
  },
];
