/** What an expression gives away when its value is thrown away. */

import { AST_NODE_TYPES, type TSESTree } from '@typescript-eslint/utils';

/** What makes a new value. `a?.b()` is one, too: nothing may be written between its parts. */
export type Call = TSESTree.CallExpression | TSESTree.ChainExpression | TSESTree.NewExpression | TSESTree.TaggedTemplateExpression;

/** The calls whose values are lost if that of `node` is. What else throws values away in it (`void`, a comma) is left out. */
export function thrownAwayWith(node: TSESTree.Node): Call[] {
  switch (node.type) {
    case AST_NODE_TYPES.CallExpression:
    case AST_NODE_TYPES.ChainExpression:
    case AST_NODE_TYPES.NewExpression:
    case AST_NODE_TYPES.TaggedTemplateExpression:
      return [node];
    case AST_NODE_TYPES.ConditionalExpression:
      return [...thrownAwayWith(node.consequent), ...thrownAwayWith(node.alternate)];
    // An op is as good as true: on the left, too, it is tested and lost.
    case AST_NODE_TYPES.LogicalExpression:
      return [...thrownAwayWith(node.left), ...thrownAwayWith(node.right)];
    case AST_NODE_TYPES.SequenceExpression:
      return thrownAwayWith(node.expressions.at(-1)!);
    case AST_NODE_TYPES.TSAsExpression:
    case AST_NODE_TYPES.TSNonNullExpression:
    case AST_NODE_TYPES.TSSatisfiesExpression:
    case AST_NODE_TYPES.TSTypeAssertion:
      return thrownAwayWith(node.expression);
    default:
      return [];
  }
}
