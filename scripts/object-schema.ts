type OptionalKey<T> = { [K in keyof T]-?: object extends Pick<T, K> ? K : never }[keyof T];
type SchemaOf<Key extends PropertyKey> = { readonly [K in Key]: object };

/**
 * The schema of an interface, which is the one statement of its keys: a key that is missing, one more, or one that is
 * optional in one of the two alone does not compile. Others than these are refused.
 */
export function object<T extends object>(
  required: SchemaOf<Exclude<keyof T, OptionalKey<T>>>,
  ...[optional]: [OptionalKey<T>] extends [never] ? [] : [optional: SchemaOf<OptionalKey<T>>]
): object {
  const properties = { ...required, ...optional };
  return { type: 'object', properties, required: Object.keys(required), additionalProperties: false };
}

/** The schema of a union of texts: each of them, and no other, or it does not compile. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- a caller names the union
export const oneOf = <T extends string>(words: Readonly<Record<NoInfer<T>, true>>): object => ({
  enum: Object.keys(words),
});

export const orNull = (schema: object): object => ({ anyOf: [schema, { type: 'null' }] });

export const text = { type: 'string', minLength: 1 };
