import type { Report } from '../api/shapes';
import { formatCents } from '../money';

export function ReportCard({ report }: { readonly report: Report }) {
  return (
    <section>
      <p>
        {report.orders} orders paid, {formatCents(report.revenue_cents)} in all.
      </p>
      <ol>
        {report.best_sellers.map((product) => (
          <li key={product.sku}>
            {product.name}: {product.sold} sold
          </li>
        ))}
      </ol>
    </section>
  );
}
