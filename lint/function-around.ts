/** The function whose code an expression is part of. */

import { ASTUtils, AST_NODE_TYPES, type TSESTree } from '@typescript-eslint/utils';

/** Undefined: it is code of a module or a class. */
export function functionAround(node: TSESTree.Node): TSESTree.FunctionLike | undefined {
  for (let around = node.parent; around; around = around.parent) {
    if (ASTUtils.isFunction(around)) return around;
    if (around.type === AST_NODE_TYPES.StaticBlock || around.type === AST_NODE_TYPES.PropertyDefinition) return undefined;
  }
  return undefined;
}

/** A generator function in which ops can be run: one of ops is not async. */
export function isGenerator(node: TSESTree.FunctionLike | undefined): node is TSESTree.FunctionLike {
  return node !== undefined && 'generator' in node && node.generator && !node.async;
}
