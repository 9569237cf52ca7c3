/** The rule `yield-ops`: where `yield*` was forgotten, an op is thrown away. */

import { AST_NODE_TYPES, ESLintUtils, type TSESLint, type TSESTree } from '@typescript-eslint/utils';
import { functionAround, isGenerator } from './function-around.ts';
import { withYieldStar } from './suggestion.ts';
import { thrownAwayWith } from './thrown-away.ts';
import { callsBuiltIn, givesOps, isThreadFunction, returnsToNobody } from './typed-node.ts';

type MessageId = 'thrownAway' | 'awaited' | 'yielded' | 'suggestion';

/**
 * Reports calls that give an op, or a generator of ops, which nobody can run any more: `read(fd, buffer);` does nothing at
 * all. Where a `yield*` can stand, it suggests one.
 */
export const yieldOps: TSESLint.RuleModule<MessageId> = ESLintUtils.RuleCreator.withoutDocs({
  meta: {
    type: 'problem',
    docs: { description: 'Require `yield*` in front of calls that give an op' },
    hasSuggestions: true,
    schema: [],
    messages: {
      thrownAway: '{{call}} does nothing by itself: write yield* {{call}}',
      awaited: 'await does not run an op: write yield* {{call}}, in a generator function',
      yielded: 'yield without * loses the result of {{call}}, and its error: write yield* {{call}}',
      suggestion: 'Write yield* {{call}}',
    },
  },
  defaultOptions: [],
  create: (context) => {
    const services = ESLintUtils.getParserServices(context);

    const report = (node: TSESTree.Expression, messageId: MessageId) => {
      const data = { call: shown(node, context.sourceCode) };
      const fix = withYieldStar(node, context.sourceCode);
      context.report({ node, messageId, data, suggest: fix ? [{ messageId: 'suggestion', data, fix }] : null });
    };

    /** Ops that are lost together with the value of `node`. */
    const lostOps = (node: TSESTree.Node | null) => (node ? thrownAwayWith(node).filter((call) => givesOps(call, services) && !callsBuiltIn(call, services)) : []);

    const check = (...thrownAway: (TSESTree.Node | null)[]) => {
      for (const call of thrownAway.flatMap(lostOps)) report(call, 'thrownAway');
    };

    return {
      ExpressionStatement: (node) => check(node.expression),
      'UnaryExpression[operator="void"]': (node: TSESTree.UnaryExpression) => check(node.argument),
      SequenceExpression: (node) => check(...node.expressions.slice(0, -1)),
      ForStatement: (node) => check(node.init, node.update),
      'ArrowFunctionExpression[expression=true]'(node: TSESTree.ArrowFunctionExpression) {
        if (returnsToNobody(node, services)) check(node.body);
      },
      AwaitExpression({ argument }) {
        if (givesOps(argument, services)) report(argument, 'awaited');
      },
      YieldExpression(node) {
        if (node.delegate || !node.argument || lostOps(node.argument).length === 0) return;
        const around = functionAround(node);
        if (isGenerator(around) && isThreadFunction(around, services)) report(node.argument, 'yielded');
      },
    };
  },
});

/** For messages: a call with `…` for its arguments, `read(…)`; anything else as it stands. */
function shown(node: TSESTree.Expression, sourceCode: TSESLint.SourceCode): string {
  const call = node.type === AST_NODE_TYPES.ChainExpression ? node.expression : node;
  const firstArgument = 'arguments' in call ? call.arguments[0] : undefined;
  const text = firstArgument ? `${sourceCode.text.slice(call.range[0], firstArgument.range[0]).trimEnd()}…)` : sourceCode.getText(call);
  return text.replace(/\s+/g, ' ');
}
