// A simulated topology after some time, and its parts by name.
import { createFluidTopology, type FluidTopology } from '../../src/simulator/fluid-topology.js';
import type { TopologySpec } from '../../src/simulator/topology-spec.js';
import type { InstanceState, OperatorState } from '../../src/simulator/topology-state.js';

export function after(seconds: number, spec: TopologySpec): FluidTopology {
  const topology = createFluidTopology(spec, 1);
  topology.step(seconds);
  return topology;
}

export function operatorOf(topology: FluidTopology, name: string): OperatorState {
  const operator = topology.state().operators.find((state) => state.name === name);
  if (operator === undefined) throw new Error(`no ${name}`);
  return operator;
}

export function instanceOf(topology: FluidTopology, name: string, index: number): InstanceState {
  const instance = operatorOf(topology, name).instances[index];
  if (instance === undefined) throw new Error(`no ${name} ${index}`);
  return instance;
}
