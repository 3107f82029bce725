import { expect, it } from 'vitest';

import { catalogue } from '../src/rules/catalogue.ts';

/** A page by its title and address, that of the manual with its stable anchor where it has one. */
const page =
  /^[^:]+: https:\/\/(?:www\.postgresql\.org\/(?:docs\/(?:current|\d\d)\/[a-z0-9-]+\.html(?:#[A-Z0-9-]+)?|support\/versioning\/)|www\.pgbouncer\.org\/[a-z.]+|wiki\.postgresql\.org\/wiki\/\w+|repmgr\.org\/docs\/current\/[a-z-]+\.html|patroni\.readthedocs\.io\/en\/latest\/[a-z_]+\.html)$/u;
/** A file of PostgreSQL's source, and the functions. */
const source = /^src\/[\w/-]+\.[chly]: \w+(?:\(\))?(?:, \w+(?:\(\))?)*$/u;
/** A page of the system's manual. */
/** Of what is standbylint's own. */
const ownPage = /^docs\/[a-z]+\.md$/u;
const systemPage = /^[a-z_]+\(\d\)$/u;

it.each(catalogue.map(({ id, docs }) => ({ id, references: docs.references })))(
  'the references of $id have one form',
  ({ references }) => {
    expect(references.length).toBeGreaterThan(0);
    expect(references.filter((text) => ![page, source, systemPage, ownPage].some((form) => form.test(text)))).toEqual(
      [],
    );
    // sections are numbered differently in each release
    expect(references.join('\n')).not.toMatch(/\bsection\b|\bappendix\b|\b\d+\.\d+\.\d/u);
  },
);
