/** Puts what waits for another after it, else keeps the order; names that nobody has and circles are passed over. */
export function sortByNeeds<T extends { readonly id: string; readonly needs: readonly string[] }>(
  items: readonly T[],
): readonly T[] {
  const byId = new Map(items.map((item) => [item.id, item]));
  const placed = new Set<string>();
  const open = new Set<string>();
  const order: T[] = [];
  const place = (item: T): void => {
    if (placed.has(item.id) || open.has(item.id)) return;
    open.add(item.id);
    for (const need of item.needs) {
      const needed = byId.get(need);
      if (needed !== undefined) place(needed);
    }
    open.delete(item.id);
    placed.add(item.id);
    order.push(item);
  };
  for (const item of items) place(item);
  return order;
}
