import t from 'tap';
import type { ServiceView } from '../../src/http/service-view.js';
import { startTestService } from '../support/http-service.js';

type Order = Parameters<ServiceView['forgetInstances']>[0];

await t.test('the answer has the forgotten counts, for the requested operator', async (t) => {
  const orders: Order[] = [];
  const { url } = await startTestService(t, {
    service: {
      knowsTopology: (name) => name === 'word count/é',
      forgetInstances: (order) => {
        orders.push(order);
        if (order.operator === 'nobody') return Promise.resolve(null);
        return Promise.resolve(order.operator === null ? [{ operator: 'split', parallelism: 4 }] : []);
      },
    },
  });
  const path = `${url}/api/v1/topologies/${encodeURIComponent('word count/é')}/instances`;
  const order = async (asked: string, method = 'DELETE'): Promise<unknown> => {
    const response = await fetch(asked, { method });
    return [response.status, await response.json()];
  };
  const success = (forgotten: unknown): unknown => [
    200,
    { status: 'success', data: { topology: 'word count/é', forgotten } },
  ];
  t.strictSame(await order(path), success([{ operator: 'split', parallelism: 4 }]));
  t.strictSame(await order(`${path}?operator=a%26b`), success([]));
  t.match(await order(`${path}?operator=nobody`), [404, { error: "topology 'word count/é' has no operator 'nobody'" }]);
  t.match(await order(`${url}/api/v1/topologies/x/instances`), [
    404,
    { error: "unknown topology 'x'; none is known yet" },
  ]);
  t.match(await order(`${path}?operator=a&operator=b`), [
    400,
    { error: "parameter operator='a' and 'b': must be one operator name" },
  ]);
  t.match(await order(`${path}?operater=a`), [400, { error: /did you mean 'operator'/ }]);
  t.match(await order(path, 'POST'), [405, {}]);
  t.strictSame(orders, [
    { topology: 'word count/é', operator: null },
    { topology: 'word count/é', operator: 'a&b' },
    { topology: 'word count/é', operator: 'nobody' },
  ]);
});
