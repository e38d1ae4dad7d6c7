// Written by `python -m core.api.typescript`; don't edit.

export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly price_cents: number;
  readonly stock: number;
  readonly retired: boolean;
}

export interface Line {
  readonly sku: string;
  readonly quantity: number;
  readonly unit_price_cents: number;
}

export interface Order {
  readonly id: number;
  readonly customer: string;
  readonly status: string;
  readonly discount_code: string | null;
  readonly total_cents: number;
  readonly lines: readonly Line[];
}

export interface BestSeller {
  readonly sku: string;
  readonly name: string;
  readonly sold: number;
}

export interface Report {
  readonly orders: number;
  readonly revenue_cents: number;
  readonly best_sellers: readonly BestSeller[];
}
