// PURE: whether a PromQL expression is linear in its selectors, so that a mean over time may be taken of the samples
// themselves instead of the expression's value at each step of a sub-query. Decided on the parse tree of PromQL's own grammar.
import type { SyntaxNode, Tree } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/**
 * The expression with every selector replaced by what `render` makes of it. Null if the expression is not provably linear:
 * only selectors of one metric, parentheses, multiplication and division by a positive number, `label_replace`,
 * `sum by (…)` and `or` without modifiers are.
 *
 * `a{x="1"} / 1000 or b` with `(s) => `avg_over_time(${s}[5m])`` ⇒
 * `avg_over_time(a{x="1"}[5m]) / 1000 or avg_over_time(b[5m])`.
 */
export function replaceSelectors(expression: string, render: (selector: string) => string): string | null {
  const tree = parser.parse(expression);
  const root = tree.topNode.firstChild;
  if (root === null || hasErrors(tree)) return null;
  const selectors: SyntaxNode[] = [];
  if (!isLinear(root, expression, selectors)) return null;
  // A comment or a second expression beside it would get lost.
  if (expression.slice(0, root.from).trim() !== '' || expression.slice(root.to).trim() !== '') return null;
  let text = '';
  let at = 0;
  for (const { from, to } of selectors) {
    text += expression.slice(at, from) + render(expression.slice(from, to));
    at = to;
  }
  return text + expression.slice(at);
}

/** @param selectors takes those that are met, in their order */
function isLinear(node: SyntaxNode, text: string, selectors: SyntaxNode[]): boolean {
  switch (node.name) {
    case 'VectorSelector':
      if (!namesOneMetric(node, text)) return false;
      selectors.push(node);
      return true;
    case 'ParenExpr':
      return childrenOf(node).every((child) => isLinear(child, text, selectors));
    case 'BinaryExpr':
      return isLinearOperation(childrenOf(node), text, selectors);
    case 'AggregateExpr':
      return isSumByLabels(node, text, selectors);
    case 'FunctionCall':
      return isLabelReplace(node, text, selectors);
    default:
      return false;
  }
}

/** A range over several metrics is an error if their series differ only in the name. */
function namesOneMetric(selector: SyntaxNode, text: string): boolean {
  if (selector.getChild('Identifier') !== null) return true;
  const matchers = selector.getChild('LabelMatchers');
  return childrenOf(matchers).some((matcher) => {
    const name = matcher.getChild('LabelName');
    const isName = name !== null && text.slice(name.from, name.to) === '__name__';
    return isName && matcher.getChild('MatchOp')?.firstChild?.name === 'EqlSingle';
  });
}

function isLinearOperation(parts: readonly SyntaxNode[], text: string, selectors: SyntaxNode[]): boolean {
  const [left, operator, right, ...more] = parts;
  // Modifiers such as `on (…)` make a fourth part.
  if (left === undefined || operator === undefined || right === undefined || more.length > 0) return false;
  switch (operator.name) {
    case 'Or':
      return isLinear(left, text, selectors) && isLinear(right, text, selectors);
    case 'Mul':
      if (isPositiveNumber(left, text)) return isLinear(right, text, selectors);
      return isLinear(left, text, selectors) && isPositiveNumber(right, text);
    case 'Div':
      return isLinear(left, text, selectors) && isPositiveNumber(right, text);
    default:
      return false;
  }
}

/** A negative factor would turn a minimum into a maximum. */
function isPositiveNumber(node: SyntaxNode, text: string): boolean {
  return node.name === 'NumberDurationLiteral' && Number(text.slice(node.from, node.to)) > 0;
}

function isSumByLabels(node: SyntaxNode, text: string, selectors: SyntaxNode[]): boolean {
  const isSumBy = hasChild(node.getChild('AggregateOp'), 'Sum') && hasChild(node.getChild('AggregateModifier'), 'By');
  const [summed, ...more] = childrenOf(node.getChild('FunctionCallBody'));
  return isSumBy && summed !== undefined && more.length === 0 && isLinear(summed, text, selectors);
}

function isLabelReplace(node: SyntaxNode, text: string, selectors: SyntaxNode[]): boolean {
  if (!hasChild(node.getChild('FunctionIdentifier'), 'LabelReplace')) return false;
  const [vector, ...strings] = childrenOf(node.getChild('FunctionCallBody'));
  const areStrings = strings.length === 4 && strings.every(({ name }) => name === 'StringLiteral');
  return vector !== undefined && areStrings && isLinear(vector, text, selectors);
}

function hasChild(node: SyntaxNode | null, name: string): boolean {
  return childrenOf(node).some((child) => child.name === name);
}

function hasErrors(tree: Tree): boolean {
  let found = false;
  tree.iterate({ enter: ({ type }) => void (found ||= type.isError) });
  return found;
}

function childrenOf(node: SyntaxNode | null): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node?.firstChild ?? null; child !== null; child = child.nextSibling) {
    if (child.name !== 'LineComment') children.push(child);
  }
  return children;
}
