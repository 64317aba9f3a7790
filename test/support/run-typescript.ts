// Arguments of Node for a process, in whatever folder, that runs TypeScript from its sources.
export const RUN_TYPESCRIPT = [`--import=${new URL('load-typescript.mjs', import.meta.url).href}`];
