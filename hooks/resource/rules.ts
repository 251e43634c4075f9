import type { ImageData } from './niximage.ts';
import { ownNixProblems } from './ownNix.ts';
import { type Problem, pathText } from './problem.ts';

const nameLimit = 190;
/** RFC 1123 subdomain, as the API server wants every name to be. */
const subdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

/** A set with one of these becomes a text in `builtins.toJSON`, by which nixpkgs writes the configuration. */
const setsReadAsText = ['outPath', '__toString'];

/** Fields that `buildLayeredImage` is called with. */
const partsOfAnImage = [
  'contents',
  'withPackages',
  'buildEnv',
  'layeringPipeline',
  'extraExcludePaths',
  'debug',
  'config',
  'user',
  'files',
  'locale',
  'timeZone',
  'fromImage',
  'created',
  'mtime',
  'uid',
  'gid',
  'uname',
  'gname',
  'architecture',
  'extraCommands',
  'fakeRootCommands',
  'enableFakechroot',
  'includeStorePaths',
  'includeNixDB',
  'compressor',
  'maxLayers',
] as const;

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
  if (data.contents === undefined && data.withPackages === undefined && data.expression === undefined)
    problems.push({
      path: ['data'],
      message: 'data.contents is missing; name one package at least: contents: [curl]',
    });
  const field = partsOfAnImage.find((each) => data[each] !== undefined);
  if (data.expression !== undefined && field !== undefined)
    problems.push({
      path: ['data', field],
      message: `data.${field} says how an image is made, and data.expression is the whole image; leave one of them out`,
    });
  problems.push(...ownNixProblems(data), ...fileProblems(data));
  if (data.mediaTypes === 'docker' && data.compression?.startsWith('zstd') === true)
    problems.push({
      path: ['data', 'compression'],
      message: "data.compression is zstd, and Docker's media types have none for it; choose gzip or none",
    });
  if (data.user !== undefined && data.config?.user !== undefined)
    problems.push({
      path: ['data', 'user'],
      message: 'data.user is the user that programs run as; leave data.config.user out',
    });
  problems.push(...fromImageProblems(data.fromImage));
  for (const label of setsReadAsText.filter((each) => Object.hasOwn(data.config?.labels ?? {}, each)))
    problems.push({
      path: ['data', 'config', 'labels', label],
      message: `data.config.labels.${label} cannot be: Nix takes a set with this name in it for a text; name it otherwise`,
    });
  problems.push(...textProblems(['data'], data));
  return problems;
}

function fileProblems({ files = [] }: ImageData): Problem[] {
  return files.flatMap(({ text, configMap }, index) =>
    (text === undefined) === (configMap === undefined)
      ? [
          {
            path: ['data', 'files', index],
            message: `data.files[${index}] has a text or is from a ConfigMap; give one of text and configMap`,
          },
        ]
      : [],
  );
}

function fromImageProblems(given: ImageData['fromImage']): Problem[] {
  if (given === undefined) return [];
  const path = ['data', 'fromImage'];
  const { attribute, imageName, imageDigest, hash } = given;
  if ((attribute === undefined) === (imageName === undefined))
    return [{ path, message: 'data.fromImage names one image, by attribute or by imageName' }];
  if (imageName !== undefined && (imageDigest === undefined || hash === undefined))
    return [
      {
        path,
        message: 'data.fromImage.imageName needs imageDigest and hash; `nix-prefetch-docker` tells both',
      },
    ];
  return [];
}

/** What neither JSON between programs nor Nix can carry: halves of UTF-16 pairs, and NUL, also in the names of labels. */
function textProblems(path: readonly (string | number)[], value: unknown): Problem[] {
  if (isCarried(value)) return [];
  if (typeof value === 'string') {
    const what = value.isWellFormed() ? 'a NUL character' : 'half of a UTF-16 pair';
    return [{ path, message: `${pathText(path)} holds ${what}, which is no text; write it without` }];
  }
  if (Array.isArray(value)) return value.flatMap((each, index) => textProblems([...path, index], each));
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([name, each]) => {
      // The name cannot stand in a message: the object is told of.
      const problems = textProblems(path, name);
      return problems.length > 0 ? problems : textProblems([...path, name], each);
    });
  return [];
}

/** Whether there is nothing to tell, which is nearly always so. */
function isCarried(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0');
  if (Array.isArray(value)) return value.every(isCarried);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, each]) => isCarried(name) && isCarried(each));
}
