import type { ImageData } from '../resource/niximage.ts';
import { parseAttributePath, renderAttribute } from './attributePath.ts';
import { type Entry, type Node, raw, string } from './layout.ts';

/** The image below: an attribute of the package set, or what `dockerTools.pullImage` fetches. */
export function fromImage(given: NonNullable<ImageData['fromImage']>): Node {
  const { attribute, imageName, imageDigest, hash, arch, tlsVerify } = given;
  if (attribute !== undefined)
    return raw(['pkgs', ...parseAttributePath(attribute).map(renderAttribute)].join('.'));
  const texts = Object.entries({ imageName, imageDigest, hash, arch }).flatMap(([name, value]): Entry[] =>
    value === undefined ? [] : [[name, string(value)]],
  );
  const entries: Entry[] = [
    ...texts,
    ...(tlsVerify === undefined ? [] : [['tlsVerify', raw(String(tlsVerify))] as const]),
  ];
  return { kind: 'Set', before: 'pkgs.dockerTools.pullImage ', entries };
}
