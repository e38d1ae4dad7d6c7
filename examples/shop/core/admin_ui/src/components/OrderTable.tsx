import { moveOrder } from '../api/client';
import type { Order } from '../api/shapes';
import { formatCents } from '../money';

interface Props {
  readonly orders: readonly Order[];
  readonly onMoved: () => void;
}

/** What an order can become next, besides cancelled. */
const next: Readonly<Record<string, string>> = { new: 'paid', paid: 'shipped' };

export function OrderTable({ orders, onMoved }: Props) {
  return (
    <table>
      <thead>
        <tr>
          <th className="number">Order</th>
          <th>Customer</th>
          <th>Items</th>
          <th className="number">Total</th>
          <th>Status</th>
        </tr>
      </thead>
      <tbody>
        {orders.map((order) => (
          <tr key={order.id}>
            <td className="number">{order.id}</td>
            <td>{order.customer}</td>
            <td>{order.lines.map((line) => `${line.quantity} × ${line.sku}`).join(', ')}</td>
            <td className="number">{formatCents(order.total_cents)}</td>
            <td>
              {order.status} <MoveButton order={order} onMoved={onMoved} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function MoveButton({ order, onMoved }: { readonly order: Order; readonly onMoved: () => void }) {
  const status = next[order.status];
  if (status === undefined) return null;
  return (
    <button type="button" onClick={() => void moveOrder(order.id, status).then(onMoved)}>
      mark as {status}
    </button>
  );
}
