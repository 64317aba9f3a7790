// Node as its users start it. tap makes every Node below a test keep account of the modules it loads, for a coverage that is not
// measured here, whatever environment that process is given: a start of the service would take half as long again.

/** Program and first arguments. */
export const PLAIN_NODE = ['env', '-u', 'NODE_OPTIONS', process.execPath] as const;
