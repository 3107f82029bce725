import { ifSeen } from '../../facts/observed.ts';
import type { HbaLine, HbaRule } from '../../postgres/hba-line.ts';
import { formatIpAddress, prefixLength } from '../../postgres/ip-address.ts';
import { manual, reload, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';

export const openToEveryone = defineRule({
  id: 'hba/open-to-everyone',
  title: 'pg_hba.conf allows replication from every address',
  severity: 'warning',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['hbaRules'],
  wants: ['primary', 'primaryControl'],
  docs: {
    what: 'Checks pg_hba.conf for lines that allow replication from 0.0.0.0/0, ::/0 or all.',
    why: 'A replication connection can read every byte of the cluster. One line per standby, with its address, is enough.',
    references: ['The pg_hba.conf File: https://www.postgresql.org/docs/current/auth-pg-hba-conf.html'],
  },
  judge({ hbaRules: rules, ...wanted }) {
    const open = rules.lines.filter(isOpen);
    const [first] = open;
    if (first === undefined)
      return pass(`no line of ${rules.file} allows replication from every address (${rules.lines.length} lines)`);
    const control = ifSeen(wanted.primaryControl);
    // of the same engine as the standby's: they are in a network of both
    const isInContainer = control?.kind === 'container' && control.name !== undefined;
    return fail({
      message: `Line ${first.line} of ${first.file} allows replication from every address that can reach this server.`,
      where: at('primary', ifSeen(wanted.primary)?.name, first.file, first.line),
      evidence: open.map((line) => evidence(`line ${line.line}`, line.text, line.file)),
      frame: {
        side: 'primary',
        file: first.file,
        lines: open.filter(({ file }) => file === first.file).map(({ line, text }) => ({ number: line, text })),
      },
      remedy: safe(
        isInContainer
          ? 'Allow only the networks of the container in this line.'
          : 'Replace this line with one line per standby, with its address.',
        manual(
          'primary',
          `In ${first.file}, line ${first.line}: replace ${addressOf(first)} with ${isInContainer ? 'samenet, the networks of this container: the address of a container changes with each start' : 'the address of the standby (for one IPv4 address: ADDRESS/32)'}.`,
        ),
        reload('primary'),
      ),
    });
  },
});

const isOpen = (line: HbaLine): line is HbaRule =>
  line.kind === 'rule' &&
  line.method !== 'reject' &&
  line.databases.some(({ text, quoted }) => text === 'replication' && quoted !== true) &&
  (line.address.kind === 'all' || (line.address.kind === 'network' && prefixLength(line.address.netmask) === 0));

const addressOf = ({ address }: HbaRule): string =>
  address.kind === 'network' ? `${formatIpAddress(address.address)}/0` : 'all';
