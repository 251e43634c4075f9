import { join } from 'node:path';
import { stringify } from 'yaml';
import { readDefinition } from '../../hooks/resource/schema.ts';
import { readObjects } from '../../metacontroller/embedded/objects/readObjects.ts';
import { choice, letter, optional, path, withDefault } from '../../runtime/options.ts';
import { defineCommand } from '../defineCommand.ts';
import { printerColumns, printObjects } from '../get/printerColumns.ts';
import { formatTable } from '../terminal/table.ts';

export const get = defineCommand({
  name: 'get',
  summary: 'Prints the images that `niximage up` knows, as kubectl prints them on a cluster.',
  options: {
    output: letter(optional(choice(['wide', 'json', 'yaml'], 'More columns, or the whole objects.')), 'o'),
    state: withDefault(path('DIR', 'What `up` was given.'), '.niximage'),
  },
  examples: ['niximage get', 'niximage get -o wide', 'niximage get curl-and-jq -o yaml'],
  positionals: { usage: '[NAME]', least: 0, most: 1 },
  async run({ output, state }, [name], terminal) {
    const all = await readObjects(join(state, 'objects'), 'NixImage');
    const objects = all.filter(({ metadata }) => name === undefined || metadata.name === name);
    if (objects.length === 0) {
      const what = name === undefined ? 'no image' : `no image called ${name}`;
      terminal.stderr.write(`there is ${what} in ${state}; niximage up FILE makes one\n`);
      return name === undefined ? 0 : 1;
    }
    const whole = name === undefined ? { apiVersion: 'v1', kind: 'List', items: objects } : objects[0];
    switch (output) {
      case 'json':
        terminal.stdout.write(`${JSON.stringify(whole, undefined, 2)}\n`);
        return 0;
      case 'yaml':
        terminal.stdout.write(stringify(whole));
        return 0;
      case 'wide':
      case undefined: {
        const columns = printerColumns(readDefinition(), 'v1');
        const rows = printObjects(objects, columns, { wide: output === 'wide', now: Date.now() });
        terminal.stdout.write(`${formatTable(rows).join('\n')}\n`);
        return 0;
      }
    }
  },
});
