import { expect, it } from 'vitest';

import { localHost } from '../../src/hosts/local.ts';
import { resolveConnection } from '../../src/servers/resolve-connection.ts';

const keywords = ['sslrootcert', 'sslcert', 'sslkey', 'sslcrl'] as const;

const planOf = async (keyword: string, path: string) => {
  const host = { ...localHost(), environment: { HOME: '/home/anna' } };
  const given = { conninfo: `host=db1 ${keyword}=${path}`, host: undefined, port: undefined, user: undefined };
  const found = await resolveConnection(host, given, { replication: true });
  if (!found.ok) throw new Error(found.message);
  return found.connection.plan;
};

it.each(keywords.flatMap((keyword) => ['', '/data/'].map((before) => [keyword, before] as const)))(
  'only a shell expands "~" in %s, behind "%s"',
  async (keyword, before) => {
    const { meantFiles } = await planOf(keyword, `${before}~/a/b.pem`);
    expect(meantFiles).toEqual({ [keyword]: '/home/anna/a/b.pem' });
  },
);

it.each(
  keywords.flatMap((keyword) => ['/a/b.pem', 'b.pem', 'a~/b.pem', '/a/b~'].map((path) => [keyword, path] as const)),
)('%s=%s is what it says', async (keyword, path) => {
  const { meantFiles } = await planOf(keyword, path);
  expect(meantFiles).toBeUndefined();
});

it('is one mechanism with the password file', async () => {
  const { password } = await planOf('passfile', '~/pass');
  expect(password.passfile.meant?.path).toBe('/home/anna/pass');
});
