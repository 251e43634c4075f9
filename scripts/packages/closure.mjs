/** @import { DebianPackage } from './debianIndex.mjs' */

/**
 * What to take from Debian: tests/packages/debian.json.
 * `attributes`: attribute of the set -> Debian package. `outputs`: further outputs of an attribute.
 * `merge`: packages that only work in one folder, as a pattern, by the package that stands for them.
 * `drop`: dependencies that a program in a container does without. `cut`: edges that would close a cycle.
 * @typedef {{
 *   attributes: Record<string, string>,
 *   outputs: Record<string, Record<string, string>>,
 *   merge: Record<string, string>,
 *   drop: string[],
 *   cut: Record<string, string[]>,
 * }} Selection
 */

/**
 * One derivation of the set: the Debian packages it unpacks and the units it refers to.
 * @typedef {{ version: string, debs: string[], outputs: Record<string, string>, deps: string[] }} Unit
 */

/**
 * Follows the dependencies of a selection through Debian's index.
 * @param {Selection} selection
 * @param {(names: readonly string[]) => Promise<DebianPackage[]>} lookUp
 * @returns {Promise<{ units: Record<string, Unit>, packages: DebianPackage[] }>} units by name.
 */
export async function closure(selection, lookUp) {
  const found = await reach(selection, lookUp);
  const unitOf = (/** @type {string} */ name) =>
    Object.keys(selection.merge).find((unit) => new RegExp(selection.merge[unit] ?? '').test(name)) ?? name;
  const outputsOf = new Map(
    Object.entries(selection.outputs).map(([attribute, outputs]) => [
      selection.attributes[attribute],
      outputs,
    ]),
  );
  const extra = new Set([...outputsOf.values()].flatMap((outputs) => Object.values(outputs)));
  /** @type {Record<string, Unit>} */
  const units = {};
  for (const { name, version } of found.values()) {
    if (extra.has(name)) continue;
    const unit = unitOf(name);
    const made = (units[unit] ??= { version, debs: [], outputs: outputsOf.get(unit) ?? {}, deps: [] });
    made.debs.push(name);
    const deps = dependencies(found, name, selection).map(unitOf);
    made.deps = [...new Set([...made.deps, ...deps])].filter((dep) => dep !== unit).sort();
  }
  for (const [name, unit] of Object.entries(units)) {
    unit.version = upstream(found.get(name)?.version ?? unit.version);
    unit.debs.sort();
  }
  refuseCycles(units);
  return { units, packages: [...found.values()] };
}

/**
 * All packages that are reached, level by level: one question to apt a level.
 * @param {Selection} selection
 * @param {(names: readonly string[]) => Promise<DebianPackage[]>} lookUp
 */
async function reach(selection, lookUp) {
  const roots = [
    ...Object.values(selection.attributes),
    ...Object.values(selection.outputs).flatMap((outputs) => Object.values(outputs)),
  ];
  /** @type {Map<string, DebianPackage>} */
  const found = new Map();
  let wanted = roots;
  while (wanted.length > 0) {
    const before = found.size;
    for (const one of await lookUp(wanted)) found.set(one.name, one);
    const missing = roots.find((root) => !found.has(root));
    if (missing !== undefined)
      throw new Error(`Debian's index has no package ${missing}; run apt-get update.`);
    if (found.size === before) break;
    const next = [...found.keys()].flatMap((name) => alternatives(found, name, selection));
    wanted = [...new Set(next)].filter((name) => !found.has(name));
  }
  return new Map([...found].filter(([name]) => isReached(found, roots, selection).has(name)));
}

/**
 * @param {Map<string, DebianPackage>} found
 * @param {readonly string[]} roots
 * @param {Selection} selection
 */
function isReached(found, roots, selection) {
  const reached = new Set(roots);
  for (const name of reached) for (const dep of dependencies(found, name, selection)) reached.add(dep);
  return reached;
}

/**
 * Every name that might fulfil a dependency of `name`.
 * @param {Map<string, DebianPackage>} found
 * @param {string} name
 * @param {Selection} selection
 */
function alternatives(found, name, { drop, cut }) {
  const left = new Set([...drop, ...(cut[name] ?? [])]);
  const wanted = found.get(name)?.depends ?? [];
  return wanted.filter((any) => !any.some((one) => left.has(one))).flat();
}

/**
 * The package that fulfils each dependency of `name`: of alternatives the first the index holds.
 * @param {Map<string, DebianPackage>} found
 * @param {string} name
 * @param {Selection} selection
 */
function dependencies(found, name, { drop, cut }) {
  const left = new Set([...drop, ...(cut[name] ?? [])]);
  const wanted = found.get(name)?.depends ?? [];
  const kept = wanted.filter((any) => !any.some((one) => left.has(one)));
  return kept.map((any) => {
    const real = any.find((one) => found.has(one));
    if (real === undefined)
      throw new Error(
        `${name} needs ${any.join(' or ')}, which Debian's index does not hold; run apt-get update.`,
      );
    return real;
  });
}

/**
 * `1:2.39.5-0+deb12u3` is `2.39.5`.
 * @param {string} version
 */
function upstream(version) {
  return version
    .replace(/^\d+:/, '')
    .replace(/[-+~][^-]*$/, '')
    .replaceAll(/[^A-Za-z0-9.+_-]/g, '-');
}

/** @param {Record<string, Unit>} units */
function refuseCycles(units) {
  /** @type {Set<string>} */
  const done = new Set();
  const visit = (/** @type {string} */ name, /** @type {string[]} */ path) => {
    if (path.includes(name))
      throw new Error(
        `the packages ${[...path, name].join(' -> ')} need each other: cut one in debian.json.`,
      );
    if (done.has(name)) return;
    for (const dep of units[name]?.deps ?? []) visit(dep, [...path, name]);
    done.add(name);
  };
  for (const name of Object.keys(units)) visit(name, []);
}
