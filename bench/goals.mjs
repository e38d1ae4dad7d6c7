// What the rows shall show, in the rows' own names: the only figures here that were not measured.
const usual = 'python3.11 -m venv + pip install + npm ci, empty caches';
const bareHost = 'bare host, venv, one after the other';
// The program itself takes 120 MB at most; rows count mebibytes.
const memory = 120e6 / 2 ** 20;

const goals = {
  'set-up': [ratio('parity, nothing cached', 2.5, usual)],
  'set-up-shared': [ratio('parity, image pulled', 0.7, usual), ratio('parity, image loaded', 0.7, usual)],
  'uv-lock': [
    ratio('parity up: lock, image, project, pytest, empty cache', 3, 'uv sync --frozen + pytest, empty cache'),
    ratio('parity up: lock, image, project, pytest, warm cache', 3, 'uv sync --frozen + pytest, warm cache'),
  ],
  pipeline: [ratio('parity up', 0.92, bareHost), ratio('parity up, tests with split: auto', 0.65, bareHost)],
  trivial: [
    ratio('parity up', 0.4, 'docker run --rm of all six'),
    ratio('parity up', 0.4, 'six docker exec'),
    ratio(
      'parity up',
      0.08,
      'gitlab-ci-local, one job',
      'woodpecker-cli exec',
      'act --bind --reuse',
      'six devcontainer exec',
      'toast, nothing cached',
      'cirrus run --dirty',
    ),
  ],
  start: [ratio('parity --version', 1.6, 'node -e 0'), ratio('parity --help', 1.6, 'node -e 0')],
  'unchanged-1k': [ratio('parity up', 1.5, 'turbo (native)'), ratio('parity up', 2.5, 'node -e 0')],
  'unchanged-10k': [ratio('parity up', 0.7, 'turbo (native)')],
  'unchanged-100k': [ratio('parity up', 0.35, 'turbo (native)'), ratio('parity up', 2, 'git status')],
  changed: [over('parity up', 150, 'git status', 'the six steps in one docker exec')],
  requirement: [ratio('parity up: lock, image, first step', 0.7, 'python3.11 -m venv + pip install')],
  import: [
    ceiling('parity init --from, 8,000 lines of script', 1000),
    ceiling('parity init --from, 3,000 lines of workflow', 1000),
  ],
  copy: [
    ratio("parity's transfer", 0.1, 'docker cp of the tree'),
    ratio("parity's transfer", 1.2, 'rsync to a warm copy'),
  ],
  memory: [
    ceiling('parity up', memory),
    ceiling('parity up, 100,000 files, one changed', memory),
    ceiling('parity up, 100,000 files, nothing changed', memory),
  ],
  big: [ceiling('parity build', memory), ceiling('parity image save', memory), ceiling('parity image load', memory)],
};

/** Each goal of a measurement held against its rows: `{ goal, measured, verdict }`, in words; `show` writes a figure with its unit. */
export function judge(name, rows, show) {
  const medians = new Map(rows.map((row) => [row.name, row.median]));
  return (goals[name] ?? []).map(({ who, others, hold }) => {
    const there = others.filter((other) => medians.has(other));
    const held = medians.has(who) ? hold(medians.get(who), there, medians, show) : undefined;
    if (held === undefined)
      return {
        goal: others.length === 0 ? who : `${who} beside ${others.join(', ')}`,
        measured: '',
        verdict: 'not measured',
      };
    const { text, value, limit, write } = held;
    return { goal: `${who}: at most ${text}`, measured: write(value), verdict: value <= limit ? 'met' : 'missed' };
  });
}

/** So many times what the fastest of the others takes, of those that were measured. */
function ratio(who, limit, ...others) {
  const hold = (own, there, medians) => {
    const [fastest] = there.toSorted((a, b) => medians.get(a) - medians.get(b));
    if (fastest === undefined) return undefined;
    const among = others.length > 1 ? `, the fastest of ${there.length}` : '';
    const write = (value) => value.toFixed(value < 0.1 ? 3 : 2);
    return { text: `${limit} of ${fastest}${among}`, value: own / medians.get(fastest), limit, write };
  };
  return { who, others, hold };
}

/** So much more than all of the others together. */
function over(who, limit, ...others) {
  const hold = (own, there, medians, show) => {
    if (there.length < others.length) return undefined;
    const value = there.reduce((left, other) => left - medians.get(other), own);
    return { text: `${show(limit)} over ${there.join(' + ')}`, value, limit, write: show };
  };
  return { who, others, hold };
}

/** So much of the row's own unit. */
function ceiling(who, limit) {
  return { who, others: [], hold: (value, there, medians, show) => ({ text: show(limit), value, limit, write: show }) };
}
