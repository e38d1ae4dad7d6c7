// What the rows shall show, in the rows' own names: the only figures here that were not measured.
const usual = 'python3.11 -m venv + pip install + npm ci, empty caches';
// The program itself takes 120 MB at most; rows count mebibytes.
const memory = 120e6 / 2 ** 20;

/**
 * A row's goals. `who` takes `most` times what the fastest of `than` takes; or `mostOver` milliseconds more than all of `over`
 * together; or `atMost` of the row's own unit.
 */
const goals = {
  'set-up': [
    { who: 'parity, nothing cached', most: 2.5, than: [usual] },
    { who: 'parity, image pulled', most: 0.7, than: [usual] },
    { who: 'parity, image loaded', most: 0.7, than: [usual] },
  ],
  pipeline: [
    { who: 'parity up', most: 0.92, than: ['bare host, venv, one after the other'] },
    { who: 'parity up, tests with split: auto', most: 0.65, than: ['bare host, venv, one after the other'] },
  ],
  trivial: [
    { who: 'parity up', most: 0.4, than: ['docker run --rm of all six'] },
    { who: 'parity up', most: 0.4, than: ['six docker exec'] },
    {
      who: 'parity up',
      most: 0.08,
      than: [
        'gitlab-ci-local, one job',
        'woodpecker-cli exec',
        'act --bind --reuse',
        'six devcontainer exec',
        'toast, nothing cached',
        'cirrus run --dirty',
      ],
    },
  ],
  start: ['parity --version', 'parity --help'].map((who) => ({ who, most: 1.6, than: ['node -e 0'] })),
  'unchanged-1k': [
    { who: 'parity up', most: 1.5, than: ['turbo (native)'] },
    { who: 'parity up', most: 2.5, than: ['node -e 0'] },
  ],
  'unchanged-10k': [{ who: 'parity up', most: 0.7, than: ['turbo (native)'] }],
  'unchanged-100k': [
    { who: 'parity up', most: 0.35, than: ['turbo (native)'] },
    { who: 'parity up', most: 2, than: ['git status'] },
  ],
  changed: [{ who: 'parity up', mostOver: 150, over: ['git status', 'the six steps in one docker exec'] }],
  requirement: [{ who: 'parity up: lock, image, first step', most: 0.7, than: ['python3.11 -m venv + pip install'] }],
  copy: [
    { who: "parity's transfer", most: 0.1, than: ['docker cp of the tree'] },
    { who: "parity's transfer", most: 1.2, than: ['rsync to a warm copy'] },
  ],
  memory: [{ who: 'parity up', atMost: memory }],
  big: ['parity build', 'parity image save', 'parity image load'].map((who) => ({ who, atMost: memory })),
};

/** Each goal of a measurement held against its rows: `{ goal, measured, verdict }`, in words; `show` writes a figure with its unit. */
export function judge(name, rows, show) {
  const medianOf = (who) => rows.find((row) => row.name === who)?.median;
  return (goals[name] ?? []).map((goal) => {
    const own = medianOf(goal.who);
    const judged = (text, value, limit, written) => ({
      goal: `${goal.who}: ${text}`,
      measured: written,
      verdict: value <= limit ? 'met' : 'missed',
    });
    if (goal.atMost !== undefined) return judged(`at most ${show(goal.atMost)}`, own, goal.atMost, show(own));
    const others = (goal.than ?? goal.over).filter((who) => medianOf(who) !== undefined);
    if (own === undefined || others.length === 0 || (goal.over !== undefined && others.length < goal.over.length))
      return {
        goal: `${goal.who}: against ${(goal.than ?? goal.over).join(', ')}`,
        measured: '',
        verdict: 'not measured',
      };
    if (goal.over !== undefined) {
      const over = own - others.reduce((sum, who) => sum + medianOf(who), 0);
      return judged(`at most ${show(goal.mostOver)} over ${others.join(' + ')}`, over, goal.mostOver, show(over));
    }
    const fastest = others.toSorted((a, b) => medianOf(a) - medianOf(b))[0];
    const ratio = own / medianOf(fastest);
    const among = goal.than.length > 1 ? `, the fastest of ${others.length}` : '';
    return judged(`at most ${goal.most} of ${fastest}${among}`, ratio, goal.most, ratio.toFixed(2));
  });
}
