import t from 'tap';
import { configurationWith, createManager } from './support/health-managers.js';

await t.test('a refused reload keeps the configuration, and is a warning until one succeeds', async (t) => {
  const world = await createManager(t, configurationWith('wordcount'));
  const { manager } = world;
  const { service } = manager;
  world.next.push(new Error('dhalion.yml:3:1: webhooks: must be an object\nand more'));
  await t.rejects(manager.reload(), /must be an object/);
  t.match(service.warnings(), [
    /The last reload was refused, and a restart would fail: .*must be an object \(and 1 more\)/,
  ]);
  t.ok(await service.knowsTopology('wordcount'));
  world.next.push(configurationWith('sentences'));
  await manager.reload();
  t.notMatch(service.warnings().join('\n'), /reload/);
  t.strictSame(
    (await service.topologies()).map(({ topology }) => topology),
    ['sentences'],
  );
  t.notOk(await service.knowsTopology('wordcount'));
});

await t.test('reloads run one after the other, in the order of their requests', async (t) => {
  const world = await createManager(t, configurationWith('wordcount'));
  const { manager } = world;
  world.next.push(configurationWith('sentences'), new Error('the file is gone'));
  const first = manager.reload();
  const second = manager.reload();
  await first;
  await t.rejects(second, /the file is gone/);
  t.match(manager.service.warnings().join('\n'), /the file is gone/);
});

await t.test('nothing is reloaded after the stop', async (t) => {
  const world = await createManager(t, configurationWith('wordcount'));
  world.manager.start();
  await world.manager.stop();
  world.next.push(new Error('nobody reads this'));
  await world.manager.reload();
  t.notMatch(world.manager.service.warnings().join('\n'), /nobody reads this/);
});

await t.test('a change of storage takes effect at the next start, and is logged', async (t) => {
  const world = await createManager(t, configurationWith('wordcount'));
  const configuration = configurationWith('wordcount');
  world.next.push({ ...configuration, storage: { ...configuration.storage, path: '/elsewhere' } });
  await world.manager.reload();
  t.match(
    world.lines.map(({ msg }) => msg),
    ['a change of storage takes effect at the next start', 'configuration reloaded'],
  );
});
