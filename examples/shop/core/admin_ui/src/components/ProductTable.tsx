import type { Product } from '../api/shapes';
import { formatCents } from '../money';

export function ProductTable({ products }: { readonly products: readonly Product[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th>SKU</th>
          <th>Name</th>
          <th className="number">Price</th>
          <th className="number">Stock</th>
        </tr>
      </thead>
      <tbody>
        {products.map((product) => (
          <tr key={product.sku}>
            <td>{product.sku}</td>
            <td>{product.name}</td>
            <td className="number">{formatCents(product.price_cents)}</td>
            <td className="number">{product.stock === 0 ? 'sold out' : product.stock}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
