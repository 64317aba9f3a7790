// Node as its users start it. tap makes every Node below a test record the modules that it loads, for coverage that is not
// measured here, whatever environment the process gets: a start of the service would take half as long again.

/** Program and first arguments. */
export const PLAIN_NODE = ['env', '-u', 'NODE_OPTIONS', process.execPath] as const;
