/** Makes JavaScript of TypeScript files outside this package, before they go into the VM. */

import { realpathSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

/** JavaScript by the URL of the TypeScript that it comes from. */
export type Transpiled = Record<string, string>;

/** Erases the types of `entry` and of all that it reaches by relative imports. An error of syntax names file and line. */
export function transpile(entry: string): Transpiled {
  const transpiled: Transpiled = {};
  const files = [realpathSync(entry)];
  for (const path of files) {
    const url = pathToFileURL(path).href;
    if (transpiled[url] !== undefined) continue;
    const text = readFileSync(path, 'utf8');
    transpiled[url] = eraseTypes(path, text);
    files.push(...reached(path, text));
  }
  return transpiled;
}

function eraseTypes(path: string, text: string): string {
  const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, inlineSourceMap: true };
  const { outputText, diagnostics = [] } = ts.transpileModule(text, { fileName: path, compilerOptions, reportDiagnostics: true });
  if (diagnostics.length === 0) return outputText;
  const names = { getCurrentDirectory: () => process.cwd(), getNewLine: () => '\n', getCanonicalFileName: (name: string) => name };
  throw new Error(`this is no TypeScript:\n${ts.formatDiagnostics(diagnostics, names).trimEnd()}`);
}

/** A module that is started in a Worker or by `entry()`, as one names it there. */
const urlPattern = /new URL\(\s*(['"])([^'"]*)\1\s*,\s*import\.meta\.url\s*\)/g;

function reached(path: string, text: string): string[] {
  const imported = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
  const named = [...text.matchAll(urlPattern)].map((match) => match[2]!);
  const relative = [...imported, ...named].filter((name) => /^\.\.?\//.test(name));
  return relative.flatMap((name) => typeScriptAt(resolve(dirname(path), name)));
}

/** The TypeScript file that an import of `path` means, which may be named as the JavaScript that it becomes. */
function typeScriptAt(path: string): string[] {
  const candidates = isFile(path) ? [path] : [path.replace(/js$/, 'ts')];
  return candidates.filter((name) => /(?<!\.d)\.m?ts$/.test(name) && isFile(name)).map((name) => realpathSync(name));
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
