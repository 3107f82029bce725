import { at, manual, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass, unexamined } from '../rule.ts';

export const architectureDiffers = defineRule({
  id: 'platform/architecture-differs',
  title: 'This machine is of another architecture than the primary',
  severity: 'error',
  provenBy: 'streaming',
  commands: ['preflight', 'clone'],
  needs: ['primary', 'localPlatform'],
  docs: {
    what: "Compares the primary's architecture (version()) with this machine's: byte order and word size, which decide how data lies in the files, and the signedness of `char`.",
    why: 'A data directory is an image of memory. A server of another byte order or word size refuses it, or reads nonsense.',
    notes:
      'Between x86-64 and ARM a copy starts and mostly works, but `char` is signed on one and not on the other, which changes the order in some indexes (pg_trgm): a warning.',
    references: [
      'PostgreSQL manual, section 26.2.1, Planning',
      'catalog/pg_control.h',
      'PostgreSQL 18 release notes: default_char_signedness',
    ],
  },
  judge({ primary, localPlatform: { architecture } }) {
    if (primary.sameMachine) return pass(`the primary runs on this machine (${architecture})`);
    if (primary.platform === undefined)
      return unexamined({
        kind: 'not-asked',
        because: "a replication connection does not show the primary's architecture",
        remedy: 'add --admin CONNINFO',
      });
    const there = kindOf(primary.platform.split('-')[0] ?? '');
    const here = kindOf(architecture);
    if (there === undefined || here === undefined)
      return unexamined({
        kind: 'tool',
        because: `standbylint does not know how ${primary.platform} and ${architecture} compare`,
      });
    if (there.name === here.name) return pass(`both are ${here.name}`);
    const seen = [
      evidence('primary', `${primary.platform} (${words(there)})`, 'version()'),
      evidence('here', `${architecture} (${words(here)})`, 'this host'),
    ];
    const where = at('client');
    if (there.bits !== here.bits || there.order !== here.order)
      return fail({
        message: `The primary runs on ${there.name} (${words(there)}), and this machine is ${here.name} (${words(here)}): a server here cannot use its files.`,
        where,
        evidence: seen,
        remedy: safe(
          'Make the standby on a machine of the same architecture.',
          manual('client', `Use a ${there.name} machine, or logical replication, which does not copy files.`),
        ),
      });
    return fail({
      severity: 'warning',
      message: `The primary runs on ${there.name} and this machine is ${here.name}. The files fit, but PostgreSQL does not promise that it works: ${there.signed === here.signed ? 'test it' : 'char is signed on one only, which changes the order in some indexes'}.`,
      where,
      evidence: seen,
      remedy: safe(
        'Make the standby on a machine of the same architecture.',
        manual('client', `Use a ${there.name} machine.`),
      ),
    });
  },
});

interface Kind {
  readonly name: string;
  readonly bits: 32 | 64;
  readonly order: 'little' | 'big';
  /** Whether C's `char` is signed by default. */
  readonly signed: boolean;
}

const words = ({ bits, order }: Kind): string => `${bits} bits, ${order}-endian`;

/** By the names of config.guess and of Node.js (process.arch). */
function kindOf(name: string): Kind | undefined {
  const found = kinds.find(([pattern]) => pattern.test(name));
  return found?.[1];
}

const kinds: readonly (readonly [RegExp, Kind])[] = [
  [/^(?:x86_64|amd64|x64)$/, { name: 'x86-64', bits: 64, order: 'little', signed: true }],
  [/^(?:aarch64|arm64)$/, { name: 'ARM 64', bits: 64, order: 'little', signed: false }],
  [/^(?:i[3-6]86|ia32)$/, { name: 'x86', bits: 32, order: 'little', signed: true }],
  [/^arm(?:v\d.*|hf|el)?$/, { name: 'ARM 32', bits: 32, order: 'little', signed: false }],
  [/^(?:powerpc64le|ppc64le|ppc64)$/, { name: 'POWER (little-endian)', bits: 64, order: 'little', signed: false }],
  [/^powerpc64$/, { name: 'POWER', bits: 64, order: 'big', signed: false }],
  [/^s390x$/, { name: 's390x', bits: 64, order: 'big', signed: false }],
  [/^riscv64$/, { name: 'RISC-V', bits: 64, order: 'little', signed: false }],
  [/^(?:loongarch64|loong64)$/, { name: 'LoongArch', bits: 64, order: 'little', signed: true }],
];
