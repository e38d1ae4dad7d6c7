export interface Wind {
  readonly knots: number;
  readonly from: number;
}

/** What the sailors' scale calls this wind, 0 to 12. */
export function beaufort({ knots }: Wind): number {
  const limits = [1, 4, 7, 11, 17, 22, 28, 34, 41, 48, 56, 64];
  return limits.filter((limit) => knots >= limit).length;
}
