/**
 * The last day of security fixes. Python: https://devguide.python.org/versions (the end of a month where no day is given);
 * Node: https://github.com/nodejs/Release/blob/main/schedule.json.
 */
const days: Readonly<Record<'python' | 'node', Readonly<Record<string, string>>>> = {
  python: {
    '2.7': '2020-01-01',
    '3.0': '2009-06-27',
    '3.1': '2012-04-09',
    '3.2': '2016-02-20',
    '3.3': '2017-09-29',
    '3.4': '2019-03-18',
    '3.5': '2020-09-30',
    '3.6': '2021-12-23',
    '3.7': '2023-06-27',
    '3.8': '2024-10-07',
    '3.9': '2025-10-31',
    '3.10': '2026-10-31',
    '3.11': '2027-10-31',
    '3.12': '2028-10-31',
    '3.13': '2029-10-31',
    '3.14': '2030-10-31',
  },
  node: {
    '0': '2016-12-31',
    '4': '2018-04-30',
    '5': '2016-06-30',
    '6': '2019-04-30',
    '7': '2017-06-30',
    '8': '2019-12-31',
    '9': '2018-06-30',
    '10': '2021-04-30',
    '11': '2019-06-01',
    '12': '2022-04-30',
    '13': '2020-06-01',
    '14': '2023-04-30',
    '15': '2021-06-01',
    '16': '2023-09-11',
    '17': '2022-06-01',
    '18': '2025-04-30',
    '19': '2023-06-01',
    '20': '2026-04-30',
    '21': '2024-06-01',
    '22': '2027-04-30',
    '23': '2025-06-01',
    '24': '2028-04-30',
    '25': '2026-06-01',
  },
};

/** The last day of fixes for the series a version belongs to; undefined for one that is not known or not said far enough (`3`). */
export function endOfLife(subject: 'python' | 'node', version: string): Date | undefined {
  const series = version.split('.').slice(0, subject === 'python' ? 2 : 1);
  const day = days[subject][series.join('.')];
  return day === undefined ? undefined : new Date(`${day}T23:59:59Z`);
}
