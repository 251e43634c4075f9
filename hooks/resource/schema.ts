import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** A structural schema: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema */
export interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly default?: unknown;
  readonly [keyword: string]: unknown;
}

const file = new URL('../../metacontroller/manifests/crd/niximages.k8s.nixos.org.yaml', import.meta.url);

/** The custom resource's definition, as `kubectl apply` gets it. */
export function readDefinition(): unknown {
  return parse(readFileSync(file, 'utf8'));
}

/** The schema of version v1, from the definition itself: nothing else says what a NixImage may hold. */
export function readSchema(): Schema {
  // The definition is the project's own file; a test applies it to a real API server.
  const definition = readDefinition() as { spec: { versions: { schema: { openAPIV3Schema: Schema } }[] } };
  const version = definition.spec.versions[0];
  if (version === undefined) throw new Error(`${file.pathname} has no version`);
  return version.schema.openAPIV3Schema;
}

/** The same with unknown fields refused: the API server prunes them, and a person has misspelt them. */
export function withoutUnknown(schema: Schema): Schema {
  const { properties, items } = schema;
  return {
    ...schema,
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, each]) => [name, withoutUnknown(each)]),
          ),
          additionalProperties: schema['x-kubernetes-preserve-unknown-fields'] === true,
        }),
    ...(items === undefined ? {} : { items: withoutUnknown(items) }),
  };
}
