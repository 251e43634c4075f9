import type { Terminal } from '../command.ts';
import { type ImageManifest, readImages } from './images.ts';
import { ManifestError } from './manifestError.ts';
import { problemReport } from './problem.ts';

/**
 * The one image that a file holds.
 * @throws {ManifestError} with every problem of the file, or where it holds several images.
 */
export async function readSingleImage(
  file: string,
  terminal: Pick<Terminal, 'cwd' | 'stdin'>,
): Promise<ImageManifest> {
  const { images, problems } = await readImages([file], terminal);
  if (problems.length > 0) throw new ManifestError('INVALID_MANIFEST', problemReport(problems).trimEnd());
  const [image, second] = images;
  if (image === undefined) throw new ManifestError('NO_IMAGE', `${file} holds no NixImage.`);
  if (second !== undefined)
    throw new ManifestError(
      'SEVERAL_IMAGES',
      `${file} holds ${images.length} images (${images.map((each) => each.image.name).join(', ')}); name a file with one.`,
    );
  return image;
}
