import { expect, it } from 'vitest';
import { reportKind, runReportKinds } from './report-kinds.ts';

it('offers the kinds in the order of the help text, and only the page needs more than the events', () => {
  expect(runReportKinds.map((kind) => [kind, reportKind(kind).needs])).toEqual([
    ['junit', {}],
    ['sarif', {}],
    ['html', { log: true, page: true }],
    ['receipt', {}],
  ]);
  expect(() => reportKind('toString')).toThrow('parity: no report toString');
});
