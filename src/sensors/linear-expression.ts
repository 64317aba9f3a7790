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
  const selectors = selectorsOf(root, expression);
  if (selectors === null) return null;
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

/** In their order; null: the node is not provably linear in them. */
function selectorsOf(node: SyntaxNode, text: string): SyntaxNode[] | null {
  if (node.name === 'VectorSelector') return namesOneMetric(node, text) ? [node] : null;
  const found: SyntaxNode[] = [];
  for (const operand of linearOperandsOf(node, text) ?? [null]) {
    const selectors = operand && selectorsOf(operand, text);
    if (selectors === null) return null;
    found.push(...selectors);
  }
  return found;
}

/** What the node is linear in; null: it may not be. */
function linearOperandsOf(node: SyntaxNode, text: string): SyntaxNode[] | null {
  switch (node.name) {
    case 'ParenExpr':
      return childrenOf(node);
    case 'BinaryExpr': {
      const [left, operator, right, ...more] = childrenOf(node);
      // Modifiers such as `on (…)` make a fourth part.
      if (left === undefined || operator === undefined || right === undefined || more.length > 0) return null;
      if (operator.name === 'Or') return [left, right];
      if (operator.name === 'Mul' && isPositiveNumber(left, text)) return [right];
      return ['Mul', 'Div'].includes(operator.name) && isPositiveNumber(right, text) ? [left] : null;
    }
    case 'AggregateExpr': {
      const isSum = hasChild(node.getChild('AggregateOp'), 'Sum') && hasChild(node.getChild('AggregateModifier'), 'By');
      const operands = childrenOf(node.getChild('FunctionCallBody'));
      return isSum && operands.length === 1 ? operands : null;
    }
    case 'FunctionCall': {
      const [vector, ...strings] = childrenOf(node.getChild('FunctionCallBody'));
      const areStrings = strings.length === 4 && strings.every(({ name }) => name === 'StringLiteral');
      const isLabelReplace = hasChild(node.getChild('FunctionIdentifier'), 'LabelReplace') && areStrings;
      return isLabelReplace && vector !== undefined ? [vector] : null;
    }
    default:
      return null;
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

/** A negative factor would turn a minimum into a maximum. */
function isPositiveNumber(node: SyntaxNode, text: string): boolean {
  return node.name === 'NumberDurationLiteral' && Number(text.slice(node.from, node.to)) > 0;
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
