import { expect, it } from 'vitest';
import { linuxBranches } from './runner-branches.ts';

it.each<[string, string, string]>([
  [
    'a case takes its branch',
    'set -e\ncase "$RUNNER_OS" in\n  "Linux")\n    sudo apt install mercurial\n    hg version\n    ;;\n  Windows | macOS)\n    choco install hg ;;\n  *)\n    exit 1\n    ;;\nesac\necho done',
    'set -e\nsudo apt install mercurial\nhg version\necho done',
  ],
  ['the other branch', 'case ${RUNNER_OS} in\n  macOS) brew install x;;\n  *) make x;;\nesac', 'make x'],
  ['no branch', 'case $RUNNER_OS in\n  macOS) brew install x;;\nesac', ':'],
  [
    'an if, with else and without',
    'if [ "$RUNNER_OS" == "Linux" ]; then\n  apt-get update\nelse\n  choco x\nfi\nif [[ $RUNNER_OS = Windows ]]\nthen\n  choco y\nfi\npytest',
    'apt-get update\n:\npytest',
  ],
  ['an expression that is decided', 'if [ "Linux" != "Windows" ]; then\n  make\nfi', 'make'],
  [
    'what asks for more stays',
    'if [ "$RUNNER_OS" = Linux ]; then\n  a\nelif [ "$RUNNER_OS" = macOS ]; then\n  b\nfi',
    'if [ "$RUNNER_OS" = Linux ]; then\n  a\nelif [ "$RUNNER_OS" = macOS ]; then\n  b\nfi',
  ],
  ['other words stay', 'case "$1" in\n  Linux) a;;\nesac', 'case "$1" in\n  Linux) a;;\nesac'],
])('%s', (_, script, left) => {
  expect(linuxBranches(script)).toBe(left);
});
