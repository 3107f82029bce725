import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { formatConninfo } from '../../src/postgres/conninfo-format.ts';
import { parseConninfo } from '../../src/postgres/conninfo.ts';
import { asTyped } from '../../src/remedies/typed-conninfo.ts';

const valuesIn = (text: string): Readonly<Record<string, string | undefined>> => {
  const parsed = parseConninfo(text);
  if (!parsed.ok) throw new Error(text);
  return Object.fromEntries(Object.entries(parsed.value.values).map(([name, value]) => [name, value?.toString()]));
};

describe('primary_conninfo as typed', () => {
  it('has nothing of what pg_basebackup -R writes of the defaults', () =>
    expect(
      asTyped(
        "user=rep password=*** passfile='/srv/.pgpass' channel_binding=prefer host=127.0.0.1 port=5432 sslmode=prefer sslnegotiation=postgres sslcompression=0 sslcertmode=allow sslsni=1 ssl_min_protocol_version=TLSv1.2 gssencmode=prefer krbsrvname=postgres gssdelegation=0 target_session_attrs=any load_balance_hosts=disable",
      ),
    ).toBe('user=rep passfile=/srv/.pgpass host=127.0.0.1 port=5432'));

  it('keeps what is not the default', () =>
    expect(asTyped('host=db1 sslmode=verify-full gssencmode=disable target_session_attrs=read-write')).toBe(
      'host=db1 sslmode=verify-full gssencmode=disable target_session_attrs=read-write',
    ));

  it('keeps a default that a service file could say otherwise', () =>
    expect(asTyped('service=db sslmode=prefer password=***')).toBe('service=db sslmode=prefer'));

  it('leaves a URI as it is', () =>
    expect(asTyped('postgresql://rep:***@db1:5432/?sslmode=prefer')).toBe('postgresql://rep@db1:5432/?sslmode=prefer'));

  it('means the same, whatever the values are', () =>
    fc.assert(
      fc.property(
        fc.record({
          host: fc.string({ minLength: 1 }).filter((text) => !text.includes('://') && !text.includes('\0')),
          user: fc.stringMatching(/^[\w '\\"$-]{1,20}$/u),
          application_name: fc.stringMatching(/^[\w '\\"$/.:-]{1,20}$/u).filter((text) => !text.includes('://')),
        }),
        (values) => {
          expect(valuesIn(asTyped(formatConninfo({ ...values, sslmode: 'prefer' })))).toEqual(
            valuesIn(formatConninfo(values)),
          );
        },
      ),
    ));
});
