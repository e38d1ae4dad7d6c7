const format = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** 123456 is 1,234.56. */
export function formatCents(cents: number): string {
  return format.format(cents / 100);
}
