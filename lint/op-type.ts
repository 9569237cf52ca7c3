/** Which types are ops, and which are generators of ops. */

import type { Type, TypeChecker, TypeReference } from 'typescript';

/**
 * Whether `yield*` can run every value of this type. An op or nothing is none of these: a function that gives that rather
 * looks for an op than makes one.
 */
export function isRunByYieldStar(type: Type, checker: TypeChecker): boolean {
  return members(type, checker).every((member) => isOp(member, checker) || isOpGenerator(member, checker));
}

/** Whether a value of this type can be a generator that yields ops, whatever else it yields: an `OpGenerator`. */
export function canYieldOps(type: Type, checker: TypeChecker): boolean {
  return members(type, checker).some((member) => isOpGenerator(member, checker));
}

/** Of a union, what it is made of; a type parameter is what it extends. */
function members(type: Type, checker: TypeChecker): Type[] {
  const apparent = checker.getApparentType(type);
  return apparent.isUnion() ? apparent.types.flatMap((member) => members(member, checker)) : [apparent];
}

/** The class `Op`, wherever it is declared, or one that is made of it. What is only called so has other methods. */
function isOp(type: Type, checker: TypeChecker): boolean {
  return lineage(type, checker).some((ancestor) => nameOf(ancestor) === 'Op' && methodsOfOp.every((name) => ancestor.getProperty(name)));
}

const methodsOfOp = ['next', 'resolve', 'reject'];

function isOpGenerator(type: Type, checker: TypeChecker): boolean {
  return lineage(type, checker).some((ancestor) => {
    const yielded = nameOf(ancestor) === 'Generator' ? checker.getTypeArguments(ancestor as TypeReference)[0] : undefined;
    return yielded !== undefined && members(yielded, checker).some((member) => isOp(member, checker));
  });
}

/** A type and all that it extends. */
function lineage(type: Type, checker: TypeChecker): Type[] {
  if (type.isIntersection()) return type.types.flatMap((part) => lineage(part, checker));
  const declared = (type as Partial<TypeReference>).target ?? type;
  const bases = declared.isClassOrInterface() ? checker.getBaseTypes(declared) : [];
  return [type, ...bases.flatMap((base) => lineage(base, checker))];
}

/** The types say that each has a symbol; `undefined` and others have none. */
function nameOf(type: Type): string | undefined {
  return (type as Partial<Type>).symbol?.name;
}
