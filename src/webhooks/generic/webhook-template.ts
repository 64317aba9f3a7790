// Restricted Liquid: no files, no code, no undefined variables, bounded work, and every value encoded for its place.
// render-request.ts decides what is templated and checks the result.
import { Liquid, LiquidError } from 'liquidjs';
import { DhalionError } from '../../errors.js';

/** The place of a template's values, which decides their encoding. */
export type Placement = 'url' | 'json' | 'form' | 'text';

/** These tags would read files, or write unencoded text into a URL. */
const UNAVAILABLE_TAGS = ['include', 'render', 'layout', 'block', 'tablerow', 'capture'];

const ENGINES: Readonly<Record<Placement, Liquid>> = {
  url: createEngine('url'),
  json: createEngine('json'),
  form: createEngine('form'),
  text: createEngine('text'),
};

/**
 * Renders `template`. Each output value is percent-encoded (url, form), escaped as in a JSON string (json), or unchanged (text).
 * Output of the filters `json` and, in url and form, `url_encode` is already encoded.
 * @param where the template's name in messages
 * @throws DhalionError config_invalid with line and column: a syntax error, an unknown variable or filter, a value without text
 *   (null, a list or an object), in a url also an empty value
 */
export function renderTemplate(template: string, values: object, placement: Placement, where: string): string {
  try {
    return String(ENGINES[placement].parseAndRenderSync(template, values));
  } catch (error) {
    throw new DhalionError('config_invalid', `${where}${describeLiquidError(error)}`, { cause: error });
  }
}

/** Names of the fields that a template uses, without those that it assigns; empty if it has a syntax error. */
export function namesInTemplate(template: string): readonly string[] {
  try {
    return ENGINES.text.globalVariablesSync(template);
  } catch {
    // Rendering reports the syntax error.
    return [];
  }
}

function createEngine(placement: Placement): Liquid {
  const engine = new Liquid({
    strictVariables: true,
    strictFilters: true,
    // `{% if labels.x %}` and `| default:` test whether a value is present.
    lenientIf: true,
    ownPropertyOnly: true,
    // An empty mapping replaces the file system.
    templates: {},
    parseLimit: 100_000,
    memoryLimit: 1_000_000,
    renderLimit: 1000,
    outputEscape: (value: unknown) => encode(textOf(value, placement), placement),
  });
  for (const tag of UNAVAILABLE_TAGS) engine.registerTag(tag, { parse: refuse(tag), render: refuse(tag) });
  const isPercentEncoded = placement === 'url' || placement === 'form';
  engine.registerFilter('json', { raw: placement === 'json', handler: (value: unknown) => JSON.stringify(value) });
  engine.registerFilter('url_encode', {
    raw: isPercentEncoded,
    handler: (value: unknown) => encodeURIComponent(textOf(value, placement)),
  });
  engine.registerFilter('raw', () => {
    throw new Error('the filter raw is not available: values are always encoded');
  });
  return engine;
}

function refuse(tag: string): () => never {
  return () => {
    throw new Error(`the tag ${tag} is not available`);
  };
}

function textOf(value: unknown, placement: Placement): string {
  if (value === null || value === undefined) {
    throw new Error('the value is null: add `| json` or `| default: …`, or test it with {% if %}');
  }
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    throw new Error('the value is a list or an object: add `| json` or `| join: ","`');
  }
  // An empty path segment addresses another resource, often the collection.
  if (placement === 'url' && value === '') throw new Error('the value is empty, which is not allowed in a url');
  return String(value);
}

function encode(text: string, placement: Placement): string {
  if (placement === 'json') return JSON.stringify(text).slice(1, -1);
  return placement === 'text' ? text : encodeURIComponent(text);
}

function describeLiquidError(error: unknown): string {
  if (!(error instanceof LiquidError)) return `: ${error instanceof Error ? error.message : String(error)}`;
  const message = error.message.replace(/, line:(\d+), col:(\d+)$/, '');
  const position = /, line:(\d+), col:(\d+)$/.exec(error.message);
  return position === null ? `: ${message}` : `, line ${position[1] ?? ''}, column ${position[2] ?? ''}: ${message}`;
}
