import type { Order, Product, Report } from './shapes';

async function request<T>(path: string, init?: RequestInit): Promise<T> {
  const response = await fetch(`/api${path}`, init);
  const body: unknown = await response.json();
  if (!response.ok) {
    const reason = typeof body === 'object' && body !== null && 'error' in body ? String(body.error) : response.statusText;
    throw new Error(reason);
  }
  return body as T;
}

export const listProducts = () => request<readonly Product[]>('/products');

export const listOrders = () => request<readonly Order[]>('/orders');

export const getReport = () => request<Report>('/report');

export const moveOrder = (id: number, status: string) =>
  request<Order>(`/orders/${id}/status`, { method: 'POST', body: JSON.stringify({ status }) });
