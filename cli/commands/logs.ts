import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { readObjects } from '../../metacontroller/embedded/objects/readObjects.ts';
import { logFileOf } from '../../metacontroller/embedded/pods/logFile.ts';
import { hasErrno } from '../../runtime/errors.ts';
import { flag, letter, path, withDefault } from '../../runtime/options.ts';
import { defineCommand } from '../defineCommand.ts';
import { followFile } from '../logs/followFile.ts';
import { readPath } from '../readPath.ts';
import { StateFolder } from '../up/stateFolder.ts';

export const logs = defineCommand({
  name: 'logs',
  summary: "Prints the log of an image's last build.",
  options: {
    follow: letter(flag('Go on printing what the build prints, until it ends.'), 'f'),
    state: withDefault(path('DIR', 'What `up` was given.'), '.niximage'),
  },
  examples: ['niximage logs curl-and-jq', 'niximage logs -f curl-and-jq'],
  positionals: { usage: 'NAME', least: 1, most: 1 },
  async run({ follow, state }, [name = ''], { stdout, stderr, signal }) {
    const images = await readObjects(join(state, 'objects'), 'NixImage');
    const image = images.find(({ metadata }) => metadata.name === name);
    const pod = readPath(image, '.status.build.pod');
    if (image === undefined || typeof pod !== 'string') {
      const what =
        image === undefined ? `there is no image called ${name} in ${state}` : `${name} was not built yet`;
      stderr.write(`${what}; niximage get lists what there is\n`);
      return 1;
    }
    const file = logFileOf(state, image.metadata.namespace, pod);
    try {
      if (follow)
        await followFile(file, {
          isOver: () => isOver(state, image.metadata, pod),
          print: (text) => stdout.write(text),
          signal,
        });
      else for await (const text of createReadStream(file, 'utf8')) stdout.write(String(text));
      return 0;
    } catch (error) {
      if (!hasErrno(error, 'ENOENT')) throw error;
      stderr.write(`the log ${file} is not there any more; a new build makes a new one\n`);
      return 1;
    }
  },
});

/** Whether that Pod builds no more: the image is past it, or nobody runs it. */
async function isOver(
  state: string,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  pod: string,
): Promise<boolean> {
  if ((await new StateFolder(state).session()) === undefined) return true;
  const images = await readObjects(join(state, 'objects'), 'NixImage');
  const image = images.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
  return readPath(image, '.status.build.pod') !== pod || readPath(image, '.status.state') !== 'Building';
}
