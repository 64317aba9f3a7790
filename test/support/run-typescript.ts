// Node's arguments for a process, in any folder, that runs TypeScript from its sources.
export const RUN_TYPESCRIPT = [`--import=${new URL('load-typescript.mjs', import.meta.url).href}`];
