import { shortHash } from '../inputHash.ts';

/** ConfigMap of a build: all attempts of one input share it. */
export function configMapName(image: string, inputHash: string): string {
  return `${image}-${shortHash(inputHash)}`;
}

/** Pod of one attempt at a build. */
export function podName(image: string, inputHash: string, attempt: number): string {
  return `${configMapName(image, inputHash)}-${attempt}`;
}
