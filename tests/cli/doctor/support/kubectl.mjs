// Stands in for kubectl before a cluster that a file describes: kubectl.mjs WORLD.json VERB WORDS...
import { readFileSync, writeFileSync } from 'node:fs';

const [file = '', ...all] = process.argv.slice(2);
const words = all.filter((word) => !/^--(kubeconfig|context)=/.test(word));
const world = JSON.parse(readFileSync(file, 'utf8'));
const [verb, resource = '', ...rest] = words;
const option = (/** @type {string} */ name) =>
  rest.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);

/** @param {{metadata: {name: string, namespace?: string}}} object */
function isWanted({ metadata }) {
  const name = rest.find((word) => !word.startsWith('--'));
  const namespace = option('namespace');
  return (
    (name ?? metadata.name) === metadata.name && (namespace ?? metadata.namespace) === metadata.namespace
  );
}

switch (verb) {
  case 'get': {
    if (world.error !== undefined) {
      console.error(world.error);
      process.exit(1);
    }
    const items = (world.resources[resource] ?? []).filter(isWanted);
    console.log(JSON.stringify({ kind: 'List', items }));
    break;
  }
  case 'create': {
    const { items } = JSON.parse(readFileSync(0, 'utf8'));
    const status = { containerStatuses: [{ imageID: '', state: { waiting: world.pull } }] };
    world.resources.pods.push(...items.map((/** @type {object} */ item) => ({ ...item, status })));
    world.created = items;
    writeFileSync(file, JSON.stringify(world));
    break;
  }
  case 'delete':
    world.deleted = words;
    writeFileSync(file, JSON.stringify(world));
    break;
  default:
    console.error(`the stand-in does not know ${verb}`);
    process.exit(1);
}
