import { describe, expect, it } from 'vitest';

import type { HbaMethod, HbaType } from '../../src/postgres/hba-line.ts';
import { parseHbaOptions } from '../../src/postgres/hba-options.ts';
import { mask } from '../../src/postgres/secret.ts';

const parse = (type: HbaType, method: HbaMethod, words: string, version: number) =>
  parseHbaOptions(
    type,
    method,
    words.split(' ').map((text) => ({ text, quoted: false })),
    version,
  );
const unknown = (name: string): string => `unrecognized authentication option name: "${name}"`;
const only = (name: string, methods: string): string =>
  `authentication option "${name}" is only valid for authentication methods ${methods}`;
const requires = (method: string, name: string): string =>
  `authentication method "${method}" requires argument "${name}" to be set`;
const count = (called: string, entries: number, servers: number): string =>
  `the number of RADIUS ${called} (${entries}) must be 1 or the same as the number of RADIUS servers (${servers})`;

const notForAll = 'ident, peer, gssapi, sspi, and cert';
const searches = 'ldapbasedn, ldapbinddn, ldapbindpasswd, ldapsearchattribute, ldapsearchfilter';

describe('options behind the method of a line', () => {
  it.each<readonly [HbaType, HbaMethod, string, number]>([
    ['local', 'peer', 'map=m', 13],
    ['host', 'oauth', 'issuer=i scope=s map=m', 18],
    ['hostssl', 'cert', 'map=m clientcert=verify-full clientname=DN', 15],
    ['hostssl', 'scram-sha-256', 'clientname=CN', 14],
    ['hostssl', 'md5', 'clientcert=1', 13],
    ['hostssl', 'md5', 'clientcert=verify-ca', 13],
    ['hostssl', 'md5', 'clientcert=0', 13],
    ['hostssl', 'md5', 'clientcert=verify-ca', 14],
    ['host', 'gss', 'include_realm=0 krb_realm=R', 15],
    ['host', 'sspi', 'krb_realm=R compat_realm=1 upn_username=1', 15],
    ['host', 'pam', 'pamservice=p pam_use_hostname=1', 15],
    ['host', 'ldap', 'ldapurl=ldap://l', 15],
    ['host', 'ldap', 'ldapserver=l ldapport=389 ldapprefix=cn= ldapsuffix=,dc=x', 15],
    ['host', 'ldap', 'ldapserver=l ldapbasedn=dc=x ldapsearchattribute=uid', 15],
    ['host', 'radius', 'radiusservers=a,b radiussecrets=x radiusports=1812,1813 radiusidentifiers=p', 15],
  ])('%s %s %s, on %i', (type, method, words, version) => {
    const parsed = parse(type, method, words, version);
    expect(parsed.kind).toBe('options');
    if (parsed.kind === 'options')
      expect(parsed.options.map(({ name }) => name)).toEqual(words.split(' ').map((word) => word.split('=')[0]));
  });

  it('show no secret, also of a line that is broken', () => {
    expect(parse('host', 'ldap', 'ldapserver=l ldapbasedn=dc=x ldapbindpasswd=hidden', 15)).toMatchObject({
      options: [{}, {}, { name: 'ldapbindpasswd', value: mask }],
    });
    expect(parse('host', 'ldap', 'ldapserver=l ldapbindpasswd=two words', 15)).toEqual({
      kind: 'broken',
      error: `authentication option not in name=value format: ${mask}`,
    });
    expect(parse('host', 'ldap', 'ldapbindpasswd=two wor=ds', 15)).toEqual({ kind: 'broken', error: unknown(mask) });
  });

  it.each<readonly [HbaType, HbaMethod, string, number, string]>([
    ['host', 'md5', 'x', 15, 'authentication option not in name=value format: x'],
    ['host', 'md5', 'x=1', 15, unknown('x')],
    ['host', 'md5', 'issuer=i', 17, unknown('issuer')],
    ['hostssl', 'cert', 'clientname=DN', 13, unknown('clientname')],
    ['host', 'md5', 'map=m', 17, only('map', notForAll)],
    ['host', 'md5', 'map=m', 18, only('map', 'ident, peer, gssapi, sspi, cert, and oauth')],
    ['host', 'md5', 'issuer=i', 18, only('issuer', 'oauth')],
    ['host', 'md5', 'krb_realm=R', 15, only('krb_realm', 'gssapi and sspi')],
    ['host', 'md5', 'pamservice=p', 15, only('pamservice', 'pam')],
    ['host', 'cert', 'clientname=DN', 15, 'clientname can only be configured for "hostssl" rows'],
    ['hostssl', 'cert', 'clientname=OU', 15, 'invalid value for clientname: "OU"'],
    ['host', 'md5', 'clientcert=verify-full', 15, 'clientcert can only be configured for "hostssl" rows'],
    ['hostssl', 'md5', 'clientcert=1', 14, 'invalid value for clientcert: "1"'],
    ['hostssl', 'md5', 'clientcert=maybe', 13, 'invalid value for clientcert: "maybe"'],
    [
      'hostssl',
      'cert',
      'clientcert=no-verify',
      13,
      'clientcert cannot be set to "no-verify" when using "cert" authentication',
    ],
    [
      'hostssl',
      'cert',
      'clientcert=verify-ca',
      14,
      'clientcert can only be set to "verify-full" when using "cert" authentication',
    ],
    ['host', 'ldap', 'ldapserver=l ldapport=none', 15, 'invalid LDAP port number: "none"'],
    [
      'host',
      'ldap',
      'ldapserver=l',
      15,
      'authentication method "ldap" requires argument "ldapbasedn", "ldapprefix", or "ldapsuffix" to be set',
    ],
    ['host', 'ldap', 'ldapprefix=a ldapbasedn=b', 17, `cannot use ${searches}, or ldapurl together with ldapprefix`],
    ['host', 'ldap', 'ldapsuffix=a ldapbasedn=b', 18, 'cannot mix options for simple bind and search+bind modes'],
    [
      'host',
      'ldap',
      'ldapbasedn=b ldapsearchattribute=u ldapsearchfilter=f',
      15,
      'cannot use ldapsearchattribute together with ldapsearchfilter',
    ],
    ['host', 'radius', 'radiusservers=a', 15, requires('radius', 'radiussecrets')],
    ['host', 'radius', 'radiussecrets=a', 15, requires('radius', 'radiusservers')],
    ['host', 'radius', 'radiusservers=, radiussecrets=a', 15, 'list of RADIUS servers cannot be empty'],
    ['host', 'radius', 'radiusservers=a radiussecrets=,', 15, 'list of RADIUS secrets cannot be empty'],
    ['host', 'radius', 'radiusservers=a radiussecrets=x radiusports=0', 15, 'invalid RADIUS port number: "0"'],
    ['host', 'radius', 'radiusservers=a,b,c radiussecrets=x,y', 15, count('secrets', 2, 3)],
    ['host', 'radius', 'radiusservers=a radiussecrets=x radiusports=1,2', 15, count('ports', 2, 1)],
    ['host', 'radius', 'radiusservers=a radiussecrets=x radiusidentifiers=1,2', 15, count('identifiers', 2, 1)],
    ['host', 'oauth', 'issuer=i', 18, requires('oauth', 'scope')],
    ['host', 'oauth', 'scope=s', 18, requires('oauth', 'issuer')],
    [
      'host',
      'oauth',
      'issuer=i scope=s map=m delegate_ident_mapping=1',
      18,
      'map cannot be used in combination with delegate_ident_mapping',
    ],
  ])('%s %s %s, on %i, is broken', (type, method, words, version, error) => {
    expect(parse(type, method, words, version)).toEqual({ kind: 'broken', error });
  });
});
