// The contract of every action log; run once for each dialect.
import type { Test } from 'tap';
import { testAcceptedAlerts } from './accepted-alerts-contract.js';
import { testClaims } from './claims-contract.js';
import { testOnStorage, type OpenActionLog } from './contract-harness.js';
import { testForgetting } from './forgetting-contract.js';
import { testLeases } from './leases-contract.js';
import { testLifecycle } from './lifecycle-contract.js';
import { testLongNames } from './names-contract.js';
import { testOrders } from './orders-contract.js';
import { testProgress } from './progress-contract.js';
import { testQueries } from './queries-contract.js';
import { testRetention } from './retention-contract.js';
import { testReverts } from './reverts-contract.js';

/** @param newStorage creates empty storage for one test, and returns a function that opens a log on it */
export async function testActionLog(t: Test, newStorage: (t: Test) => OpenActionLog): Promise<void> {
  const testOn = testOnStorage(t, newStorage);
  await testAcceptedAlerts(testOn);
  await testClaims(testOn);
  await testProgress(testOn);
  await testLeases(testOn);
  await testReverts(testOn);
  await testOrders(testOn);
  await testQueries(testOn);
  await testForgetting(testOn);
  await testLongNames(testOn);
  await testRetention(testOn);
  await testLifecycle(testOn);
}
