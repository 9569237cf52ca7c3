/** How `yield*` gets in front of a call. */

import { AST_NODE_TYPES, type TSESLint, type TSESTree } from '@typescript-eslint/utils';
import { functionAround, isGenerator } from './function-around.ts';

/** What puts `yield*` in front of `node`, in place of a `void` or a `yield`; undefined: it cannot stand there. */
export function withYieldStar(node: TSESTree.Expression, sourceCode: TSESLint.SourceCode): TSESLint.ReportFixFunction | undefined {
  if (!isGenerator(functionAround(node))) return undefined;
  const { parent } = node;
  if (parent.type === AST_NODE_TYPES.YieldExpression) return (fixer) => fixer.insertTextAfter(sourceCode.getFirstToken(parent)!, '*');
  const whole = isVoid(parent) ? parent : node;
  const code = `yield* ${sourceCode.getText(node)}`;
  return (fixer) => fixer.replaceText(whole, takesYield(whole) ? code : `(${code})`);
}

function isVoid(node: TSESTree.Node): node is TSESTree.UnaryExpression {
  return node.type === AST_NODE_TYPES.UnaryExpression && node.operator === 'void';
}

const placesForYield = [AST_NODE_TYPES.ExpressionStatement, AST_NODE_TYPES.SequenceExpression, AST_NODE_TYPES.ForStatement];

/** Where `node` stands, `yield*` needs no parentheses: elsewhere there are operators, and it binds weaker than all but the comma. */
function takesYield(node: TSESTree.Expression): boolean {
  const { parent } = node;
  return placesForYield.includes(parent.type) || (parent.type === AST_NODE_TYPES.ConditionalExpression && parent.test !== node);
}
