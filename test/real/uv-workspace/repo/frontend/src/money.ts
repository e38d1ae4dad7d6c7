export function format(cents: number, sign = '€'): string {
  if (!Number.isInteger(cents)) throw new RangeError(`${cents} is no number of cents`);
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')} ${sign}`;
}

export function total(amounts: readonly number[], sign = '€'): string {
  return format(
    amounts.reduce((sum, amount) => sum + amount, 0),
    sign,
  );
}
