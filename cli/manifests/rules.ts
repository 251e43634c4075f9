import type { NixImage } from '../../hooks/resource/niximage.ts';
import { pathText, type Problem as RuleProblem } from '../../hooks/resource/problem.ts';
import { validateNixImage } from '../../hooks/resource/validate.ts';
import { field } from '../readPath.ts';
import { describe, type ImageDocument } from './documents.ts';
import type { Problem } from './problem.ts';

export type Checked = { readonly image: NixImage } | { readonly problems: readonly Problem[] };

/** Holds a manifest against the schema and the rules; each problem has its place. */
export function checkRules(document: ImageDocument): Checked {
  const validated = validateNixImage(document.value);
  if (validated.ok) return { image: validated.image };
  const problems = validated.problems.map((problem) => ({
    file: document.file,
    place: isUnknownField(problem) ? document.placeOfKey(problem.path) : document.placeOf(problem.path),
    message: quoteHint(document, problem) ?? problem.message,
  }));
  return { problems };
}

function isUnknownField({ message }: RuleProblem): boolean {
  return / is no field /.test(message);
}

/** For a scalar that should have been quoted: told as it stands in the file (`1.10`, `on`), which its value is not. */
function quoteHint(document: ImageDocument, { path, message }: RuleProblem): string | undefined {
  if (!message.includes('quote it')) return undefined;
  const plain = document.plainTextOf(path);
  const value = path.reduce<unknown>((at, step) => field(at, String(step)), document.value);
  if (plain === undefined || (typeof value !== 'number' && typeof value !== 'boolean')) return undefined;
  const last = path.at(-1);
  const example = typeof last === 'string' ? `${last}: "${plain}"` : `"${plain}"`;
  return `${pathText(path)} is ${describe(value, plain)} here; quote it: ${example}`;
}
