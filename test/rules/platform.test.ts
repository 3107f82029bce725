import { architectureDiffers } from '../../src/rules/platform/architecture-differs.ts';
import { clockSkew } from '../../src/rules/platform/clock-skew.ts';
import { collationVersionDiffers } from '../../src/rules/platform/collation-version-differs.ts';
import { compressionNotBuiltIn } from '../../src/rules/platform/compression-not-built-in.ts';
import { localeMissing } from '../../src/rules/platform/locale-missing.ts';
import { unseen } from '../../src/facts/observed.ts';
import type { Database } from '../../src/facts/primary.ts';
import type { LocalPlatform } from '../../src/facts/machine.ts';
import { testRule } from './rule-tester.ts';
import { aControlFile, healthyStandby } from './standby-world.ts';
import { aPrimary, someSettings } from './world.ts';

const database = (change: Partial<Database> = {}): readonly Database[] => [
  {
    name: 'shop',
    bytes: 1n,
    encoding: 'UTF8',
    collate: 'en_US.UTF-8',
    ctype: 'en_US.UTF-8',
    localeProvider: 'libc',
    collationVersion: '2.36',
    ...change,
  },
];
const platform = (change: Partial<LocalPlatform>): { readonly localPlatform: LocalPlatform } => ({
  localPlatform: { architecture: 'x64', locales: ['C', 'POSIX'], libcVersion: '2.36', compression: [], ...change },
});

testRule(architectureDiffers, {
  passes: [{ name: 'one machine', facts: { primary: aPrimary({ sameMachine: true, platform: undefined }) } }],
  fails: [
    {
      name: 'another byte order',
      facts: { primary: aPrimary({ platform: 's390x-ibm-linux-gnu' }) },
      severity: 'error',
    },
    { name: 'another word size', facts: platform({ architecture: 'ia32' }), severity: 'error', message: /32 bits/ },
    {
      name: 'built for 32 bits where the machine is of 64',
      facts: { primary: aPrimary({ wordSize: 32 }) },
      severity: 'error',
      message: /x86-64 \(32 bits/,
    },
    {
      name: 'ARM',
      facts: { primary: aPrimary({ platform: 'aarch64-unknown-linux-gnu' }) },
      severity: 'warning',
      message: /char is signed/,
    },
  ],
  unexamined: [
    { name: 'not shown', facts: { primary: aPrimary({ platform: undefined }) } },
    { name: 'unheard of', facts: { primary: aPrimary({ platform: 'vax-dec-ultrix' }) } },
    { name: 'no primary', facts: { primary: unseen('connection', 'connection refused') }, because: /refused/ },
  ],
});

testRule(
  architectureDiffers,
  {
    passes: [
      {
        name: 'only the files are seen',
        facts: { primary: unseen('connection', 'connection refused') },
        because: /pg_control/,
      },
    ],
    fails: [
      {
        name: 'the files of another byte order',
        facts: { controlFile: aControlFile({ byteOrder: 'big' }) },
        message: /big-endian/,
      },
      { name: 'another alignment', facts: { controlFile: aControlFile({ maxAlign: 4 }) }, message: /alignment: 4/ },
      {
        name: 'other numbers',
        facts: { controlFile: aControlFile({ floatFormatIsIeee: false }) },
        message: /IEEE 754/,
      },
    ],
  },
  healthyStandby,
);

testRule(clockSkew, {
  passes: [
    { name: 'a slow round trip explains it', facts: { serverClock: { offsetMs: -4_000, uncertaintyMs: 3_000 } } },
  ],
  fails: [
    {
      name: 'ahead',
      facts: { serverClock: { offsetMs: 90_000, uncertaintyMs: 1 } },
      severity: 'warning',
      message: /90 s .* ahead of/,
    },
    { name: 'behind', facts: { serverClock: { offsetMs: -2_500, uncertaintyMs: 1 } }, message: /behind/ },
  ],
});

testRule(collationVersionDiffers, {
  passes: [
    {
      name: 'C',
      facts: {
        databases: database({ collate: 'C', collationVersion: undefined }),
        ...platform({ libcVersion: undefined }),
      },
      because: /no database depends/,
    },
    { name: 'builtin', facts: { databases: database({ localeProvider: 'builtin', collationVersion: '1' }) } },
  ],
  fails: [
    {
      name: 'an older C library here',
      facts: platform({ libcVersion: '2.28' }),
      severity: 'warning',
      message: /2\.36, but the server on this machine uses 2\.28/,
    },
  ],
  unexamined: [
    {
      name: 'not recorded before 15',
      facts: { databases: database({ collationVersion: undefined }) },
      because: /since PostgreSQL 15/,
    },
    { name: 'ICU', facts: { databases: database({ localeProvider: 'icu', collationVersion: '153.14' }) } },
    { name: 'no glibc', facts: platform({ libcVersion: undefined }) },
  ],
});

testRule(localeMissing, {
  passes: [
    {
      name: 'written otherwise',
      facts: {
        databases: database({ collate: 'en_US.utf8', ctype: 'en_US.UTF8' }),
        ...platform({ locales: ['en_US.utf8'] }),
      },
    },
    {
      name: 'an ISO codeset',
      facts: {
        databases: database({ collate: 'de_DE.ISO-8859-15@euro', ctype: 'C' }),
        ...platform({ locales: ['de_DE.iso885915@euro'] }),
      },
    },
    { name: 'C alone', facts: { databases: database({ collate: 'C', ctype: 'POSIX' }) }, because: /always exist/ },
    { name: 'one machine', facts: { primary: aPrimary({ sameMachine: true }), ...platform({}) } },
  ],
  fails: [
    {
      name: 'missing',
      facts: platform({}),
      severity: 'error',
      message: /uses en_US\.UTF-8, which is not installed on this machine/,
      steps: [
        'As root: localedef -i en_US -f UTF-8 en_US.UTF-8 (Debian, Ubuntu: or locale-gen after a line in /etc/locale.gen; RPM systems: dnf install glibc-langpack-en).',
      ],
    },
  ],
  unexamined: [{ name: 'no list', facts: platform({ locales: undefined }) }],
});

testRule(compressionNotBuiltIn, {
  passes: [
    { name: 'pglz', facts: { primarySettings: someSettings({ wal_compression: 'pglz' }) } },
    {
      name: 'built in',
      facts: { primarySettings: someSettings({ wal_compression: 'lz4' }), ...platform({ compression: ['lz4'] }) },
    },
  ],
  fails: [
    {
      name: 'not built in',
      facts: { primarySettings: someSettings({ wal_compression: 'zstd' }), ...platform({ compression: ['lz4'] }) },
      severity: 'error',
    },
  ],
  notApplicable: [
    {
      name: 'no server here',
      facts: { primarySettings: someSettings({ wal_compression: 'zstd' }), ...platform({ compression: undefined }) },
    },
  ],
  unexamined: [{ name: 'not shown', facts: { primarySettings: someSettings({ wal_compression: undefined }) } }],
});
