import type { ImageData } from './niximage.ts';

/** Texts by the name of their ConfigMap, then by their key. */
export type ConfigMapTexts = ReadonlyMap<string, Readonly<Record<string, string>>>;

export type Resolved =
  | { readonly ok: true; readonly data: ImageData }
  | {
      readonly ok: false;
      /** Whether the text is missing, and may yet appear; else it is there and cannot be used. */
      readonly missing: boolean;
      readonly message: string;
    };

interface Reference {
  readonly name: string;
  readonly key?: string;
}

class UnusableText extends Error {
  readonly missing: boolean;

  constructor(message: string, missing: boolean) {
    super(message);
    this.missing = missing;
  }
}

/** Names of the ConfigMaps that an image is made from, each once. */
export function configMapNames({ files = [], sources = [], overlays = [], expression }: ImageData): string[] {
  const references = [...files, ...sources, ...overlays, ...(expression === undefined ? [] : [expression])];
  return [
    ...new Set(references.flatMap(({ configMap }) => (configMap === undefined ? [] : [configMap.name]))),
  ];
}

/**
 * The same image with the texts of ConfigMaps in the places where they are named, as if the manifest held them: what an
 * image is made from is then all in one value, and another text is another input.
 */
export function withConfigMaps(data: ImageData, texts: ConfigMapTexts): Resolved {
  if (configMapNames(data).length === 0) return { ok: true, data };
  const { files, sources, overlays, expression } = data;
  try {
    return {
      ok: true,
      data: {
        ...data,
        ...(files === undefined
          ? {}
          : { files: files.flatMap((file, index) => filesOf(file, `data.files[${index}]`, texts)) }),
        ...(sources === undefined
          ? {}
          : { sources: sources.map((each, index) => sourceOf(each, `data.sources[${index}]`, texts)) }),
        ...(overlays === undefined
          ? {}
          : { overlays: overlays.map((each, index) => codeOf(each, `data.overlays[${index}]`, texts)) }),
        ...(expression === undefined ? {} : { expression: codeOf(expression, 'data.expression', texts) }),
      },
    };
  } catch (error) {
    if (error instanceof UnusableText) return { ok: false, missing: error.missing, message: error.message };
    throw error;
  }
}

type File = NonNullable<ImageData['files']>[number];
type Code = NonNullable<ImageData['expression']>;
type Source = NonNullable<ImageData['sources']>[number];

function filesOf({ configMap, ...file }: File, field: string, texts: ConfigMapTexts): File[] {
  if (configMap === undefined) return [file];
  const { name, key } = configMap;
  if (key !== undefined) return [{ ...file, text: textOf({ name, key }, field, texts) }];
  const keys = Object.keys(textsOf(name, field, texts)).sort();
  const { path, executable } = file;
  return keys.map((each) => {
    const found = { path: `${path}/${each}`, text: textOf({ name, key: each }, field, texts) };
    return executable === undefined ? found : Object.assign(found, { executable });
  });
}

/** A folder with a file for each text. */
function sourceOf({ configMap, ...source }: Source, field: string, texts: ConfigMapTexts): Source {
  if (configMap === undefined) return source;
  const { name } = configMap;
  const keys = Object.keys(textsOf(name, field, texts)).sort();
  const files = keys.map((key) => ({ path: key, text: textOf({ name, key }, field, texts) }));
  return { ...source, files };
}

function codeOf({ configMap, ...code }: Code, field: string, texts: ConfigMapTexts): Code {
  return configMap === undefined ? code : { ...code, inline: textOf(configMap, field, texts) };
}

function textsOf(name: string, field: string, texts: ConfigMapTexts): Readonly<Record<string, string>> {
  const found = texts.get(name);
  if (found !== undefined) return found;
  throw new UnusableText(
    `${field}.configMap: there is no ConfigMap ${name} in this namespace; the image can be built once there is one`,
    true,
  );
}

function textOf({ name, key = '' }: Reference, field: string, texts: ConfigMapTexts): string {
  const found = textsOf(name, field, texts);
  const text = Object.hasOwn(found, key) ? found[key] : undefined;
  if (text === undefined)
    throw new UnusableText(
      `${field}.configMap: the ConfigMap ${name} has no text under the key ${key}; the image can be built once it has one`,
      true,
    );
  if (text.includes('\0') || !text.isWellFormed())
    throw new UnusableText(
      `${field}.configMap: what the ConfigMap ${name} has under the key ${key} holds a NUL character or half of a UTF-16 pair, which is no text`,
      false,
    );
  return text;
}
