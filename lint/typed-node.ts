/** What the types tell of a piece of code. */

import { AST_NODE_TYPES, type ParserServicesWithTypeInformation as Services, type TSESTree } from '@typescript-eslint/utils';
import { canYieldOps, isRunByYieldStar } from './op-type.ts';

/** Its value is an op, or a generator of ops; that of `a?.b()` if there is one. */
export function givesOps(node: TSESTree.Node, services: Services): boolean {
  const checker = services.program.getTypeChecker();
  const type = services.getTypeAtLocation(node);
  return isRunByYieldStar(node.type === AST_NODE_TYPES.ChainExpression ? checker.getNonNullableType(type) : type, checker);
}

/** It calls what JavaScript has itself: who takes something out of an array or a map leaves nothing undone. */
export function callsBuiltIn(node: TSESTree.Node, services: Services): boolean {
  const call = node.type === AST_NODE_TYPES.ChainExpression ? node.expression : node;
  if (call.type !== AST_NODE_TYPES.CallExpression) return false;
  const signature = services.program.getTypeChecker().getResolvedSignature(services.esTreeNodeToTSNodeMap.get(call));
  const file = signature?.declaration?.getSourceFile();
  return file !== undefined && services.program.isSourceFileDefaultLibrary(file);
}

/** It yields ops, as threads and managers do. Another generator may yield generators to whoever wants them. */
export function isThreadFunction(node: TSESTree.FunctionLike, services: Services): boolean {
  const [signature] = services.getTypeAtLocation(node).getCallSignatures();
  return signature !== undefined && canYieldOps(signature.getReturnType(), services.program.getTypeChecker());
}

/** It is given to somebody who does not look at what it returns, as the callback of `forEach()`. */
export function returnsToNobody(node: TSESTree.ArrowFunctionExpression, services: Services): boolean {
  const checker = services.program.getTypeChecker();
  const expected = checker.getContextualType(services.esTreeNodeToTSNodeMap.get(node));
  const signatures = expected ? checker.getNonNullableType(expected).getCallSignatures() : [];
  return signatures.length > 0 && signatures.every((signature) => signature.getReturnType() === checker.getVoidType());
}
