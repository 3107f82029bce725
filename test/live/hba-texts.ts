import type { HbaConnection } from '../../src/postgres/hba-connection.ts';
import { networkInterfaces } from 'node:os';

import * as fc from 'fast-check';

/** The files that generated lines may include, beside pg_hba.conf. */
export const includedFiles: Readonly<Record<string, string>> = {
  hba_names: 'app, "with space" # both\nreplicator\n+grp',
  hba_empty: '# nothing\n',
  hba_nested: 'x @hba_names',
  hba_lines: 'local all included trust\nhost all\nhost all all @hba_empty 10.0.0.0/8 trust',
  hba_loop: 'include hba_loop',
  'hba_dir/b.conf': 'local all b trust',
  'hba_dir/a.conf': 'include ../hba_lines\nlocal all a trust',
  'hba_dir/.no.conf': 'nonsense',
  'hba_dir/no.txt': 'nonsense',
};

/** The text of a pg_hba.conf: lines that are well-formed, nearly so, and not at all. */
export function anyHbaText(serverVersion: number): fc.Arbitrary<string> {
  const line = fc.oneof(
    { weight: 8, arbitrary: anyUsableLine(serverVersion) },
    {
      weight: 10,
      arbitrary: fc
        .tuple(anyColumns(), anySeparators())
        .map(([columns, gaps]) => columns.map((column, index) => `${column}${gaps[index] ?? ' '}`).join('')),
    },
    { weight: 1, arbitrary: fc.string().filter((text) => !/[\0\n]/.test(text)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '',
        '# note',
        '# note \\',
        '\\',
        '\\\\',
        `local all ${'x,'.repeat(10_240)} trust`,
        `local all ${'y'.repeat(11_000)} trust`,
      ),
    },
  );
  const end = fc.constantFrom('\n', '\n', '\n', '\r\n');
  return fc.array(fc.tuple(line, end), { minLength: 1, maxLength: 25 }).map((lines) => lines.flat().join(''));
}

/** A line that the server takes, about the logins of {@link anyLogin}; its method is trust or reject. */
export function anyUsableLine(serverVersion: number): fc.Arbitrary<string> {
  const regexes = serverVersion >= 16 ? '/^rep  "/[A-Z] C"  "/^/x\\.y$"  "/^.{3,5}$"  /^(all|chief)$' : '';
  const database = fc.oneof(
    { weight: 2, arbitrary: oneOf('replication  all  all,replication') },
    {
      weight: 1,
      arbitrary: oneOf(`"replication"  sameuser  samerole  samegroup  "all"  grp,replicator  postgres  ${regexes}`),
    },
  );
  const user = fc.oneof(
    { weight: 2, arbitrary: oneOf('all  all  @hba_names') },
    {
      weight: 3,
      arbitrary: oneOf(
        `replicator  "Mixed Case"  +grp  "+grp"  +mid  +replicator  +nobody  "all"  Replicator  chief,"/x.y"  nobody  ${regexes}`,
      ),
    },
  );
  const address =
    oneOf(`all  samehost  samenet  localhost  LocalHost  .host  127.0.0.0/8  127.0.0.1/32  127.0.0.2/32  127.0.0.2 255.0.0.255
    0.0.0.0/0  10.0.0.0/8  ::/0  ::1/128  ::ffff:127.0.0.1/128`);
  const method = oneOf('trust  reject  reject');
  const tcp = oneOf('host  host  hostssl  hostnossl  hostgssenc  hostnogssenc');
  return fc
    .oneof(
      { weight: 1, arbitrary: fc.tuple(fc.constant('local'), database, user, method) },
      { weight: 4, arbitrary: fc.tuple(tcp, database, user, address, method) },
    )
    .map((columns) => columns.join(' '));
}

export type Login = Pick<HbaConnection, 'kind' | 'database' | 'user' | 'encryption'> & { readonly address: string };

const hasIpv6 = Object.values(networkInterfaces()).some(
  (addresses) => addresses?.some(({ address }) => address === '::1') === true,
);

/** Where logins come from: addresses of this machine, as far as it has them, and the Unix socket. */
export const clientAddresses: readonly string[] = ['127.0.0.1', '127.0.0.2', 'local', ...(hasIpv6 ? ['::1'] : [])];

export function anyLogin(): fc.Arbitrary<Login> {
  return fc.constantFrom(...clientAddresses).chain((address) =>
    fc.record({
      kind: fc.constantFrom('physical-replication', 'physical-replication', 'database'),
      database: oneOf('grp  replicator  replication  postgres'),
      user: oneOf('replicator  replicator  Mixed Case  all  +grp  /x.y  chief  nobody'),
      encryption: address === 'local' ? fc.constant('none') : fc.constantFrom('none', 'tls'),
      address: fc.constant(address),
    } as const),
  );
}

/** Columns whose values may be wrong, too many or too few. */
function anyColumns(): fc.Arbitrary<readonly string[]> {
  return fc.oneof(
    { weight: 8, arbitrary: fc.tuple(types, names, names, addresses, methods, options) },
    { weight: 2, arbitrary: fc.array(fc.oneof(types, names, addresses, methods), { maxLength: 6 }) },
    { weight: 1, arbitrary: fc.tuple(oneOf('include  include_if_exists  "include"'), files) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('include_dir'), oneOf('hba_dir  ./hba_dir/  hba_none  " "')) },
  );
}

function anySeparators(): fc.Arbitrary<readonly string[]> {
  return fc.array(fc.constantFrom(' ', ' ', ' ', ' ', '\t', '  ', ' \\\n ', '\\\n', ' # ', ' , ', '\r'), {
    minLength: 6,
    maxLength: 6,
  });
}

const types = oneOf('local  host  host  hostssl  hostnossl  hostgssenc  hostnogssenc  "host"  Host  host,local');

const names = fc
  .array(
    oneOf(`all  replication  "replication"  sameuser  samerole  samegroup  app  "with space"  "a""b"  a"b c"d  ""  +grp  "+grp"  +"grp"  Ünïcode
      @hba_names  @hba_empty  @hba_nested  @hba_none  @  "@x"  @"hba_names"  @hba_loop  "unclosed
      /^rep  "/^a,b"  /(  /)  /a{1  /[a  /*  /a{2,1}  /\\q  /[b-a]  /[[:no:]]  /^(a|b)+?$  /a**  /x{  /a{1,x}  /[a-  /[]a]  /(?:a)  /a|*`),
    { minLength: 1, maxLength: 3 },
  )
  .map((list) => list.join(','));

const bits = fc.integer({ min: -1, max: 130 });

const addresses = fc.oneof(
  oneOf(
    'all  samehost  samenet  "all"  localhost  .example.com  10.0.0.0/8  10.0.0.0/33  10.0.0.0/  /8  10.0.0.0/ 8  "10.0.0.0/ +8"  a/8  all,samenet',
  ),
  oneOf(`10.1 255.0.0.0  127.1/8  0x7f.1/32  010.1.2.3/32  08.1.1.1/8  10.0.0.0 255.0.255.0  10.0.0.0  10.0.0.0 x  10.0.0.0 ::  ::1 ffff::
    1.2.3.4/32/1  1.2.3.256/8`),
  oneOf(`::1/128  ::/0  ::1.2.3.4/120  ::ffff:10.0.0.1/128  fe80::1%lo/64  fe80::1%3/64  2001:db8::1%lo  1::2::3/64  :::/0
    2001:DB8:0:0:1::/80  1:0:0:2::5/64  ::1.2.3.04/128`),
  fc.tuple(fc.ipV4Extended(), bits).map(([address, length]) => `${address}/${length}`),
  fc.tuple(fc.ipV6(), bits).map(([address, length]) => `${address}/${length}`),
  fc.tuple(fc.ipV4(), fc.ipV4()).map((pair) => pair.join(' ')),
  fc.tuple(fc.ipV6(), fc.ipV6()).map((pair) => pair.join(' ')),
);

const methods =
  oneOf(`trust  reject  md5  scram-sha-256  password  peer  ident  gss  pam  cert  ldap  radius  bsd  sspi  oauth
  MD5  trust,md5  "trust"  implicit`);

const options = fc.oneof(
  fc.constant(''),
  oneOf(`map=x  x  x=1  clientcert=verify-full  clientcert=verify-ca  clientcert=1  clientcert=no-verify  clientcert=x  clientname=DN  clientname=x
    include_realm=0  krb_realm=X  pamservice=x  compat_realm=1  ldapbasedn=x  ldapprefix=x ldapbasedn=y  ldapsuffix=x  ldapport=x
    ldapbasedn=x ldapsearchattribute=a ldapsearchfilter=b  radiusservers=::1  radiusservers=::1 radiussecrets=x
    radiusservers="::1,::1" radiussecrets=x radiusports="1,2,3"  scope=x  issuer=x  validator=x`),
);

const files = oneOf('hba_lines  hba_none  hba_empty  hba_loop  ./hba_dir/../hba_lines  " "  @hba_names  hba_lines,x');

/** One of the words, which two blanks or a line break keep apart. */
function oneOf(words: string): fc.Arbitrary<string> {
  return fc.constantFrom(...words.trim().split(/ {2,}|\n\s*/));
}
