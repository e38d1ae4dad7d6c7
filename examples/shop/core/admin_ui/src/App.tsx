import { getReport, listOrders, listProducts } from './api/client';
import { OrderTable } from './components/OrderTable';
import { ProductTable } from './components/ProductTable';
import { ReportCard } from './components/ReportCard';
import { useLoaded } from './useLoaded';

export function App() {
  const products = useLoaded(listProducts);
  const orders = useLoaded(listOrders);
  const report = useLoaded(getReport);

  return (
    <main>
      <h1>Shop admin</h1>
      {report.state === 'ready' && <ReportCard report={report.value} />}
      <h2>Products</h2>
      {products.state === 'ready' && <ProductTable products={products.value} />}
      <h2>Orders</h2>
      {orders.state === 'ready' && <OrderTable orders={orders.value} onMoved={orders.reload} />}
      {[products, orders, report].map((loaded, index) =>
        loaded.state === 'failed' ? (
          <p className="problem" key={index}>
            {loaded.reason}
          </p>
        ) : null,
      )}
    </main>
  );
}
