import type { ImageData } from './niximage.ts';
import type { Problem } from './problem.ts';

const nameLimit = 190;
/** RFC 1123 subdomain, as the API server wants every name to be. */
const subdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

/** The CRD's CEL rules, and what the API server itself asks of a name. */
export function ruleProblems(name: string, data: ImageData): Problem[] {
  const problems: Problem[] = [];
  if (name.length > nameLimit)
    problems.push({
      path: ['metadata', 'name'],
      message: `metadata.name has ${name.length} characters; it can have ${nameLimit}, so that the image's name fits with its namespace`,
    });
  if (name !== '' && !subdomain.test(name))
    problems.push({
      path: ['metadata', 'name'],
      message: `metadata.name is ${JSON.stringify(name)}, which no image can be called; it has lower-case letters, digits, dashes and dots, and begins and ends with a letter or digit`,
    });
  if (data.config?.entrypoint?.length === 0)
    problems.push({
      path: ['data', 'config', 'entrypoint'],
      message: 'data.config.entrypoint must name a program; leave it out to have none',
    });
  problems.push(...textProblems(['data'], data));
  return problems;
}

/** Halves of UTF-16 pairs are no text: neither JSON between programs nor Nix can carry them. */
function textProblems(path: readonly (string | number)[], value: unknown): Problem[] {
  if (typeof value === 'string')
    return value.isWellFormed()
      ? []
      : [
          {
            path,
            message: `${path.join('.')} holds half of a UTF-16 pair, which is no text; write the whole character`,
          },
        ];
  if (Array.isArray(value)) return value.flatMap((each, index) => textProblems([...path, index], each));
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([name, each]) => [
      ...textProblems([...path, name], name),
      ...textProblems([...path, name], each),
    ]);
  return [];
}
