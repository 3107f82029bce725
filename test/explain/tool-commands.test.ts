import { describe, expect, it } from 'vitest';

import { answers } from '../../src/explain/answers.ts';
import { answersOfToolLines } from '../../src/explain/tool-lines/table.ts';

/**
 * What --help lists: repmgr 5.3.3 (5.5 has them all), pg_autoctl 2.0, patronictl 3.0.2, Barman 3.4.0 with its aliases,
 * pgBackRest 2.45.
 */
const known: Readonly<Record<string, RegExp>> = {
  pg_autoctl:
    /^(?:create (?:monitor|postgres|coordinator|worker|formation)|drop (?:monitor|node|formation)|config (?:check|get|set)|show (?:uri|events|state|settings|standby-names|file|systemd)|(?:enable|disable) (?:secondary|maintenance|ssl|monitor)|get (?:node|formation)|set (?:node|formation)|perform (?:failover|switchover|promotion)|activate|run|stop|reload|status|help|version)\b/u,
  repmgr:
    /^(?:primary (?:register|unregister)|standby (?:clone|register|unregister|promote|follow|switchover)|witness (?:register|unregister)|node (?:status|check|rejoin|service|control)|cluster (?:show|matrix|crosscheck|event|cleanup)|service (?:status|pause|unpause)|daemon (?:start|stop))\b|^(?:standby|node|cluster)$/u,
  patronictl:
    /^(?:dsn|edit-config|failover|flush|history|list|pause|query|reinit|reload|remove|restart|resume|show-config|switchover|topology|version)\b/u,
  barman:
    /^(?:archive-wal|backup|check|check-backup|check-wal-archive|cron|delete|diagnose|generate-manifest|get-wal|keep|list-backups?|list-files|list-servers?|put-wal|rebuild-xlogdb|receive-wal|recover|replication-status|show-backups?|show-servers?|status|switch-wal|switch-xlog|sync-backup|sync-info|sync-wals|verify-backup)\b|^<command>/u,
  pgbackrest:
    /^(?:annotate|archive-get|archive-push|backup|check|expire|help|info|repo-get|repo-ls|restore|server|server-ping|stanza-create|stanza-delete|stanza-upgrade|start|stop|verify|version)\b/u,
};

/** Of one tool, without the options before the subcommand. */
const calls = (tool: string, command: string): readonly string[] =>
  [
    ...command.matchAll(new RegExp(String.raw`(?:^|[;|&("] *|\$\(|sudo (?:-u \w+ )?|-- )${tool} ([^;|&)"]+)`, 'gu')),
  ].map(([, rest = '']) =>
    rest
      .replaceAll(/(?:^| )(?:-[hUdpfc] \S+|-[a-zA-Z]+|--[\w-]+(?:=\S+| <[^>]+>)?)(?= |$)/gu, ' ')
      .replaceAll(/\s+/gu, ' ')
      .trim(),
  );

const checks = [...answers.all, ...answersOfToolLines].flatMap(({ id, of, causes = [] }) =>
  causes.flatMap(({ check }) => (check === undefined ? [] : [{ name: id ?? of?.[0] ?? '', check }])),
);

describe('a command that connects', () => {
  it('names the port of the text where it names its host', () => {
    expect(checks.filter(({ check }) => check.includes('{server') && check.includes('<port>'))).toEqual([]);
  });
});

describe('a command of a tool that is to be typed', () => {
  it.each(Object.entries(known))('is one that it has: %s', (tool, subcommands) => {
    const typed = checks.flatMap(({ name, check }) => calls(tool, check).map((call) => ({ name, call })));
    expect(typed.length).toBeGreaterThan(5);
    expect(typed.filter(({ call }) => call !== '' && !subcommands.test(call))).toEqual([]);
  });

  // it ends with an error where PGDATA is not set
  it('of pg_autoctl says of which directory', () => {
    const open = checks.filter(({ check }) =>
      [...check.matchAll(/pg_autoctl (?:show|config|status|drop|reload|stop) [^;|&)]*/gu)].some(
        ([call]) => !/--pgdata|--monitor/u.test(call),
      ),
    );
    expect(open).toEqual([]);
  });
});
