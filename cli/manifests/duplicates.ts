import type { ImageDocument } from './documents.ts';
import { identityOf } from './identity.ts';
import { type Problem, showPlace } from './problem.ts';

const nameAt = ['metadata', 'name'];

/** Manifests that have a name in common: which of them would be meant cannot be known, so none is taken. */
export function duplicateProblems(documents: readonly ImageDocument[]): {
  readonly documents: ReadonlySet<ImageDocument>;
  readonly problems: readonly Problem[];
} {
  const byName = Map.groupBy(documents, ({ value }) => {
    const identity = identityOf(value);
    return identity === undefined ? undefined : `${identity.namespace}/${identity.name}`;
  });
  const twice = new Set<ImageDocument>();
  const problems: Problem[] = [];
  for (const [name, same] of byName) {
    if (name === undefined || same.length < 2) continue;
    for (const document of same) {
      twice.add(document);
      const others = same.filter((other) => other !== document);
      const places = others.map((other) => showPlace(other.file, other.placeOf(nameAt)));
      problems.push({
        file: document.file,
        place: document.placeOf(nameAt),
        message: `the name ${name} is used twice, also at ${places.join(' and ')}; rename or remove one.`,
      });
    }
  }
  return { documents: twice, problems };
}
