import * as layout from '../layout.ts';
import { findFolder, makeFolder } from '../openFolder.ts';
import { replaceFile } from './newFile.ts';

/** Notes how far an image is, for the registry to say to whoever asks for it; at most 4 KiB. */
export async function writeNews(tree: string, image: string, text: string): Promise<void> {
  await using folder = await makeFolder(tree, 'progress');
  await replaceFile(tree, folder, layout.newsName(image), Buffer.from(text));
}

export async function removeNews(tree: string, image: string): Promise<void> {
  await using folder = await findFolder(tree, 'progress');
  await folder?.remove(layout.newsName(image));
}
