import { expect, it } from 'vitest';
import { placesOf } from '../formats/places.ts';
import { createCollector } from './collector.ts';
import { mapText } from '../formats/mapped-text.ts';
import { readScript } from './script.ts';

/** Subject, value, characters and how of what a script installs. */
function installs(text: string): readonly string[] {
  const collector = createCollector();
  readScript(mapText(text, 0), { source: { text, places: placesOf(text) }, path: 'x', where: 'x' }, collector);
  return collector
    .collect()
    .declarations.map(
      ({ subject, value, unresolved, raw, how }) => `${subject} ${value ?? unresolved} «${raw}» ${how}`,
    );
}

it.each([
  ['curl -fsSL deb.nodesource.example/setup_20.x | sudo -E bash -', ['node 20 «20» curl']],
  ['nvm install v20.11 && nvm use 20', ['node 20.11 «v20.11» nvm install', 'node 20 «20» nvm use']],
  [
    'pyenv install -s 3.11.7 && pyenv global 3.11.7',
    ['python 3.11.7 «3.11.7» pyenv install', 'python 3.11.7 «3.11.7» pyenv global'],
  ],
  ['uv python install 3.11 3.12', ['python 3.11 «3.11» uv python install', 'python 3.12 «3.12» uv python install']],
  ['uv venv --python 3.11', ['python 3.11 «3.11» uv --python']],
  [
    'uv run --python=3.12 --with black==25.9.0 black --check .',
    ['pypi:black ==25.9.0 «==25.9.0» uv run --with', 'python 3.12 «3.12» uv --python'],
  ],
  ['uv run black --check .', []],
  ['uvx -p 3.11 black@25.9.0 .', ['pypi:black ==25.9.0 «25.9.0» uvx', 'python 3.11 «3.11» uvx --python']],
  ['virtualenv -p python3.11 .venv', ['python 3.11 «3.11» virtualenv --python']],
  [
    'conda create -n x -c conda-forge python=3.11 black=25.9.0 mypy==1.18.2 flake8',
    [
      'pypi:black 25.9.0 «25.9.0» conda create',
      'pypi:mypy ==1.18.2 «==1.18.2» conda create',
      'pypi:flake8  «flake8» conda create',
      'python 3.11 «3.11» conda create',
    ],
  ],
  [
    'apt-get update && apt-get install -y python3.11 nodejs=20.* git',
    ['python 3.11 «3.11» apt-get install', 'node 20 «20» apt-get install'],
  ],
  ['volta install node@20.1', ['node 20.1 «20.1» volta install']],
  ['pipx run --spec black==25.9.0 black .', ['pypi:black ==25.9.0 «==25.9.0» pipx run']],
  ['npx -p prettier@3.3.3 prettier --check .', ['npm:prettier 3.3.3 «3.3.3» npx']],
  ['pip install "black[d]==25.9.0" -c constraints.txt', ['pypi:black ==25.9.0 «==25.9.0» pip install']],
  ['pyenv install $VERSION; nvm install; echo python 3.11', []],
])('%s', (script, expected) => {
  expect(installs(script)).toEqual(expected);
});
