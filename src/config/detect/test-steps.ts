import type { StepConfig } from '../config.ts';
import type { ToolUse } from './commands.ts';
import { decision, placeText, type Decision } from './decision.ts';
import { iniSettings } from './ini-settings.ts';
import { testFiles, type PythonRoot } from './python-roots.ts';
import { inFolder, type Repo } from './repo.ts';
import type { Declared } from './sources.ts';
import { detectedStep } from './detected-step.ts';
import { tableAt } from '../../formats/table.ts';

/** The tests step of a root. */
export interface DetectedTests {
  readonly steps: readonly StepConfig[];
  /** Packages that the step calls: pytest and the plug-ins that the tests show they need. */
  readonly packages: readonly string[];
  readonly decisions: readonly Decision[];
}

/** Finds how a root's tests are run: pytest where anything speaks for it or nothing against it, Django's own runner otherwise. */
export function testSteps(
  repo: Repo,
  root: PythonRoot,
  facts: { readonly uses: readonly ToolUse[]; readonly declared: readonly Declared[] },
  stepName: (name: string) => string,
): DetectedTests {
  const files = testFiles(root);
  if (files.length === 0) {
    return {
      steps: [],
      packages: [],
      decisions: [decision('tests', 'no step', 'there is no test_*.py, *_test.py or tests.py')],
    };
  }
  const texts = files.map((path) => repo.text(inFolder(root.dir, path)) ?? '');
  const config = pytestConfig(repo, root);
  const use = facts.uses.find(({ tool, cwd }) => tool === 'pytest' && (cwd === root.dir || cwd === undefined));
  const required = facts.declared.find(({ name, development }) => development && /^pytest(?:-|$)/.test(name));
  const imports = texts.some((text) => /^\s*(?:import pytest|from pytest)\b/m.test(text));
  const conftest = root.files.some((path) => path.endsWith('conftest.py'));
  const env = { PYTHONPATH: root.importRoots.join(':') };
  const django = root.files.includes('manage.py');
  const speaksPytest = config !== undefined || use !== undefined || required !== undefined || imports || conftest;

  if (django && !speaksPytest) {
    const step = detectedStep({ name: stepName('tests'), cwd: root.dir, run: 'python manage.py test', env });
    return {
      steps: [step],
      packages: [],
      decisions: [decision(step.name, step.run, 'manage.py, and nothing speaks of pytest')],
    };
  }
  const packages = ['pytest'];
  const addopts = config?.addopts ?? '';
  const reference = root.referenceFolder !== undefined;
  const has = (name: string): boolean => facts.declared.some((line) => line.name === name);
  if (reference || /--cov\b/.test(addopts) || has('pytest-cov')) packages.push('pytest-cov');
  const asynchronous =
    texts.some((text) => /pytest\.mark\.asyncio|pytest_asyncio/.test(text)) || config?.asyncio === true;
  if (reference || asynchronous || has('pytest-asyncio')) packages.push('pytest-asyncio');
  if (/(?:^|\s)-n\b|--numprocesses/.test(addopts)) packages.push('pytest-xdist');
  if (/--timeout\b/.test(addopts) || config?.timeout === true) packages.push('pytest-timeout');
  if (texts.some((text) => /pytest\.mark\.django_db/.test(text)) || /DJANGO_SETTINGS_MODULE/.test(config?.text ?? '')) {
    packages.push('pytest-django');
  }
  const why =
    config !== undefined
      ? `pytest is configured in ${config.file}`
      : use !== undefined
        ? `${placeText(use)} runs pytest`
        : required !== undefined
          ? `${placeText(required)} asks for ${required.name}`
          : imports || conftest
            ? 'the tests use pytest'
            : 'pytest runs unittest tests too';
  const roots = root.importRoots.includes('.') ? '' : `; PYTHONPATH from the src layout`;
  const step = detectedStep({ name: stepName('tests'), cwd: root.dir, run: 'pytest -q', env });
  const count = `${files.length} test file${files.length === 1 ? '' : 's'}`;
  return { steps: [step], packages, decisions: [decision(step.name, step.run, `${count}; ${why}${roots}`)] };
}

interface PytestConfig {
  readonly file: string;
  readonly addopts: string;
  readonly asyncio: boolean;
  readonly timeout: boolean;
  readonly text: string;
}

function pytestConfig(repo: Repo, root: PythonRoot): PytestConfig | undefined {
  for (const [name, section] of [
    ['pytest.ini', 'pytest'],
    ['.pytest.ini', 'pytest'],
    ['tox.ini', 'pytest'],
    ['setup.cfg', 'tool:pytest'],
  ] as const) {
    const file = inFolder(root.dir, name);
    const values = iniSettings(repo.text(file)).get(section);
    if (values === undefined) continue;
    const text = [...values].map(([key, { value }]) => `${key}=${value}`).join('\n');
    return {
      file,
      addopts: values.get('addopts')?.value ?? '',
      asyncio: values.has('asyncio_mode'),
      timeout: values.has('timeout'),
      text,
    };
  }
  const table = tableAt(root.pyproject, 'tool', 'pytest', 'ini_options') ?? tableAt(root.pyproject, 'tool', 'pytest');
  if (table === undefined) return undefined;
  const addopts = table['addopts'];
  return {
    file: inFolder(root.dir, 'pyproject.toml'),
    addopts: Array.isArray(addopts) ? addopts.join(' ') : String(addopts ?? ''),
    asyncio: table['asyncio_mode'] !== undefined,
    timeout: table['timeout'] !== undefined,
    text: Object.keys(table).join('\n'),
  };
}
