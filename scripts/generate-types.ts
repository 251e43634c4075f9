import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { compile, type JSONSchema } from 'json-schema-to-typescript';
import { parse } from 'yaml';

/** Makes the resource's types from the CRD. `--check` only tells whether the committed file is up to date. */

const root = new URL('../', import.meta.url);
const target = fileURLToPath(new URL('hooks/resource/niximage.generated.ts', root));

export async function generateTypes(): Promise<string> {
  const crd = parse(
    await readFile(new URL('metacontroller/manifests/crd/niximages.k8s.nixos.org.yaml', root), 'utf8'),
  );
  const schema = crd.spec.versions[0].schema.openAPIV3Schema;
  return await compile(closed(schema), 'NixImageResource', {
    additionalProperties: false,
    bannerComment: '/* Made from the CRD by `npm run generate`. Do not edit. */',
    style: { singleQuote: true, printWidth: 110 },
    ignoreMinAndMaxItems: true,
    format: true,
  });
}

/** The parts of a structural schema that say something about types. */
function closed(schema: Readonly<Record<string, unknown>>): JSONSchema {
  const { type, description, properties, items, required, enum: values, additionalProperties } = schema;
  if (schema['x-kubernetes-int-or-string'] === true)
    return { type: ['integer', 'string'], ...text(description) };
  return {
    ...(typeof type === 'string' ? { type: type as 'object' } : {}),
    ...text(description),
    ...(isObject(properties)
      ? {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, value]) => [name, isObject(value) ? closed(value) : {}]),
          ),
          additionalProperties: schema['x-kubernetes-preserve-unknown-fields'] === true,
        }
      : {}),
    ...(isObject(additionalProperties) ? { additionalProperties: closed(additionalProperties) } : {}),
    ...(isObject(items) ? { items: closed(items) } : {}),
    ...(Array.isArray(required) ? { required } : {}),
    ...(Array.isArray(values) ? { enum: values } : {}),
  };
}

function text(description: unknown): { description?: string } {
  return typeof description === 'string' ? { description } : {};
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

if (import.meta.main) {
  const generated = await generateTypes();
  if (!process.argv.includes('--check')) await writeFile(target, generated);
  else if ((await readFile(target, 'utf8')) !== generated) {
    console.error('hooks/resource/niximage.generated.ts is not what the CRD says; run `npm run generate`');
    process.exitCode = 1;
  }
}
