/** A part of the CRD's schema, as far as it is looked at here. */
export interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly enum?: readonly string[];
  readonly default?: string | number | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly 'x-kubernetes-int-or-string'?: boolean;
}

/** A field of the manifest that has none below it. */
export interface Parameter {
  /** Below `data`, lists left out: `sources.git.url`. */
  readonly path: string;
  /** What it may be, in a few words. */
  readonly rule: string;
}

const choices = new Intl.ListFormat('en-GB', { type: 'disjunction' });

/** All parameters of a schema, in its order. */
export function parameters(schema: Schema, path = '', entries?: number): Parameter[] {
  if (schema.items !== undefined && schema.type === 'array')
    return parameters(schema.items, path, schema.maxItems ?? Number.POSITIVE_INFINITY);
  if (schema.properties === undefined) return [{ path, rule: ruleOf(schema, entries) }];
  return Object.entries(schema.properties).flatMap(([name, each]) =>
    parameters(each, path === '' ? name : `${path}.${name}`),
  );
}

function ruleOf(schema: Schema, entries: number | undefined): string {
  const rule = typeOf(schema) + rangeOf(schema);
  const whole = entries === undefined ? rule : `list of ${rule}; at most ${count(entries)}`;
  return schema.default === undefined ? whole : `${whole}; default \`${schema.default}\``;
}

function typeOf(schema: Schema): string {
  if (schema['x-kubernetes-int-or-string'] === true) return 'number or text';
  if (schema.enum !== undefined) return choices.format(schema.enum.map((value) => `\`${value}\``));
  switch (schema.type) {
    case 'string':
      return 'text';
    case 'integer':
      return 'number';
    case 'boolean':
      return '`true` or `false`';
    default:
      return schema.additionalProperties === undefined
        ? 'object'
        : `map of ${typeOf(schema.additionalProperties)}`;
  }
}

function rangeOf({ minimum, maximum, maxLength, enum: values }: Schema): string {
  if (minimum !== undefined && maximum !== undefined) return `, ${count(minimum)} to ${count(maximum)}`;
  if (minimum !== undefined) return `, ${count(minimum)} or more`;
  return maxLength === undefined || values !== undefined ? '' : `, up to ${count(maxLength)} characters`;
}

function count(value: number): string {
  return value.toLocaleString('en');
}
