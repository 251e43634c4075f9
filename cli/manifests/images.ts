import { configMapNames, withConfigMaps } from '../../hooks/resource/configMaps.ts';
import type { NixImage } from '../../hooks/resource/niximage.ts';
import type { Terminal } from '../command.ts';
import { type ConfigMapDocument, type ImageDocument, imageDocuments } from './documents.ts';
import { duplicateProblems } from './duplicates.ts';
import type { Problem } from './problem.ts';
import { checkRules } from './rules.ts';
import { readSources } from './sources.ts';
import { readYaml } from './yaml.ts';

/** A manifest of a NixImage that keeps every rule. */
export interface ImageManifest {
  readonly file: string;
  readonly image: NixImage;
  /** The manifest as it stands in the file. */
  readonly value: Readonly<Record<string, unknown>>;
}

export interface Images {
  readonly images: readonly ImageManifest[];
  /** All of them, of all files. */
  readonly problems: readonly Problem[];
}

/** Whether ConfigMaps that images are made from must be among the documents, or may be on the cluster only. */
export type ConfigMapsAre = 'here' | 'elsewhere';

/** Reads the images of the files, folders and standard input that the words name, and checks them. */
export async function readImages(
  words: readonly string[],
  terminal: Pick<Terminal, 'cwd' | 'stdin'>,
  configMapsAre: ConfigMapsAre = 'here',
): Promise<Images> {
  const { sources, problems: unread } = await readSources(words, terminal);
  const problems: Problem[] = [...unread];
  const documents: ImageDocument[] = [];
  const configMaps: ConfigMapDocument[] = [];
  for (const source of sources) {
    const yaml = readYaml(source);
    const found = imageDocuments(yaml.documents);
    configMaps.push(...found.configMaps);
    if (yaml.documents.length === 0 && yaml.problems.length === 0)
      problems.push({ file: source.file, message: 'this file holds no manifest.' });
    problems.push(...yaml.problems, ...found.problems);
    documents.push(...found.images);
  }
  const twice = duplicateProblems(documents);
  problems.push(...twice.problems);
  const images: ImageManifest[] = [];
  for (const document of documents) {
    const checked = checkRules(document);
    if ('problems' in checked) problems.push(...checked.problems);
    else if (!twice.documents.has(document)) {
      const whole = withTexts(document, checked.image, configMaps);
      if (!('message' in whole)) images.push(whole);
      else if (configMapsAre === 'here') problems.push(whole);
      else images.push({ file: document.file, value: document.value, image: checked.image });
    }
  }
  return { images, problems };
}

/** An image whose ConfigMaps, if it names any, are among the documents: what they hold stands in the manifest then. */
function withTexts(
  { file, value, placeOf }: ImageDocument,
  image: NixImage,
  configMaps: readonly ConfigMapDocument[],
): ImageManifest | Problem {
  if (configMapNames(image.data).length === 0) return { file, value, image };
  const own = configMaps.filter(({ namespace }) => namespace === image.namespace);
  const resolved = withConfigMaps(image.data, new Map(own.map(({ name, texts }) => [name, texts])));
  if (!resolved.ok) return { file, place: placeOf(['data']), message: `${resolved.message}.` };
  const { data } = resolved;
  return { file, value: { ...value, data }, image: { ...image, data } };
}
